"""What to check and to do about each alert: the knowledge, and the pages made of it."""
