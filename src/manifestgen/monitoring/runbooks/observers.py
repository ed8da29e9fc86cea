"""Runbooks of what watches: Prometheus, Alertmanager, Grafana, logs and traces."""

from __future__ import annotations

from typing import Final

TEXT: Final = """
## Watchdog
All is well: this alert is meant to fire at all times, and shows that rules are evaluated and messages arrive. Its
absence is the trouble.

    promtool query instant "$PROMETHEUS" 'ALERTS{alertname="Watchdog"}'
    amtool --alertmanager.url "$ALERTMANAGER" alert query alertname=Watchdog

- It fires in Prometheus but not in Alertmanager: see PrometheusWithoutAlertmanager and
  PrometheusNotificationsFailing.
- It is in Alertmanager, but nobody is told: see AlertmanagerNotificationsFailing.
- It does not fire at all: Prometheus, or its rules, are gone; see PrometheusReloadFailed.

## TargetsDown
Some targets of a job cannot be scraped: their figures are missing, and alerts on them silent.

    promtool query instant "$PROMETHEUS" 'up == 0'

- The page "Targets" of Prometheus shows the error of each: refused (nothing listens there), timed out (a network
  policy), 404 (another path), 401 or 403 (a token or a right is missing).

## PrometheusReloadFailed
Prometheus works with an old configuration: new targets and rules are not there.

    kubectl --namespace "$WITHIN" get pods
    promtool query instant "$PROMETHEUS" 'prometheus_config_last_reload_successful'

- Its log names the file and the line. Check it before: `promtool check config prometheus.yml`.

## PrometheusRulesFailing
Some rules give an error each time: the alerts or records made by them are missing.

    promtool query instant "$PROMETHEUS" 'increase(prometheus_rule_evaluation_failures_total[5m]) > 0'

- The page "Rules" of Prometheus shows the error. "Many-to-many matching": several series have the labels that it
  joins on. "Query processing would load too many samples": the rule reads too much.

## PrometheusRulesLate
Rules take longer than their interval: alerts come late.

    promtool query instant "$PROMETHEUS" 'topk(5, prometheus_rule_group_last_duration_seconds)'

- Give Prometheus more CPU, or find the group that takes the time and the label with too many values.

## PrometheusWithoutAlertmanager
Alerts fire and nobody hears of them. Tell people by another way until this is mended.

    promtool query instant "$PROMETHEUS" 'prometheus_notifications_alertmanagers_discovered'
    kubectl --namespace "$WITHIN" get pods,services

- Does Alertmanager run? Does its Service have the name that the spec gives (`monitoring.stack.alertmanager`), and
  may Prometheus list pods in its namespace?

## PrometheusNotificationsFailing
Some alerts do not reach Alertmanager. They are sent again as long as they fire.

    promtool query instant "$PROMETHEUS" 'rate(prometheus_notifications_errors_total[5m]) > 0'
    kubectl --namespace "$WITHIN" get pods,services

- Look into the log of Prometheus for the address that fails, and at the network policy between both.

## AlertmanagerDown
Alerts fire and nobody is told: until it is back, somebody has to look at Prometheus itself.

    kubectl --namespace "$WITHIN" get pods,services
    kubectl --namespace "$WITHIN" get events --sort-by .lastTimestamp

- A pod that crashes has a wrong configuration, or lacks a file with a secret: its log names it.

## AlertmanagerReloadFailed
Alertmanager works with an old configuration: changed routes and receivers have no effect.

    kubectl --namespace "$WITHIN" get pods
    amtool --alertmanager.url "$ALERTMANAGER" config show

- Its log names the line. Check it before: `amtool check-config alertmanager.yml`.

## AlertmanagerNotificationsFailing
By at least one way people are not told of alerts, and may rely on it.

    amtool --alertmanager.url "$ALERTMANAGER" alert query
    kubectl --namespace "$WITHIN" get pods

- The label `integration` names the way: Slack, PagerDuty, mail. A key that has been changed, an address that is
  wrong, a limit of the other side, or no way out of the cluster: the log says which.

## ObserverAbsent
Dashboards, logs or traces are not there when somebody needs them.

    kubectl --namespace "$WITHIN" get pods,services

- Nothing runs: start it. It runs, but its Service or port has another name: correct `monitoring.stack` in the spec.
"""
