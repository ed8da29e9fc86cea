"""Ports, labels and annotations of the service meshes.

Sources: Istio, "Application requirements" and "Resource annotations" of its documentation (1.26 to 1.30);
Linkerd, "Proxy configuration" of its documentation (2.16 to 2.19).
"""

from __future__ import annotations

from typing import Final

CONTROL_PORTS: Final = {"istio": (15012,), "linkerd": (8080, 8086, 8090)}
"""Where proxies get certificates and configuration: istiod; Linkerd's identity, destination and policy."""
CONTROL_PODS: Final = {"istio": {"app": "istiod"}, "linkerd": {}}
"""Labels of the pods that serve it; Linkerd's are of three kinds."""
METRICS_PORTS: Final = {"istio": 15020, "linkerd": 4191}
"""Where a proxy tells Prometheus its figures; no mesh asks for TLS there."""
LINKERD_INBOUND: Final = 4143
"""Where Linkerd's proxies reach each other with what is no HTTP; with Istio it is the port of the pod."""
NATIVE_SIDECARS: Final = 29
"""The minor version of Kubernetes that starts them before, and ends them after the pod's own containers."""

ISTIO_INJECT: Final = "sidecar.istio.io/inject"
ISTIO_REVISION: Final = "istio.io/rev"
LINKERD_INJECT: Final = "linkerd.io/inject"
LINKERD_POD: Final = "linkerd.io/control-plane-ns"
"""Label that Linkerd puts on each pod that has a proxy."""
MOST_ACCOUNTS: Final = 16
"""Service accounts that one source of an AuthorizationPolicy of Istio may name."""
PROXY_AMOUNTS: Final = {
    "sidecar.istio.io/proxyCPU": ("requests", "cpu"),
    "sidecar.istio.io/proxyMemory": ("requests", "memory"),
    "sidecar.istio.io/proxyCPULimit": ("limits", "cpu"),
    "sidecar.istio.io/proxyMemoryLimit": ("limits", "memory"),
    "config.linkerd.io/proxy-cpu-request": ("requests", "cpu"),
    "config.linkerd.io/proxy-memory-request": ("requests", "memory"),
    "config.linkerd.io/proxy-cpu-limit": ("limits", "cpu"),
    "config.linkerd.io/proxy-memory-limit": ("limits", "memory"),
}
"""Annotations of pods that say how large the proxy is, by what they mean in a container."""
