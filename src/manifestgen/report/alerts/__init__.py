"""What ``manifestgen alerts`` says, for people and for scripts."""
