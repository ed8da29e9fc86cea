"""Routes as Ingresses and as objects of the Gateway API: what each intent becomes, and that it is valid."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifestgen.errors import Finding, errors_in
from manifestgen.kinds.httproutes import gateway_duration
from manifestgen.kube.objects import Manifest
from manifestgen.monitoring.jobs import jobs_of
from manifestgen.resolving import ResolvedPlatform
from manifestgen.verify.lint import lint
from manifestgen.verify.schemas import SchemaChecker
from manifestgen.verify.spec import check_platform
from support.specs import Spec, inventory_of, platform_of, spec_of

NGINX = "nginx.ingress.kubernetes.io/"
OWN: Spec = {"routing": "gateway", "gateway": {"class": "envoy", "version": "1.5"}}
SHARED: Spec = {
    "routing": "gateway",
    "gateway": {
        "shared": {"name": "all", "namespace": "gates", "httpsListener": "secure", "httpListener": "plain"},
        "version": "1.5",
    },
}
WORKLOADS: Spec = {
    name: {
        "type": "web",
        "image": {"repository": "example/web", "tag": "1"},
        "resources": {},
        "replicas": 1,
        "ports": {"http": 8080, "secure": 8443},
        "services": {
            "main": {
                "ports": {"http": 80, "secure": 443},
                "tls": {"port": "secure", "hostname": "web.internal"},
            }
        },
    }
    for name in ("web", "next")
}
TO_WEB: Spec = {"workload": "web", "port": "http"}


def routed(cluster: Spec, **routes: Spec) -> ResolvedPlatform:
    monitoring = {"stack": {"blackbox": {"enabled": True}}}
    return platform_of(spec_of(workloads=WORKLOADS, routes=routes, cluster=cluster, monitoring=monitoring))


def objects(cluster: Spec, **routes: Spec) -> dict[tuple[str, str], Manifest]:
    """The objects of routes, which must be valid and silent."""
    platform = routed(cluster, **routes)
    assert not problems(platform)
    found = inventory_of(platform).objects
    return {(one.kind, one.name): made.manifest for one, made in found.items()}


def problems(platform: ResolvedPlatform) -> list[Finding]:
    found = list(errors_in(check_platform(platform)))
    if found:
        return found
    inventory = inventory_of(platform)
    checker = SchemaChecker(platform.spec.cluster.kubernetes_version)
    return [*checker.check(platform, inventory), *errors_in(lint(platform, inventory, warnings=False))]


# --- Ingress ---------------------------------------------------------------------------------------


def test_rules_share_an_ingress_unless_annotations_are_about_some_of_them_only() -> None:
    made = objects(
        {},
        public={
            **TO_WEB,
            "hosts": ["a.example.com", "b.example.com"],
            "rules": {
                "api": {"paths": ["/api"], "workload": "next", "port": "http", "hosts": ["b.example.com"]},
                "strip": {"paths": ["/v1.0"], **TO_WEB, "rewrite": {"prefix": "/v1/"}},
                "secure": {"paths": ["/secure"], "workload": "web", "port": "secure"},
            },
        },
    )
    ingresses = {name: one for (kind, name), one in made.items() if kind == "Ingress"}
    assert sorted(ingresses) == ["public", "public-secure", "public-strip"]
    paths = {
        rule["host"]: [path["path"] for path in rule["http"]["paths"]]
        for rule in ingresses["public"]["spec"]["rules"]
    }
    assert paths == {"a.example.com": ["/"], "b.example.com": ["/", "/api"]}
    strip = ingresses["public-strip"]
    assert strip["spec"]["rules"][0]["http"]["paths"][0]["path"] == "/v1\\.0(/|$)(.*)"
    assert strip["metadata"]["annotations"] == {
        NGINX + "use-regex": "true",
        NGINX + "rewrite-target": "/v1/$2",
    }
    assert ingresses["public-secure"]["metadata"]["annotations"][NGINX + "backend-protocol"] == "HTTPS"


def test_one_ingress_asks_for_the_certificate_and_all_show_it() -> None:
    made = objects(
        {},
        public={
            "hosts": ["a.example.com", "b.example.com"],
            "tls": {"issuer": "letsencrypt"},
            "rules": {
                "strip": {"hosts": ["a.example.com"], "paths": ["/v1"], **TO_WEB, "rewrite": {"prefix": "/"}},
                "rest": TO_WEB,
            },
        },
    )
    first, second = made["Ingress", "public"], made["Ingress", "public-rest"]
    issuer = "cert-manager.io/cluster-issuer"
    assert first["metadata"]["annotations"][issuer] == "letsencrypt"
    assert issuer not in second["metadata"]["annotations"]
    assert first["spec"]["tls"] == [{"secretName": "public-tls", "hosts": ["a.example.com", "b.example.com"]}]
    assert second["spec"]["tls"] == first["spec"]["tls"]


@pytest.mark.parametrize(
    ("redirect", "annotation", "value"),
    [
        ({"host": "b.example.com"}, "temporal-redirect", "$scheme://b.example.com$request_uri"),
        ({"scheme": "https", "status": 301}, "permanent-redirect", "https://$host$request_uri"),
        ({"port": 8443, "path": "/x"}, "temporal-redirect", "$scheme://$host:8443/x"),
    ],
)
def test_nginx_redirects_to_what_was_asked_for_where_nothing_else_is_said(
    redirect: Spec, annotation: str, value: str
) -> None:
    route = {
        "hosts": ["a.example.com"],
        **TO_WEB,
        "rules": {"old": {"paths": ["/old"], "redirect": redirect}},
    }
    made = objects({}, public=route)
    assert made["Ingress", "public-old"]["metadata"]["annotations"] == {NGINX + annotation: value}


def test_an_unknown_controller_gets_the_standard_fields_and_no_annotations_of_nginx() -> None:
    made = objects({"ingressClass": "traefik"}, public={"hosts": ["a.example.com"], **TO_WEB})
    assert "annotations" not in made["Ingress", "public"]["metadata"]


@pytest.mark.parametrize(
    ("cluster", "is_nginx"),
    [
        ({}, True),
        ({"ingressClass": "nginx-internal"}, True),
        ({"ingressClass": "inside"}, False),
        ({"ingressClass": "inside", "ingressController": "ingress-nginx"}, True),
        ({"ingressClass": "f5-nginx", "ingressController": "other"}, False),
        (OWN, False),
    ],
)
def test_ingress_nginx_is_scraped_where_it_answers(cluster: Spec, is_nginx: bool) -> None:
    platform = routed(cluster, public={"hosts": ["a.example.com"], **TO_WEB})
    assert ("ingress-nginx" in {job.name for job in jobs_of(platform)}) == is_nginx


def test_probes_ask_what_answers_a_plain_request() -> None:
    platform = routed(
        OWN,
        plain={"hosts": ["a.example.com", "*.a.example.com"], "paths": ["/start"], **TO_WEB},
        calls={"hosts": ["b.example.com"], "protocol": "GRPC", **TO_WEB},
        away={"hosts": ["c.example.com"], "redirect": {"host": "a.example.com"}},
        both={
            "hosts": ["d.example.com"],
            "match": {"headers": {"X-A": "b"}},
            **TO_WEB,
            "tls": {"secret": "x"},
            "rules": {"rest": {"paths": ["/rest"], **TO_WEB}},
        },
    )
    (job,) = (job for job in jobs_of(platform) if job.name == "routes")
    assert job.addresses == ("http://a.example.com/start", "https://d.example.com/rest")


# --- Gateway API -----------------------------------------------------------------------------------


def test_each_secure_host_has_a_listener_and_routes_attach_to_those_of_their_hosts() -> None:
    made = objects(
        OWN,
        public={"hosts": ["a.example.com", "*.a.example.com"], **TO_WEB, "tls": {"issuer": "letsencrypt"}},
        plain={"hosts": ["b.example.com"], **TO_WEB},
    )
    listeners = {one["name"]: one.get("hostname") for one in made["Gateway", "shop"]["spec"]["listeners"]}
    assert listeners == {
        "http": None,
        "https-a.example.com": "a.example.com",
        "https-wildcard.a.example.com": "*.a.example.com",
    }
    parents = {name: _sections(one) for (kind, name), one in made.items() if kind == "HTTPRoute"}
    assert parents == {
        "public": ["https-a.example.com", "https-wildcard.a.example.com"],
        "public-redirect": ["http"],
        "plain": ["http"],
    }
    assert made["Certificate", "public-tls"]["spec"]["dnsNames"] == ["a.example.com", "*.a.example.com"]


def _sections(route: Manifest) -> list[str | None]:
    return [parent.get("sectionName") for parent in route["spec"]["parentRefs"]]


def test_a_host_is_redirected_by_one_route_only() -> None:
    tls = {"tls": {"issuer": "letsencrypt", "secret": "all"}}
    made = objects(
        OWN,
        one={"hosts": ["a.example.com"], **TO_WEB, **tls},
        two={"hosts": ["a.example.com", "b.example.com"], "paths": ["/two"], **TO_WEB, **tls},
        three={"hosts": ["b.example.com"], "paths": ["/three"], **TO_WEB, **tls},
    )
    hosts = {name: one["spec"]["hostnames"] for (_, name), one in made.items() if name.endswith("-redirect")}
    assert hosts == {"one-redirect": ["a.example.com"], "two-redirect": ["b.example.com"]}
    assert made["Certificate", "all"]["spec"]["dnsNames"] == ["a.example.com", "b.example.com"]


def test_routes_attach_to_the_listeners_of_a_shared_gateway_and_it_has_the_certificates() -> None:
    made = objects(
        SHARED,
        public={"hosts": ["a.example.com"], **TO_WEB, "tls": {}},
        plain={"hosts": ["b.example.com"], **TO_WEB},
        both={"hosts": ["c.example.com"], **TO_WEB, "tls": {"redirect": False}},
    )
    assert not {"Gateway", "Certificate"} & {kind for kind, _ in made}
    routes = {name: one for (kind, name), one in made.items() if kind == "HTTPRoute"}
    assert {name: _sections(one) for name, one in routes.items()} == {
        "public": ["secure"],
        "public-redirect": ["plain"],
        "plain": ["plain"],
        "both": ["secure", "plain"],
    }
    assert routes["plain"]["spec"]["parentRefs"][0]["namespace"] == "gates"


def test_a_gateway_speaks_tls_to_the_services_that_do_and_that_routes_lead_to() -> None:
    route = {"hosts": ["a.example.com"], "workload": "web", "port": "secure"}
    policies = [name for kind, name in objects(OWN, public=route) if kind == "BackendTLSPolicy"]
    assert policies == ["web"]


def test_the_base_does_not_name_hosts_that_it_leaves_to_environments() -> None:
    tls = {"issuer": "letsencrypt"}
    spec = spec_of(
        workloads=WORKLOADS,
        routes={
            "public": {**TO_WEB, "tls": tls},
            "always": {"hosts": ["b.example.com"], **TO_WEB, "tls": tls},
        },
        cluster=OWN,
    )
    spec["environments"]["live"]["routes"] = {"public": {"hosts": ["live.example.com"]}}
    from manifestgen.resolving import resolve
    from manifestgen.yamlio.load import load_text
    from support.specs import as_json

    base = inventory_of(resolve(load_text(as_json(spec), "spec.yaml"))[None])
    (gateway,) = (made.manifest for made in base.objects.values() if made.id.kind == "Gateway")
    assert [one["name"] for one in gateway["spec"]["listeners"]] == ["http", "https-b.example.com"]


@pytest.mark.parametrize(
    ("duration", "written"),
    [
        ("90s", "90s"),
        ("1h30m", "1h30m"),
        ("1d", "24h"),
        ("1d1s", "24h1s"),
        ("100000s", "27h46m40s"),
        (None, None),
    ],
)
def test_durations_are_written_as_the_gateway_api_reads_them(
    duration: str | None, written: str | None
) -> None:
    assert gateway_duration(duration) == written


# --- Any route -------------------------------------------------------------------------------------

HOSTS = ("a.example.com", "b.example.com", "*.example.com")


def _some(draw: st.DrawFn, **choices: st.SearchStrategy[Any]) -> Spec:
    return {key: draw(choice) for key, choice in choices.items() if draw(st.booleans())}


@st.composite
def rules(draw: st.DrawFn) -> Spec:
    """A rule that the models take; what it leads to may be one thing, and all else anything."""
    target = st.sampled_from(["http", "secure"])
    path = st.sampled_from(["/", "/a", "/a/b", "/shop.v1.Orders", "/shop.v1.Orders/Get"])
    headers = st.dictionaries(st.sampled_from(["X-A", "X-B"]), st.sampled_from(["1", "two 2"]), min_size=1)
    changes = st.fixed_dictionaries({}, optional={"set": headers, "add": headers, "remove": st.just(["X-C"])})
    way = draw(st.sampled_from(["workload", "backends", "redirect"]))
    replaced = st.sampled_from([{"path": "/new"}, {"prefix": "/"}, {"host": "c.example.com"}])
    made: Spec = {
        "workload": {"workload": "web", "port": draw(target)},
        "backends": {"backends": {"web": {"port": draw(target), "weight": 9}, "next": {"port": "http"}}},
        "redirect": {"redirect": {**draw(replaced), "status": draw(st.sampled_from([301, 302]))}},
    }[way]
    made |= _some(draw, requestHeaders=changes, responseHeaders=changes)
    if way != "redirect":
        made |= _some(
            draw, rewrite=replaced, mirror=st.just({"workload": "next", "port": "http", "percent": 5})
        )
    query = st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(["1", "%20"]), min_size=1)
    methods = st.lists(st.sampled_from(["GET", "POST"]), unique=True)
    match = st.fixed_dictionaries({}, optional={"headers": headers, "query": query, "methods": methods})
    made |= _some(draw, match=match, pathType=st.sampled_from(["Prefix", "Exact"]))
    made["paths"] = draw(st.lists(path, min_size=1, max_size=3, unique=True))
    replaces_prefix = any("prefix" in made.get(key, {}) for key in ("rewrite", "redirect"))
    if replaces_prefix:
        made["paths"] = made["paths"][:1]
        made.pop("pathType", None)
        made.get("match", {}).pop("methods", None)
    return made


@st.composite
def routes(draw: st.DrawFn) -> Spec:
    """Any route that the models take."""
    hosts = draw(st.lists(st.sampled_from(HOSTS), min_size=1, unique=True))
    own = draw(st.one_of(st.just({}), rules()))
    more = draw(st.dictionaries(st.sampled_from(["one", "two"]), rules(), min_size=0 if own else 1))
    for rule in more.values():
        rule |= _some(draw, hosts=st.lists(st.sampled_from(hosts), min_size=1, unique=True))
    return {
        "hosts": hosts,
        **own,
        "rules": more,
        **_some(
            draw,
            tls=st.sampled_from([{}, {"issuer": "x"}, {"secret": "y", "redirect": False}]),
            protocol=st.sampled_from(["HTTP", "GRPC"]),
            auth=st.sampled_from(
                [{"basic": {"secret": "z"}}, {"external": {"url": "https://x.example.com"}}]
            ),
            allowFrom=st.just(["10.0.0.0/8"]),
            rateLimit=st.just({"requestsPerSecond": 5}),
            cors=st.sampled_from([{"origins": ["*"]}, {"origins": ["https://*.example.com"], "headers": []}]),
            sessionCookie=st.just({}),
            maxBody=st.just("1Mi"),
            timeout=st.sampled_from(["30s", "2d"]),
            backendTimeout=st.just("10s"),
            annotations=st.just({"example.com/x": "{{ y }}"}),
        ),
    }


@given(routes(), st.sampled_from([{}, {"ingressClass": "traefik"}, OWN, SHARED]))
@settings(max_examples=200, deadline=None)
def test_any_route_is_valid_or_told_what_is_wrong_with_it(route: Spec, cluster: Spec) -> None:
    platform = routed(cluster, public=route)
    if not errors_in(check_platform(platform)):
        assert not problems(platform)


@given(routes(), st.sampled_from([OWN, SHARED]))
@settings(max_examples=100, deadline=None)
def test_what_gateways_cannot_do_is_all_that_keeps_a_route_from_them(route: Spec, cluster: Spec) -> None:
    """Of one that leaves that out, nothing but its addresses and certificates can be wrong."""
    for key in ("auth", "allowFrom", "rateLimit", "sessionCookie", "maxBody", "protocol", "cors"):
        route.pop(key, None)
    route |= {"timeout": "1m"} if "timeout" in route else {}
    found = {finding.rule for finding in errors_in(check_platform(routed(cluster, public=route)))}
    assert found <= {"route-clash", "route-tls"}
