"""Vault, by its own metrics. Only the active node is sure to answer; a sealed one may not."""

from __future__ import annotations

from typing import Final

from manifestgen.monitoring.rules import Alert, Preset

VAULT: Final = Preset(
    "vault",
    "Vault",
    "infrastructure",
    (),
    (
        Alert(
            "VaultDown",
            severity="critical",
            for_="5m",
            expr="absent(up{@of} == 1)",
            summary="Vault does not answer",
            description="Prometheus reaches no node of Vault; secrets are not renewed and new pods "
            "may lack theirs.",
        ),
        Alert(
            "VaultSealed",
            severity="critical",
            for_="1m",
            expr="vault_core_unsealed{@of} == 0",
            summary="A node of Vault is sealed",
            description="{{ $labels.instance }} is sealed and gives out no secret.",
        ),
        Alert(
            "VaultLeaderMissing",
            severity="critical",
            for_="5m",
            expr="(sum(vault_core_active{@of}) or vector(0)) != 1 and on () up{@of} == 1",
            summary="Vault has not exactly one active node",
            description="{{ $value }} nodes of Vault call themselves active; there must be one.",
        ),
        Alert(
            "VaultAuditFailing",
            severity="critical",
            expr="increase(vault_audit_log_request_failure{@of}[5m]) > 0",
            keep_firing_for="10m",
            summary="Vault cannot write its audit log and refuses requests",
            description="{{ $labels.instance }} failed to log {{ $value | humanize }} requests "
            "within five minutes.",
        ),
    ),
)
