"""Certificates, by cert-manager.

The expiry of a certificate that was never issued is 0. The label `namespace` is that of the
Certificate: the job keeps it with `honor_labels`.
"""

from __future__ import annotations

from typing import Final

from manifestgen.monitoring.rules import Alert, Preset, Record

CERTIFICATES: Final = Preset(
    "certificates",
    "Certificates",
    "infrastructure",
    (
        Record(
            "certificate:certmanager_time_left_seconds:min",
            """
            min by (namespace, name) (
              certmanager_certificate_expiration_timestamp_seconds{@all, @namespace} > 0
            )
              - time()
            """,
        ),
    ),
    (
        Alert(
            "CertManagerDown",
            severity="warning",
            for_="15m",
            expr="absent(up{@of} == 1)",
            summary="Nobody renews certificates",
            description="Prometheus cannot reach cert-manager.",
        ),
        Alert(
            "CertificateExpiresSoon",
            severity="warning",
            for_="1h",
            expr="certificate:certmanager_time_left_seconds:min{@namespace} < @expiry_warning",
            summary="A certificate was not renewed in time",
            description="Certificate {{ $labels.name }} ends in {{ $value | humanizeDuration }}.",
        ),
        Alert(
            "CertificateExpires",
            severity="critical",
            for_="10m",
            expr="certificate:certmanager_time_left_seconds:min{@namespace} < @expiry_critical",
            summary="A certificate is about to expire",
            description="Certificate {{ $labels.name }} ends in {{ $value | humanizeDuration }}.",
        ),
        Alert(
            "CertificateNotReady",
            severity="warning",
            for_="30m",
            expr="""
            certmanager_certificate_ready_status{
              @of, @namespace, condition="True"
            } == 0
            """,
            summary="A certificate could not be issued",
            description="Certificate {{ $labels.name }} is not ready.",
        ),
    ),
)
