"""Commands in documents: sound shell, options that there are, and objects, files and hosts of the platform.

Every block of shell is read as each environment runs it. Programs are asked for their own options; what
kubectl and Helm are asked about has to be among what is rendered, in the namespace that is named.
"""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import yaml
from markdown_it import MarkdownIt

from manifestgen.facts import services
from manifestgen.facts.conventions import LABEL_NAME
from manifestgen.kinds.peers import pods_of
from manifestgen.kube.identity import in_namespace
from manifestgen.kube.objects import Inventory, Manifest
from manifestgen.kube.pods import all_containers, pod_template
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import ExternalStore
from support.options import Parsed, of_cobra, of_kubectl, of_script, parse
from support.shellcalls import UNKNOWN, Call, NotShellError, Reader, alternatives, is_for, parsed

MARKDOWN = MarkdownIt("commonmark").enable("table")

MADE_BY_OTHERS = frozenset(
    re.findall(
        r"\S+",
        "pods services endpointslices ingresses events deployments replicasets statefulsets"
        " jobs nodes quota configmaps secrets cronjobs networkpolicies leases certificates"
        " certificaterequests persistentvolumeclaims storageclasses horizontalpodautoscalers"
        " poddisruptionbudgets resourcequotas serviceaccounts apiservices clusterissuers"
        " orders.acme.cert-manager.io challenges.acme.cert-manager.io externalsecrets"
        " secretstores scaledobjects scaledobjects.keda.sh verticalpodautoscalers analysisruns"
        " rollouts.argoproj.io applications gitrepositories kustomizations helmreleases"
        " httproutes grpcroutes namespaces",
    )
)
"""Kinds that may be asked for as a whole: of Kubernetes, and of the controllers that the platform needs."""
BESIDE = {
    "cert-manager": {"deployment/cert-manager"},
    "envoy-gateway-system": {"deployment/envoy-gateway"},
    "external-secrets": {"deployment/external-secrets"},
}
"""What runs in the namespaces of controllers, as their charts call it."""
LABELS_BESIDE = tuple(
    {LABEL_NAME: name}
    for name in ("ingress-nginx", "prometheus-node-exporter", "prometheus-blackbox-exporter")
)
"""Labels of their pods."""
_GATEWAYS = {"gateway.envoyproxy.io/owning-gateway-name", "gateway.networking.k8s.io/gateway-name"}
QUIET = frozenset(
    re.findall(
        r"\S+",
        "psql pg_dump redis-cli mc git crane grep head tail base64 cmctl vault export mkdir"
        " rabbitmqctl k6 locust rabbitmq-diagnostics jq openssl sleep nc dig cat date command"
        " cp gh linkerd",
    )
)
"""Programs whose arguments name nothing that is rendered."""


class Complaint(NamedTuple):
    """What is wrong with a command, and where."""

    document: str
    line: int
    words: str


