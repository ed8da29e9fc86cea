"""What the set-up of a Vault follows from: who reads which secret, and what things are called there."""
