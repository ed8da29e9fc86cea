"""Vault: the configuration of its server, policies, what is written to it, and the script that does it."""

from manifestgen.targets.vault.files import render

__all__ = ["render"]
