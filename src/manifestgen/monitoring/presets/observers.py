"""Prometheus and Alertmanager watch themselves, each other, and what people look at."""

from __future__ import annotations

from typing import Final

from manifestgen.monitoring.rules import Alert, Preset, Record

WATCHDOG: Final = Alert(
    "Watchdog",
    severity="info",
    expr="vector(1)",
    summary="Prometheus evaluates rules and its alerts arrive",
    description="This alert always fires. Where it is missing, some part of the way from Prometheus to "
    "people is broken.",
)

PROMETHEUS: Final = Preset(
    "prometheus",
    "Prometheus",
    "infrastructure",
    (
        Record(
            "job:up:ratio",
            "avg by (job) (up)",
        ),
    ),
    (
        WATCHDOG,
        Alert(
            "TargetsDown",
            severity="warning",
            for_="10m",
            # Of Vault's nodes only the active one answers.
            expr='job:up:ratio{job!="vault"} < 0.9',
            summary="Some targets cannot be scraped",
            description="Prometheus reaches only {{ $value | humanizePercentage }} of the targets of "
            "{{ $labels.job }}.",
        ),
        Alert(
            "PrometheusReloadFailed",
            severity="warning",
            for_="5m",
            expr="prometheus_config_last_reload_successful{@of} == 0",
            summary="Prometheus refuses its configuration",
            description="{{ $labels.instance }} keeps an old configuration.",
        ),
        Alert(
            "PrometheusRulesFailing",
            severity="warning",
            for_="5m",
            expr="increase(prometheus_rule_evaluation_failures_total{@of}[5m]) > 0",
            summary="Prometheus cannot evaluate some rules",
            description="{{ $value | humanize }} evaluations in group {{ $labels.rule_group }} failed.",
        ),
        Alert(
            "PrometheusRulesLate",
            severity="warning",
            for_="15m",
            expr="increase(prometheus_rule_group_iterations_missed_total{@of}[5m]) > 0",
            summary="Prometheus evaluates rules too slowly",
            description="Group {{ $labels.rule_group }} missed {{ $value | humanize }} evaluations.",
        ),
        Alert(
            "PrometheusWithoutAlertmanager",
            severity="critical",
            for_="5m",
            expr="prometheus_notifications_alertmanagers_discovered{@of} < 1",
            summary="Prometheus has nobody to tell about alerts",
            description="{{ $labels.instance }} finds no Alertmanager.",
        ),
        Alert(
            "PrometheusNotificationsFailing",
            severity="warning",
            for_="5m",
            expr="""
            sum by (job, alertmanager) (rate(prometheus_notifications_errors_total{@of}[5m]))
              /
            (sum by (job, alertmanager) (rate(prometheus_notifications_sent_total{@of}[5m])) > 0)
              > 0.05
            """,
            summary="Prometheus fails to pass on alerts",
            description="{{ $value | humanizePercentage }} of the alerts sent to "
            "{{ $labels.alertmanager }} fail.",
        ),
    ),
)

ALERTMANAGER: Final = Preset(
    "alertmanager",
    "Alertmanager",
    "infrastructure",
    (),
    (
        Alert(
            "AlertmanagerDown",
            severity="critical",
            for_="5m",
            expr="absent(up{@of} == 1)",
            summary="Alertmanager does not answer",
            description="Prometheus reaches no pod of Alertmanager; alerts reach nobody, and this "
            "one may not either.",
        ),
        Alert(
            "AlertmanagerReloadFailed",
            severity="warning",
            for_="5m",
            expr="alertmanager_config_last_reload_successful{@of} == 0",
            summary="Alertmanager refuses its configuration",
            description="{{ $labels.instance }} keeps an old configuration.",
        ),
        # Failures have one label more than attempts since Alertmanager 0.26, hence the sums.
        Alert(
            "AlertmanagerNotificationsFailing",
            severity="critical",
            for_="5m",
            expr="""
            sum by (job, integration) (rate(alertmanager_notifications_failed_total{@of}[5m]))
              /
            (sum by (job, integration) (rate(alertmanager_notifications_total{@of}[5m])) > 0)
              > 0.05
            """,
            summary="Alertmanager cannot tell people about alerts",
            description="{{ $value | humanizePercentage }} of the messages by "
            "{{ $labels.integration }} fail.",
        ),
    ),
)

OBSERVERS: Final = Preset(
    "observers",
    "Dashboards, logs and traces",
    "infrastructure",
    (),
    (
        # TargetsDown tells of pods that do not answer, but knows nothing of what is not found at all.
        Alert(
            "ObserverAbsent",
            severity="warning",
            for_="10m",
            expr="absent(up{@of})",
            summary="A service for dashboards, logs or traces is not found",
            description="Prometheus finds no pod of @component: none runs, or its Service or port has "
            "another name.",
        ),
    ),
)
"""Made for each of them."""
