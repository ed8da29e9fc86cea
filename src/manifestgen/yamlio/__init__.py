"""YAML in and out: loading with positions and findings, fast trusted parsing, safe emitting."""