@dataclass
class World:
    """All that commands may name in one environment."""

    environment: str
    platform: ResolvedPlatform
    inventory: Inventory
    delivered: Sequence[Manifest] = ()
    objects: dict[tuple[str, str], Manifest | None] = field(default_factory=dict)
    """By kind in small letters, singular, and name; None for what others make."""
    labelled: list[tuple[str, Mapping[str, str], Manifest | None]] = field(default_factory=list)
    """Labels of pods and of objects, with the kind."""

    def __post_init__(self) -> None:
        for made in self.inventory.objects.values():
            self._add(in_namespace(made.manifest, self.namespace, made.scope))
        self._add_of_charts()
        self._add_of_controllers()

    @property
    def namespace(self) -> str:
        return str(self.platform.namespace)

    @property
    def release(self) -> str:
        deployment = self.platform.spec.deployment
        return (deployment.release if deployment else None) or self.platform.name

    def _add(self, manifest: Manifest) -> None:
        kind, name = manifest["kind"].lower(), manifest["metadata"]["name"]
        self.objects[(kind, name)] = manifest
        self.labelled.append((kind, manifest["metadata"].get("labels") or {}, manifest))
        template = pod_template(manifest)
        if template is not None:
            labels = (template.get("metadata") or {}).get("labels") or {}
            self.labelled += [(one, labels, manifest) for one in ("pod", "replicaset", "job")]

    def _add_of_charts(self) -> None:
        """Services, Secrets and pods that charts and operators make of data services."""
        spec = self.platform.spec
        for name, store in spec.datastores.items():
            self.objects[("service", services.host(name, store.type))] = None
            if not isinstance(store, ExternalStore):
                self.labelled.append(("pod", pods_of(self.platform, name), None))

    def _add_of_controllers(self) -> None:
        spec = self.platform.spec
        for (kind, _), manifest in list(self.objects.items()):
            if kind == "externalsecret" and manifest is not None:
                target = (manifest["spec"].get("target") or {}).get("name", manifest["metadata"]["name"])
                self.objects[("secret", target)] = manifest
        for name, route in spec.routes.items():
            if route.tls is not None and route.tls.issuer:
                self.objects[("certificate", route.tls.secret or f"{name}-tls")] = None
                self.objects[("clusterissuer", route.tls.issuer)] = None
        if spec.deployment is not None:
            self.objects[("configmap", f"{self.release}-deployment")] = None

    def hosts(self) -> set[str]:
        """Every host that requests may be sent to."""
        spec = self.platform.spec
        urls = [spec.monitoring.prometheus_url, spec.deployment.prometheus if spec.deployment else None]
        return {
            *(host for route in spec.routes.values() for host in route.hosts),
            *(str(urlsplit(url).hostname) for url in urls if url),
        }

    def namespaces_beside(self) -> set[str]:
        """Namespaces of what the platform needs of the cluster."""
        cluster, stack = self.platform.spec.cluster, self.platform.spec.monitoring.stack
        named = {value for key, value in dict(cluster).items() if key.endswith("_namespace") and value}
        of_stack = {getattr(one, "namespace", None) for _, one in stack}
        gitops = self.platform.spec.gitops
        mesh = self.platform.spec.service_mesh
        more = {one for one in (gitops and gitops.namespace, mesh and mesh.control_plane) if one}
        return {str(one) for one in named | of_stack | more if one} | {
            "kube-system",
            "vpa",
            "argo-rollouts",
            "chaos-mesh",
            "envoy-gateway-system",
            *BESIDE,
        }


