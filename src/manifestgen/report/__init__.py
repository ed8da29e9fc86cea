"""What the program tells: findings in each format, and what a render did, as text for the caller to print."""
