"""Kubernetes objects: what they are, how they differ, what they have in common."""