class Checker:
    """Looks into documents of one rendered tree; ``root`` is its folder."""

    def __init__(self, worlds: Sequence[World], root: Path, tools: Mapping[str, Path]) -> None:
        self.worlds = {world.environment: world for world in worlds}
        self.root = root
        self.tools = tools
        self.seen: set[str] = set()
        """The programs that were looked at."""

    def complaints(self, document: str, text: str) -> list[Complaint]:
        """What is wrong with the commands of a document, which is called by its path below the root."""
        found: list[Complaint] = []
        for line, block in blocks(text):
            try:
                tree = parsed(block, self.tools["shfmt"])
            except NotShellError as error:
                found.append(Complaint(document, line, f"no shell: {error}"))
                continue
            found += [
                Complaint(document, line + at, words) for at, words in self._block(document, block, tree)
            ]
        return found

    def _block(self, document: str, block: str, tree: dict[str, Any]) -> Iterator[tuple[int, str]]:
        choices = alternatives(tree)
        spaces = {one["space"] for one in _SPACE.finditer(block)}
        known = {world.namespace for world in self.worlds.values()}
        yield from ((0, f"there is no namespace {space}") for space in spaces - known)
        for values in product(*choices.values()) if choices else [()]:
            chosen = dict(zip(choices, values, strict=True))
            tried = [world for name, world in self.worlds.items() if is_for(block, name)]
            if not document.startswith("docs/deployment/"):
                tried = [world for world in tried if _is_meant(block, world)]
            if not tried:
                yield 0, f"no environment runs it: {block.splitlines()[0]}"
            found = [dict.fromkeys(self._run(document, block, tree, world, chosen)) for world in tried]
            # One of several names need not be everywhere, but somewhere; environments may share a namespace.
            somewhere = bool(chosen) or len({world.namespace for world in tried}) == 1
            yield from (
                _everywhere(found) if somewhere else dict.fromkeys(one for all_ in found for one in all_)
            )

    def _run(
        self, document: str, block: str, tree: dict[str, Any], world: World, chosen: Mapping[str, str]
    ) -> Iterator[tuple[int, str]]:
        guide = document.startswith("docs/deployment/")
        known = {"NS": world.namespace, "RELEASE": world.release, "ENVIRONMENT": world.environment}
        reader = Reader(world.environment, known if guide else {}, chosen)
        try:
            for call in reader.calls(tree):
                for words in self._call(call, world, reader, Path(document).parent):
                    yield call.line, words
        except NotShellError as error:
            yield 0, str(error)

    def _call(self, call: Call, world: World, reader: Reader, folder: Path) -> Iterator[str]:
        program, arguments = call.words[0], call.words[1:]
        self.seen.add(program)
        if program in reader.functions or program in QUIET:
            return
        if program == "kubectl":
            yield from self._kubectl(arguments, world, call.fed)
        elif program == "helm":
            yield from self._helm(arguments, world, folder)
        elif program in ("promtool", "amtool"):
            yield from self._prometheus(program, arguments)
        elif program == "curl":
            yield from _curl(arguments, world)
        elif program.endswith(".sh"):
            yield from self._script(program, arguments, folder)
        else:
            yield f"nobody knows the program {program}"

    # kubectl

    def _kubectl(self, words: Sequence[str], world: World, fed: str | None) -> Iterator[str]:
        verbs, rest = _verbs(words)
        known = of_kubectl(self.tools["kubectl"], *verbs)
        given = parse(rest, known)
        if not known:
            yield f"kubectl has no {' '.join(verbs)}"
            return
        yield from (f"kubectl {' '.join(verbs)} has no option {name}" for name in given.unknown)
        (namespace,) = _values(given, "--namespace", "-n")[:1] or [None]
        if namespace == UNKNOWN:
            yield "nothing says which namespace that is"
            return
        nearest = [world, *self.worlds.values()]
        own = next((one for one in nearest if one.namespace == namespace), None)
        if namespace is not None and own is None and namespace not in world.namespaces_beside():
            yield f"there is no namespace {namespace}"
            return
        yield from self._files(given)
        if fed is not None:
            made = yaml.safe_load(fed)
            (own or world).objects[(made["kind"].lower(), made["metadata"]["name"])] = made
            return
        yield from _Asked(verbs, given, own, world, namespace).complaints()

    def _files(self, given: Parsed) -> Iterator[str]:
        for path in _values(given, "--kustomize", "-k"):
            if not (self.root / path / "kustomization.yaml").is_file():
                yield f"there is no kustomization in {path}"

    # The others

    def _helm(self, words: Sequence[str], world: World, folder: Path) -> Iterator[str]:
        verbs = words[:2] if words[0] in ("dependency", "repo", "get") else words[:1]
        known = of_cobra(self.tools["helm"], *verbs)
        given = parse(words[len(verbs) :], known)
        yield from (f"helm {' '.join(verbs)} has no option {name}" for name in given.unknown)
        if "--repo" in given.options or any(word.startswith("oci://") for word in given.rest):
            return  # something beside the platform
        place = self.root if folder.parts[:1] != ("helm",) else self.root / folder
        paths = [word for word in given.rest if "/" in word or word == "."] + _values(given, "--values", "-f")
        yield from (f"there is no {path}" for path in paths if not (place / path).exists())
        releases = {(one.release, one.namespace) for one in self.worlds.values()}
        names = [word for word in given.rest if word not in paths and not word.isdigit()]
        spaces = _values(given, "--namespace", "-n")
        if names and spaces and (names[0], spaces[0]) not in releases:
            yield f"there is no release {names[0]} in {spaces[0]}"

    def _prometheus(self, program: str, words: Sequence[str]) -> Iterator[str]:
        for word in words:
            path = word.removeprefix("--config.file=")
            if path.startswith("monitoring/") and not list(self.root.glob(path)):
                yield f"{program}: there is no {path}"

    def _script(self, program: str, words: Sequence[str], folder: Path) -> Iterator[str]:
        near = self.root / (folder if program.startswith(("./", "../")) else "")
        script = near / program
        if not script.is_file():
            yield f"there is no script {program}"
            return
        given = parse(words, of_script(script))
        yield from (f"{program} has no option {name}" for name in given.unknown)
        for path in _values(given, "--settings"):
            if not (near / path).is_file():
                yield f"there is no {path}"
        for word in given.rest:
            if script.name == "vault-init.sh" and word not in self.worlds:
                yield f"there is no environment {word}"


