"""The configuration of Alertmanager as plain data."""

from manifestgen.monitoring.alertmanager.sections import Configuration, Named, configuration

__all__ = ["Configuration", "Named", "configuration"]
