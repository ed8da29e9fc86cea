"""Dashboards of Grafana: what stands on each as data, and the JSON that Grafana reads."""
