"""Checks that give findings: across the spec, and objects against their schemas."""
