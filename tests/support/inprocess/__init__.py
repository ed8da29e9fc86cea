"""Kustomize and Helm without their binaries: what is emitted, read as they read it.

Each is held equal to the real program by a test of its own; an instruction that it does not know is an error.
"""