class _Asked:
    """One call of kubectl: what it names has to be there."""

    def __init__(
        self, verbs: Sequence[str], given: Parsed, own: World | None, world: World, namespace: str | None
    ) -> None:
        self.verb = verbs[0]
        self.sub = verbs[1] if len(verbs) > 1 else ""
        self.given = given
        self.own = own
        self.world = world
        self.namespace = namespace

    def complaints(self) -> Iterator[str]:
        kinds, names = self._named()
        for kind in kinds:
            if kind not in MADE_BY_OTHERS and not self._is_kind(kind):
                yield f"nobody knows the kind {kind}"
        for kind, name in names:
            if UNKNOWN not in name and not self._is_there(_singular(kind), name):
                yield f"there is no {kind} {name} in {self.namespace or 'the cluster'}"
            else:
                yield from self._container(_singular(kind), name)
        yield from self._keys(names)
        for selector in _values(self.given, "--selector", "-l"):
            yield from self._selected(kinds[0] if kinds else "pods", selector)

    def _named(self) -> tuple[list[str], list[tuple[str, str]]]:
        """The kinds that are asked for as a whole, and the objects that are named."""
        rest = list(self.given.rest)
        if self.verb in ("config", "kustomize", "diff", "apply", "api-resources", "wait", "auth"):
            return [], []
        if self.verb == "create":
            sources = _values(self.given, "--from")
            if self.sub == "job" and rest and self.own is not None:
                self.own.objects[("job", rest[0])] = None  # what later commands ask about
            return [], [tuple(one.split("/", 1)) for one in sources]  # type: ignore[misc]
        if self.verb == "top":
            return [self.sub], []
        slashed = [tuple(one.split("/", 1)) for one in rest[:1] if "/" in one and UNKNOWN not in one]
        if slashed:
            return [], slashed  # type: ignore[return-value]
        if self.verb in ("logs", "exec", "port-forward") or not rest or UNKNOWN in rest[0]:
            return [], [("pod", one) for one in rest[:1] if UNKNOWN not in one]
        kinds = rest[0].split(",")
        named = rest[1:] if self.verb not in ("annotate", "label") else rest[1:2]
        return (kinds, []) if not named else ([], [(kinds[0], one) for one in named])

    def _is_kind(self, kind: str) -> bool:
        return any(known == _singular(kind) for known, _ in self.world.objects)

    def _is_there(self, kind: str, name: str) -> bool:
        if self.own is not None:
            return (kind, name) in self.own.objects
        if self.namespace is None:
            return (kind, name) in self.world.objects
        if f"{kind}/{name}" in BESIDE.get(self.namespace, ()):
            return True
        spec = self.world.platform.spec
        if self.namespace == spec.cluster.keda_namespace and (kind, name) == ("deployment", "keda-operator"):
            return True
        delivered = {(one["kind"].lower(), one["metadata"]["name"]) for one in self.world.delivered}
        stack = {getattr(one, "service", None) for _, one in spec.monitoring.stack}
        urls = [one.url for one in spec.monitoring.datasources.values() if hasattr(one, "url")]
        stack |= {str(urlsplit(url).hostname).split(".")[0] for url in urls}
        return (kind, name) in delivered or (kind == "service" and name in stack)

    def _container(self, kind: str, name: str) -> Iterator[str]:
        world = self.own
        manifest = world.objects.get((kind, name)) if world is not None else None
        for container in _values(self.given, "--container", "-c"):
            if manifest is not None and container not in _containers(manifest):
                yield f"{kind} {name} has no container {container}"

    def _keys(self, names: Sequence[tuple[str, str]]) -> Iterator[str]:
        """Keys of a Secret that a template or a path asks for."""
        asked = " ".join(_values(self.given, "--output", "-o"))
        keys = [json.loads(f'"{one}"') for one in re.findall(r'index \.data "((?:[^"\\]|\\.)*)"', asked)]
        keys += [one.replace("\\.", ".") for one in re.findall(r"\{\.data\.((?:[^}\\]|\\.)+)\}", asked)]
        for kind, name in names:
            manifest = self.own.objects.get((_singular(kind), name)) if self.own else None
            if _singular(kind) != "secret" or manifest is None:
                continue
            there = {one["secretKey"] for one in manifest["spec"].get("data") or ()}
            if manifest["spec"].get("dataFrom"):
                continue
            yield from (f"secret {name} has no key {key}" for key in keys if key not in there)

    def _selected(self, kind: str, selector: str) -> Iterator[str]:
        if UNKNOWN in selector:
            return
        wanted = dict(one.split("=", 1) for one in selector.split(",") if "=" in one)
        dns = self.world.platform.spec.cluster.dns_pods
        if self.own is None and wanted in (dns, *LABELS_BESIDE):
            return
        if _GATEWAYS & wanted.keys():
            return  # a Gateway's labels are those that its controller gives
        world = self.own or self.world
        known = [
            (of, labels, manifest)
            for of, labels, manifest in world.labelled
            if (of == _singular(kind) or (manifest is None and of == "pod"))
            and all(labels.get(key) == value for key, value in wanted.items())
        ]
        if not known:
            yield f"{selector} selects no {kind} in {self.namespace}"
        containers = {name for _, _, one in known if one is not None for name in _containers(one)}
        for container in _values(self.given, "--container", "-c"):
            if container not in containers:
                yield f"no pod of {selector} has a container {container}"


