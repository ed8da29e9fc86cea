"""Objects of the Prometheus operator: what is scraped, and the rules, the same as in Prometheus' own files.

Rules find their series by the label ``job``, so each object gives it the name that the files give it. What
is found by its pods becomes a ServiceMonitor or PodMonitor; the kubelet is found by the Service that the
operator makes for it, because only a ServiceMonitor may present the token of Prometheus; addresses that an
exporter asks become a Probe; all else is a ScrapeConfig.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from manifestgen.facts import conventions as names
from manifestgen.facts.services import PORTS
from manifestgen.kinds.dashboards import dashboard_views
from manifestgen.kinds.views import Owner, View, owner_of, present
from manifestgen.monitoring.cardinality import limits_of
from manifestgen.monitoring.gateways import GATEWAY_JOB, pods_of
from manifestgen.monitoring.jobs import ScrapeJob, jobs_of
from manifestgen.monitoring.rulebook import groups_of
from manifestgen.monitoring.rules import Alert, Group
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.workloads import Served, Workload

Part = dict[str, Any]

_KUBELET: Final = {"app.kubernetes.io/name": "kubelet", "k8s-app": "kubelet"}
_KUBELET_NAMESPACE: Final = "kube-system"
_KUBELET_PORT: Final = "https-metrics"
_TOKEN: Final = "/var/run/secrets/kubernetes.io/serviceaccount/token"
_POD: Final = {"sourceLabels": ["__meta_kubernetes_pod_name"], "targetLabel": "instance"}
_NODE: Final = {"sourceLabels": ["__meta_kubernetes_pod_node_name"], "targetLabel": "node"}


def monitor_views(platform: ResolvedPlatform) -> Iterator[View]:
    """All that the operator is told."""
    # Where the namespace stands in them, its place is held: it is a fact of the environment.
    spec = platform.spec.model_copy(update={"namespace": names.THIS_NAMESPACE})
    anywhere = replace(platform, spec=spec)
    limits = limits_of(platform)
    for job in jobs_of(anywhere):
        limit = limits.get(job.name)
        yield _limited(_job(platform, job), limit.samples if limit else None)
    for group in groups_of(anywhere):
        owner = _owner(platform, "monitoring")
        yield owner.view(
            "prometheus-rule",
            group.name,
            labels=_labels(platform, owner),
            description=f"{group.title}: {' and '.join(_kinds_of_rules(group))}.",
            groups=list(_groups(group)),
        )
    yield from dashboard_views(anywhere, _owner(platform, "monitoring"))


def _limited(view: View, samples: int | None) -> View:
    """The same, which refuses scrapes of more samples; a ScrapeConfig and a Probe are written as a whole."""
    context = view.context
    whole = next((key for key in ("config", "probe") if key in context), None)
    if whole is not None:
        return view._replace(context={**context, whole: context[whole] | present(sampleLimit=samples)})
    return view._replace(context={**context, "sample_limit": samples})


def _owner(platform: ResolvedPlatform, *source: str) -> Owner:
    return Owner(platform.name, names.PLATFORM, "platform", source)


def _labels(platform: ResolvedPlatform, owner: Owner) -> dict[str, str]:
    return owner.labels | platform.spec.monitoring.operator.labels


def _job(platform: ResolvedPlatform, job: ScrapeJob) -> View:
    workload = platform.spec.workloads.get(job.name)
    if workload is not None and workload.metrics is not None:
        return _of_workload(platform, job, workload, workload.metrics.port)
    if job.name == GATEWAY_JOB:
        return _of_gateway(platform, job)
    if job.find == "pods":
        return _of_datastore(platform, job)
    if job.token:
        return _of_kubelet(platform, job)
    if job.find == "probe":
        return _of_addresses(platform, job)
    return _of_others(platform, job)


def _of_workload(platform: ResolvedPlatform, job: ScrapeJob, workload: Workload, port: str) -> View:
    owner = owner_of(platform, "workloads", job.name)
    context: Part = {
        "labels": _labels(platform, owner),
        "selector": owner.selector,
        "job_label": names.LABEL_NAME,
    }
    services = _services_with(owner, workload, port)
    if not services:
        endpoint = {"port": port, **_endpoint(platform, job, [_NODE, _POD])}
        return owner.view("pod-monitor", endpoint=endpoint, namespace=None, **context)
    # Several Services may lead to the port; each would have every pod scraped once more.
    only = {"sourceLabels": ["__meta_kubernetes_service_name"], "regex": services[0], "action": "keep"}
    relabelings = [*([only] if len(services) > 1 else []), _NODE, _POD]
    endpoint = {"port": port, **_endpoint(platform, job, relabelings)}
    return owner.view("service-monitor", endpoint=endpoint, namespace=None, **context)


def _services_with(owner: Owner, workload: Workload, port: str) -> list[str]:
    """The Services of a workload that lead to its port."""
    if not isinstance(workload, Served):
        return []
    return [names.service(owner.name, key) for key, one in workload.all_services.items() if port in one.ports]


def _of_datastore(platform: ResolvedPlatform, job: ScrapeJob) -> View:
    name = job.values[0]
    owner = owner_of(platform, "datastores", name)
    number = PORTS[platform.spec.datastores[name].type].metrics
    relabelings = [_fixed("job", job.name), _NODE, _POD]
    return owner.view(
        "pod-monitor",
        job.name,
        labels=_labels(platform, owner),
        selector={names.LABEL_NAME: name},
        namespace=None,
        job_label=None,
        endpoint={"portNumber": number, **_endpoint(platform, job, relabelings)},
    )


def _of_gateway(platform: ResolvedPlatform, job: ScrapeJob) -> View:
    """Its proxies are mostly in a namespace of their own."""
    owner = _owner(platform, "cluster", "gateway")
    gateway = platform.spec.cluster.gateway
    assert gateway is not None, "without one there is no such job"
    home = names.THIS_NAMESPACE
    namespace, selector = pods_of(platform, gateway, home)
    relabelings = [_fixed("job", job.name), _NODE, _POD]
    return owner.view(
        "pod-monitor",
        job.name,
        labels=_labels(platform, owner),
        selector=selector,
        namespace=None if namespace in (home, platform.namespace) else namespace,
        job_label=None,
        endpoint={"port": job.values[-1], **_endpoint(platform, job, relabelings)},
    )


def _of_kubelet(platform: ResolvedPlatform, job: ScrapeJob) -> View:
    owner = _owner(platform, "monitoring", "stack", "kubelet")
    # The operator has put the name of the node into the label already.
    node = {"sourceLabels": ["node"], "targetLabel": "instance"}
    given = _endpoint(platform, job, [_fixed("job", job.name), node])
    tls = present(caFile=job.tls.get("ca_file"), insecureSkipVerify=job.tls.get("insecure_skip_verify"))
    return owner.view(
        "service-monitor",
        job.name,
        labels=_labels(platform, owner),
        selector=_KUBELET,
        namespace=_KUBELET_NAMESPACE,
        job_label=None,
        endpoint={
            "port": _KUBELET_PORT,
            "scheme": "https",
            "bearerTokenFile": _TOKEN,
            "tlsConfig": tls,
            **given,
        },
    )


def _endpoint(platform: ResolvedPlatform, job: ScrapeJob, relabelings: list[Part]) -> Part:
    monitoring = platform.spec.monitoring
    return present(
        path=job.path,
        params=dict(job.params) or None,
        interval=monitoring.scrape_interval,
        scrapeTimeout=monitoring.scrape_timeout,
        honorLabels=job.honor_labels or None,
        honorTimestamps=None if job.honor_timestamps else False,
        relabelings=relabelings,
        metricRelabelings=_dropped(job),
    )


def _fixed(label: str, value: str) -> Part:
    return {"targetLabel": label, "replacement": value}


def _dropped(job: ScrapeJob) -> list[Part] | None:
    if not job.drop_metrics:
        return None
    return [{"sourceLabels": ["__name__"], "regex": job.drop_metrics, "action": "drop"}]


def _of_addresses(platform: ResolvedPlatform, job: ScrapeJob) -> View:
    """The operator itself tells the prober the address, and gives it as ``instance``."""
    owner = _owner(platform, "monitoring", "stack", "blackbox")
    (module,) = job.params["module"]
    return owner.view(
        "probe",
        job.name,
        labels=_labels(platform, owner),
        description=job.comment,
        probe=present(
            jobName=job.name,
            prober={"url": job.prober, "path": job.path},
            module=module,
            targets={"staticConfig": {"static": list(job.addresses)}},
            interval=platform.spec.monitoring.scrape_interval,
            scrapeTimeout=platform.spec.monitoring.scrape_timeout,
        ),
    )


def _of_others(platform: ResolvedPlatform, job: ScrapeJob) -> View:
    owner = _owner(platform, "monitoring")
    if job.name in platform.spec.datastores:
        owner = owner_of(platform, "datastores", job.name)
    elif job.name in platform.spec.monitoring.targets:
        owner = _owner(platform, "monitoring", "targets", job.name)
    monitoring = platform.spec.monitoring
    config = present(
        jobName=job.name,
        **_found(job),
        scheme=job.scheme.upper() if job.scheme != "http" else None,
        metricsPath=job.path,
        params=dict(job.params) or None,
        scrapeInterval=monitoring.scrape_interval,
        scrapeTimeout=monitoring.scrape_timeout,
        honorLabels=job.honor_labels or None,
        tlsConfig={"serverName": job.tls["server_name"]} if "server_name" in job.tls else None,
        relabelings=_relabelings(job) or None,
    )
    return owner.view(
        "scrape-config", job.name, labels=_labels(platform, owner), description=job.comment, config=config
    )


def _found(job: ScrapeJob) -> Part:
    """Where a ScrapeConfig looks for targets."""
    match job.find:
        case "service":
            return {
                "kubernetesSDConfigs": [{"role": "EndpointSlice", "namespaces": {"names": [job.namespace]}}]
            }
        case "nodes":
            return {"kubernetesSDConfigs": [{"role": "Node"}]}
        case _:
            labels = {"labels": dict(job.target_labels)} if job.target_labels else {}
            return {"staticConfigs": [{"targets": list(job.addresses), **labels}]}


def _relabelings(job: ScrapeJob) -> list[Part]:
    match job.find:
        case "service":
            keep = {"sourceLabels": list(job.labels), "regex": ";".join(job.values), "action": "keep"}
            return [keep, {**_POD, "regex": "(.+)"}]
        case "nodes":
            node = ["__meta_kubernetes_node_name"]
            port = {
                "sourceLabels": ["__address__"],
                "regex": r"(.+):\d+",
                "targetLabel": "__address__",
                "replacement": f"$1:{job.port}",
            }
            return [
                *([port] if job.port is not None else []),
                {"sourceLabels": node, "targetLabel": "node"},
                {"sourceLabels": node, "targetLabel": "instance"},
            ]
        case _:
            return []


def _kinds_of_rules(group: Group) -> Iterator[str]:
    if group.records:
        yield "recording rules"
    if group.alerts:
        yield "alerts"


def _groups(group: Group) -> Iterator[Part]:
    if group.records:
        rules = [{"record": record.name, **record.body} for record in group.records]
        yield {"name": f"{group.name}.records", **present(interval=group.interval), "rules": rules}
    if group.alerts:
        yield {"name": f"{group.name}.alerts", "rules": [_alert(alert) for alert in group.alerts]}


def _alert(alert: Alert) -> Part:
    return {"alert": alert.name, **alert.body}
