"""How many values a label mostly has, to tell how many series there will be.

They are rules of thumb, on the large side, for a platform of some dozens of pods;
`monitoring.cardinality.counts` corrects them. A label that is not here describes what others name already
(`image` of a `container`), so that it multiplies nothing.
"""

from __future__ import annotations

from typing import Final

AMOUNTS: Final = {
    # Requests
    "handler": 40,
    "method": 3,
    "status": 4,
    "status_code": 4,
    "route": 20,
    "action": 5,
    "phase": 5,
    # Tasks and queues; `name` is that of a task, a certificate or a unit
    "name": 30,
    "queue_name": 5,
    "queue": 20,
    "exception": 3,
    "protocol": 2,
    "queue_type": 2,
    "dead_letter_strategy": 2,
    "api": 20,
    # Databases
    "datname": 4,
    "mode": 9,
    "collector": 20,
    "relname": 200,
    "usename": 2,
    "state": 5,
    "backend_type": 4,
    "slot_name": 4,
    "queryid": 200,
    "hypertable": 20,
    "proc_name": 20,
    "cmd": 40,
    "err": 4,
    "drive": 4,
    # Gateways
    "envoy_cluster_name": 20,
    "envoy_response_code_class": 4,
    "envoy_http_conn_manager_prefix": 4,
    "envoy_rds_route_config": 3,
    "destination_service_name": 10,
    "response_code": 8,
    "response_flags": 2,
    # Nodes
    "cpu": 16,
    "device": 6,
    "mountpoint": 2,
    "interface": 2,
    # Objects of Kubernetes
    "container": 2,
    "condition": 3,
    "reason": 3,
    "resource": 2,
    "type": 2,
    # What observes
    "rule_group": 30,
    "integration": 10,
    "alertmanager": 2,
    "peer": 2,
    "tenant": 2,
    "operation": 5,
}
OF_EXPORTER: Final = {
    "cadvisor": {"name": 1, "cpu": 1, "device": 1},
    "cert-manager": {"name": 10, "status": 2},
    "node_exporter": {"name": 100},
}
"""The same, where an exporter means something else by a label; cadvisor adds up all processors."""
IMPLIED: Final = {
    "pod": ("node",),
    "name": ("queue_name", "type"),
    "condition": ("reason",),
}
"""Labels that tell others: a pod is on one node, a task in one queue, a condition has one reason."""
BUCKETS: Final = {
    "http_request_duration_highr_seconds": 22,
    "http_request_duration_seconds": 4,
}
"""How many buckets a histogram has, with the last one for everything."""
MOST_BUCKETS: Final = 16
"""The same, where it is not known; the libraries' default is 11 to 15."""
QUANTILES: Final = 3
"""How many quantiles a summary has."""
