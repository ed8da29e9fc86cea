"""Monitoring: files of Prometheus, Alertmanager and Grafana for one environment each."""

from manifestgen.targets.monitoring.alertmanager import render_alertmanager
from manifestgen.targets.monitoring.grafana import render_grafana
from manifestgen.targets.monitoring.prometheus import render_prometheus
from manifestgen.targets.monitoring.sql_exporter import render_collector

__all__ = ["render_alertmanager", "render_collector", "render_grafana", "render_prometheus"]