def _verbs(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The verb, which options may stand before, and all the rest."""
    rest = list(words)
    before: list[str] = []
    while rest and rest[0].startswith("-"):
        before.append(rest.pop(0))
        if "=" not in before[-1]:
            before.append(rest.pop(0))
    count = 2 if rest and rest[0] in ("rollout", "config", "auth", "set", "top") else 1
    if rest[:2] == ["create", "job"] or rest[:2] == ["create", "namespace"]:
        count = 2
    return rest[:count], [*before, *rest[count:]]


def _values(given: Parsed, *names: str) -> list[str]:
    return [value for name in names for value in given.options.get(name, ())]


def _containers(manifest: Manifest) -> list[str]:
    pod = (pod_template(manifest) or {}).get("spec") or {}
    return [one["name"] for one in all_containers(pod)]


_PLURALS = {"quota": "resourcequota", "ingresses": "ingress", "networkpolicies": "networkpolicy"}


def _singular(kind: str) -> str:
    word = kind.lower().split(".")[0]
    return _PLURALS.get(word, word.removesuffix("s") if not word.endswith("ss") else word)


def _curl(words: Sequence[str], world: World) -> Iterator[str]:
    for word in words:
        host = urlsplit(word).hostname if word.startswith("http") else None
        if host is None or UNKNOWN in word or host in ("127.0.0.1", "localhost"):
            continue
        if not any(fnmatch.fnmatch(host, known) for known in world.hosts()):
            yield f"the platform does not answer for {host}"


def _everywhere(found: Sequence[Mapping[tuple[int, str], None]]) -> list[tuple[int, str]]:
    """The complaints of all environments, whatever their namespace is."""

    def plain(one: tuple[int, str]) -> tuple[int, str]:
        return one[0], one[1].partition(" in ")[0]

    others = [{plain(one) for one in several} for several in found[1:]]
    return [one for one in (found[0] if found else ()) if all(plain(one) in several for several in others)]


_SPACE = re.compile(r"^(?:# )?NS=(?P<space>\S+)(?:\s+# in (?P<names>.+))?$", re.MULTILINE)


def _is_meant(block: str, world: World) -> bool:
    """Whether a block that says its namespace says it for this environment."""
    found = list(_SPACE.finditer(block))
    if not found:
        return True
    return any(
        world.environment in (one["names"] or world.environment).split(", ")
        and world.namespace == one["space"]
        for one in found
    )


def blocks(text: str) -> list[tuple[int, str]]:
    """The blocks of shell of a page, with the line before their first one."""
    return [
        ((token.map or [0])[0] + 1, token.content)
        for token in MARKDOWN.parse(text)
        if token.type == "fence" and token.info.strip() in ("sh", "bash", "shell", "console")
    ]
