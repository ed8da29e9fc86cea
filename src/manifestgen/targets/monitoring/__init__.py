"""Monitoring: files of Prometheus, Alertmanager and Grafana for one environment each."""

from manifestgen.targets.monitoring.alertmanager import render_alertmanager
from manifestgen.targets.monitoring.grafana import render_grafana
from manifestgen.targets.monitoring.prometheus import render_prometheus

__all__ = ["render_alertmanager", "render_grafana", "render_prometheus"]
