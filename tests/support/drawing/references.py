"""References of a drawn spec made to name what there is; parts taken out together with what needs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import Any, Final

from pydantic import BaseModel

from manifestgen.spec.alerting import Interval
from manifestgen.spec.datastores import PostgreSQL, RabbitMQ, Redis
from manifestgen.spec.externals import External
from manifestgen.spec.grafana import LokiSource, TempoSource
from manifestgen.spec.loadtests import Login
from manifestgen.spec.routes import Route
from manifestgen.spec.settings import Settings
from manifestgen.spec.volumes import Claim
from manifestgen.spec.workloads import Web
from support.drawing.artist import Artist, Field, fields_of
from support.drawing.meanings import SHAPES
from support.drawing.values import Drawn, DrawnList, DrawnMap, Path, Ref


class _Gone(Enum):
    GONE = "gone"


GONE: Final = _Gone.GONE
Trail = tuple[Any, ...]
"""The maps around a value from the outside in, each behind its name if it has one."""
Supply = Callable[[Drawn, "Trail", Artist], None]


def _section(root: Any, name: str) -> dict[str, Any]:
    found = root.get(name, {})
    return found if isinstance(found, dict) else {}


def _typed(root: Any, section: str, *types: str) -> list[str]:
    return [name for name, thing in _section(root, section).items() if thing.get("type") in types]


def _nearest(trail: Trail, *bases: str) -> Drawn | None:
    """The innermost map around a value that is a model of one of these names, or of one built on it."""
    for value in reversed(trail):
        if isinstance(value, Drawn) and any(cls.__name__ in bases for cls in value.model.__mro__):
            return value
    return None


def _ports(root: Any, trail: Trail) -> list[str]:
    container = _nearest(trail, "WorkloadBase", "Container", "InitContainer")
    return list(container.get("ports", {})) if container else []


def _containers(workload: Any) -> list[tuple[str, Any]]:
    sections = ("sidecars", "init", "containers")
    return [item for section in sections for item in (workload or {}).get(section, {}).items()]


def _pod_ports(root: Any, trail: Trail) -> list[str]:
    workload = _nearest(trail, "WorkloadBase") or {}
    others = [port for _, other in _containers(workload) for port in other.get("ports", {})]
    return [*workload.get("ports", {}), *others]


def _volumes(root: Any, trail: Trail) -> list[str]:
    workload = _nearest(trail, "WorkloadBase") or {}
    return [*workload.get("volumes", {}), *workload.get("scratch", {})]


def _name_of(root: Any, workload: Any) -> str:
    return next((name for name, one in _section(root, "workloads").items() if one is workload), "")


def _keys_of(thing: Any, kind: str) -> list[str]:
    """The keys of the settings or the secrets of a set or a workload."""
    if kind == "secret":
        return list(thing.get("secrets", {}))
    return [key for group in thing.get("config", {}).values() for key in group.get("values", {})]


def _sets(kind: str) -> Callable[[Any, Trail], list[str]]:
    def candidates(root: Any, trail: Trail) -> list[str]:
        things = {**_section(root, "settings"), **_section(root, "workloads")}
        return [name for name, thing in things.items() if _keys_of(thing, kind)]

    return candidates


def _keys_in(root: Any, kind: str, name: Any) -> list[str]:
    things = {**_section(root, "settings"), **_section(root, "workloads")}
    return _keys_of(things.get(name, {}), kind)


def _kind_of_files(trail: Trail) -> str:
    volume, files = _nearest(trail, "Volume"), _nearest(trail, "KeyFiles")
    return "config" if volume is not None and volume.get("config") is files else "secret"


def _keys_of_files(root: Any, trail: Trail) -> list[str]:
    files = _nearest(trail, "KeyFiles")
    return _keys_in(root, _kind_of_files(trail), files["name"]) if files else []


def _keys_of_variable(root: Any, trail: Trail) -> list[str]:
    source = _nearest(trail, "EnvSource") or {}
    kind = "secret" if "secret" in source else "config"
    return _keys_in(root, kind, source.get(kind))


def _keys_of_projection(root: Any, trail: Trail) -> list[str]:
    projected, chosen = _nearest(trail, "Projected") or {}, _nearest(trail, "KeysOfSet")
    for section, kind in (("config", "config"), ("secrets", "secret")):
        for name, one in projected.get(section, {}).items():
            if one is chosen:
                return _keys_in(root, kind, name)
    return []


def main_ports(workload: dict[str, Any]) -> list[str]:
    """The ports that a workload serves by its main Service."""
    services = workload.get("services", {})
    if workload.get("type") not in ("web", "stateful") and not services:
        return []
    if "main" in services:
        return list(services["main"].get("ports", {}))
    return [] if services else list(workload.get("ports", {}))


def _served(root: Any) -> list[str]:
    workloads = _section(root, "workloads")
    return [n for n, w in workloads.items() if main_ports(w)]


def _served_ports(root: Any, trail: Trail) -> list[str]:
    """The ports of the workload that a rule, or the copy of its requests, leads to."""
    destination = _nearest(trail, "RouteRule", "Mirror") or {}
    return main_ports(_section(root, "workloads").get(destination.get("workload"), {}))


def _ports_of_backend(root: Any, trail: Trail) -> list[str]:
    """The ports of the workload that a backend is called as."""
    name = trail[trail.index(_nearest(trail, "Backend")) - 1]
    return main_ports(_section(root, "workloads").get(name, {}))


def _ports_of_service(root: Any, trail: Trail) -> list[str]:
    return list((_nearest(trail, "Service") or {}).get("ports", ()))


def _hosts_of_route(root: Any, trail: Trail) -> list[str]:
    return list((_nearest(trail, "Route") or {}).get("hosts", ()))


def _http_routes(root: Any, trail: Trail) -> list[str]:
    return [name for name, one in _section(root, "routes").items() if one.get("protocol") != "GRPC"]


def _hosts_of_tests(root: Any, trail: Trail) -> list[str]:
    route = _section(root, "routes").get(_section(root, "loadTests").get("route"), {})
    return [host for host in route.get("hosts", ()) if not host.startswith("*")]


def _of_tests(key: str) -> Callable[[Any, Trail], list[str]]:
    return lambda root, trail: list(_section(root, "loadTests").get(key, {}))


def _peers(root: Any, trail: Trail) -> list[str]:
    workloads = _section(root, "workloads")
    own = [name for name, thing in workloads.items() if any(thing is one for one in trail)]
    open_ones = [name for name, thing in workloads.items() if thing.get("ports") and name not in own]
    return [*_section(root, "datastores"), *open_ones, *_section(root, "externals")]


def _waitable(root: Any, trail: Trail) -> list[str]:
    workload = _nearest(trail, "WorkloadBase")
    known = {*_section(root, "datastores"), *_served(root)}
    return [name for name in (workload or {}).get("connects", []) if name in known]


def _keys(root: Any, trail: Trail) -> list[str]:
    datastore = _nearest(trail, "DatastoreBase")
    settings = _section(root, "settings").get(datastore.get("credentials")) if datastore else None
    return list((settings or {}).get("secrets", {}))


def _keys_of_backup(root: Any, trail: Trail) -> list[str]:
    """The keys of the credentials of the data service that a backup is of."""
    backup = _nearest(trail, "Backup") or {}
    store = _section(root, "datastores").get(backup.get("datastore"), {})
    return list(_section(root, "settings").get(store.get("credentials"), {}).get("secrets", {}))


def _sources(*types: str) -> Callable[[Any, Trail], list[str]]:
    def candidates(root: Any, trail: Trail) -> list[str]:
        sources = root.get("monitoring", {}).get("datasources", {})
        return [name for name, source in sources.items() if source.get("type") in types]

    return candidates


def _of_alerting(key: str) -> Callable[[Any, Trail], list[str]]:
    return lambda root, trail: list(root.get("alerting", {}).get(key, {}))


def _objectives(root: Any, trail: Trail) -> list[str]:
    own = _name_of(root, _nearest(trail, "WorkloadBase"))
    slos = root.get("monitoring", {}).get("slos", root.get("slos", {}))
    return [name for name, slo in slos.items() if slo.get("workload") == own]


def _ways_of_experiment(root: Any, trail: Trail) -> list[str]:
    experiment = _nearest(trail, "ExperimentBase") or {}
    workload = _section(root, "workloads").get(experiment.get("workload"), {})
    return list(workload.get("connects", ()))


def _keys_of_trigger(root: Any, trail: Trail) -> list[str]:
    authentication, workload = _nearest(trail, "Authentication"), _nearest(trail, "WorkloadBase")
    if authentication is not None and "settings" in authentication:
        return _keys_in(root, "secret", authentication["settings"])
    return _keys_of(workload or {}, "secret")


def _variables(root: Any, trail: Trail) -> list[str]:
    workload = _nearest(trail, "WorkloadBase") or {}
    return [*_keys_of(workload, "config"), *_keys_of(workload, "secret"), *workload.get("env", {})]


def _vaults(root: Any) -> list[str]:
    """The stores that can be set up."""
    others = [
        n for n in _typed(root, "secretStores", "vault") if root["secretStores"][n].get("version") != "v1"
    ]
    return [*(["vault"] if root.get("vault", {"version": "v1"}).get("version") != "v1" else []), *others]


def _secrets_of_vault(root: Any) -> list[str]:
    """Secrets that are in the Vault that is set up, as far as they name their store or there is no other."""
    stores, chosen = _vaults(root), root.get("vaultSetup", {}).get("store")
    things = [*_section(root, "settings").values(), *_section(root, "workloads").values()]
    named = [secret for thing in things for secret in thing.get("secrets", {}).values()]
    alone = len(stores) == 1 and len(_section(root, "secretStores")) + ("vault" in root) == 1
    wanted = (chosen, None) if alone else (chosen,)
    return [one["vault"] for one in named if "vault" in one and one.get("store") in wanted]


def _engines(root: Any) -> dict[str, Any]:
    return _section(root.get("vaultSetup", {}), "engines")


def _gifts(root: Any, trail: Trail) -> list[str]:
    """The roles or keys of the engine that the list is about."""
    engine = next((_engines(root).get(one) for one in reversed(trail) if isinstance(one, str)), None) or {}
    return list(engine.get("roles", engine.get("keys", {})))


CANDIDATES: Final[dict[str, Callable[[Any, Trail], Sequence[str]]]] = {
    "settings": lambda root, trail: list(_section(root, "settings")),
    "secret-settings": lambda root, trail: [
        name for name, one in _section(root, "settings").items() if one.get("secrets")
    ],
    "workload": lambda root, trail: list(_section(root, "workloads")),
    "peers": _peers,
    "waitable": _waitable,
    "port": _ports,
    "pod-port": _pod_ports,
    "volume": _volumes,
    "container": lambda root, trail: [
        _name_of(root, _nearest(trail, "WorkloadBase")),
        *(name for name, _ in _containers(_nearest(trail, "WorkloadBase"))),
    ],
    "config-set": _sets("config"),
    "secret-set": _sets("secret"),
    "set-of-files": lambda root, trail: _sets(_kind_of_files(trail))(root, trail),
    "key-of-files": _keys_of_files,
    "key-of-variable": _keys_of_variable,
    "key-of-projection": _keys_of_projection,
    "redis": lambda root, trail: _typed(root, "datastores", "redis"),
    "objective": _objectives,
    "key-of-trigger": _keys_of_trigger,
    "variable": _variables,
    "platform": lambda root, trail: [root["metadata"]["name"]],
    "claim": lambda root, trail: list(_section(root, "claims")),
    "rabbitmq": lambda root, trail: _typed(root, "datastores", "rabbitmq"),
    "postgresql": lambda root, trail: _typed(root, "datastores", "postgresql"),
    "credentials-key": _keys,
    "key-of-backup": _keys_of_backup,
    "served-workload": lambda root, trail: _served(root),
    "served-port": _served_ports,
    "port-of-backend": _ports_of_backend,
    "port-of-service": _ports_of_service,
    "http-route": _http_routes,
    "host-of-tests": _hosts_of_tests,
    "login": _of_tests("logins"),
    "task": _of_tests("tasks"),
    "users": _of_tests("users"),
    "measured-objective": lambda root, trail: [
        name for name, one in _section(root, "slos").items() if "custom" not in one
    ],
    "backup": lambda root, trail: list(_section(root, "backups")),
    "route": lambda root, trail: list(_section(root, "routes")),
    "slo": lambda root, trail: list(_section(root, "slos")),
    "external": lambda root, trail: list(_section(root, "externals")),
    "host-of-route": _hosts_of_route,
    "measured-workload": lambda root, trail: [
        name for name, one in _section(root, "workloads").items() if "metrics" in one
    ],
    "lasting-workload": lambda root, trail: [
        name for name, one in _section(root, "workloads").items() if one.get("type") not in ("job", "cronjob")
    ],
    "way-of-experiment": _ways_of_experiment,
    "traces-source": _sources("tempo", "jaeger"),
    "logs-source": _sources("loki"),
    "receiver": _of_alerting("receivers"),
    "interval": _of_alerting("intervals"),
    "vault-store": lambda root, trail: _vaults(root),
    "vault-secret": lambda root, trail: _secrets_of_vault(root),
    "vault-engine": lambda root, trail: list(_engines(root)),
    "vault-gift": _gifts,
    "role": lambda root, trail: ["view", "edit", "admin", *root.get("tenancy", {}).get("roles", {})],
}
"""What each kind of reference may name, in the spec as it is."""


def resolved(root: Drawn, artist: Artist) -> Drawn:
    """``root`` with every reference pointing at something.

    Where there is nothing of a kind, it is mostly added; else what would refer to it is taken out.
    """
    for _ in range(4):
        before = repr(root)
        supply(root, artist)
        found = _settle(root, root, ())
        assert isinstance(found, Drawn)  # nothing that a platform must have is a reference
        root = found
        if repr(root) == before:
            break
    return root


def supply(root: Drawn, artist: Artist) -> None:
    """Add to ``root`` what its references look for and do not find."""
    for value, trail in list(_references(root, ())):
        if not CANDIDATES[value.kind](root, trail) and value.kind in SUPPLIES and artist.choices.chance(80):
            SUPPLIES[value.kind](root, trail, artist)


def _references(value: Any, trail: Trail) -> Iterator[tuple[Ref, Trail]]:
    if isinstance(value, Ref):
        yield value, trail
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from _references(key, (*trail, value))
            yield from _references(member, (*trail, value, key))
    elif isinstance(value, list):
        for item in value:
            yield from _references(item, (*trail, value))


def member_of(root: Drawn, path: tuple[str, ...], artist: Artist) -> Any:
    """The field at ``path``, drawn where it is not there yet."""
    for key in path:
        if key not in root:
            (field,) = (one for one in fields_of(root.model) if one.key == key)
            root[key] = artist.field(root.model, field)
        root = root[key]
    return root


def _thing(section: tuple[str, ...], name: str, model: type[BaseModel]) -> Supply:
    """Adds a thing of a model under a name of its own."""

    def add(root: Drawn, trail: Trail, artist: Artist) -> None:
        member_of(root, section, artist)[name] = artist.model(model)

    return add


def _set(root: Drawn, key: str, artist: Artist) -> None:
    settings = member_of(root, ("settings",), artist)
    member_of(settings.setdefault("added", Drawn(Settings, {})), (key,), artist)


def _own(trail: Trail, key: str, artist: Artist) -> None:
    workload = _nearest(trail, "WorkloadBase")
    if workload is not None:
        member_of(workload, (key,), artist)


def _credentials(root: Drawn, trail: Trail, artist: Artist) -> None:
    settings = member_of(root, ("settings",), artist)
    one = settings.setdefault("credentials", artist.model(Settings))
    one.setdefault("secrets", artist.field(Settings, _field(Settings, "secrets")))


def _field(model: type[BaseModel], key: str) -> Field:
    (found,) = (one for one in fields_of(model) if one.key == key)
    return found


def _port(root: Drawn, trail: Trail, artist: Artist) -> None:
    container = _nearest(trail, "WorkloadBase", "Container")
    if container is not None:
        container["ports"] = artist.field(container.model, _field(container.model, "ports"))


def _volume(root: Drawn, trail: Trail, artist: Artist) -> None:
    workload = _nearest(trail, "WorkloadBase")
    if workload is not None:
        member_of(workload, (artist.choices.pick(("scratch", "volumes")),), artist)


def _served_workload(root: Drawn, trail: Trail, artist: Artist) -> None:
    web = artist.model(Web)
    web.pop("services", None)
    member_of(root, ("workloads",), artist)["served"] = web
    _port(root, (web,), artist)


def _measured_workload(root: Drawn, trail: Trail, artist: Artist) -> None:
    workloads = member_of(root, ("workloads",), artist)
    if workloads:
        one = artist.choices.pick(list(workloads.values()))
        one["metrics"] = artist.field(one.model, _field(one.model, "metrics"))


def _waited_for(root: Drawn, trail: Trail, artist: Artist) -> None:
    workload = _nearest(trail, "WorkloadBase")
    if workload is not None:
        known = [
            *_section(root, "datastores"),
            *(one for one in _served(root) if root["workloads"][one] is not workload),
        ]
        if not known:
            SUPPLIES["rabbitmq"](root, trail, artist)
            known = ["broker"]
        connects = workload.setdefault(
            "connects", artist.field(workload.model, _field(workload.model, "connects"))
        )
        connects.append(artist.choices.pick(known))


SUPPLIES: Final[dict[str, Supply]] = {
    "settings": _thing(("settings",), "added", Settings),
    "secret-settings": _credentials,
    "credentials-key": _credentials,
    "port": _port,
    "pod-port": _port,
    "volume": _volume,
    "config-set": lambda root, trail, artist: _set(root, "config", artist),
    "secret-set": lambda root, trail, artist: _set(root, "secrets", artist),
    "set-of-files": lambda root, trail, artist: _set(
        root, "config" if _kind_of_files(trail) == "config" else "secrets", artist
    ),
    "redis": _thing(("datastores",), "cache", Redis),
    "key-of-trigger": lambda root, trail, artist: _own(trail, "secrets", artist),
    "variable": lambda root, trail, artist: _own(trail, "config", artist),
    "claim": _thing(("claims",), "data", Claim),
    "peers": _thing(("externals",), "outside", External),
    "waitable": _waited_for,
    "rabbitmq": _thing(("datastores",), "broker", RabbitMQ),
    "postgresql": _thing(("datastores",), "database", PostgreSQL),
    "external": _thing(("externals",), "outside", External),
    "http-route": _thing(("routes",), "tested", Route),
    "login": _thing(("loadTests", "logins"), "somebody", Login),
    "served-workload": _served_workload,
    "measured-workload": _measured_workload,
    "traces-source": _thing(("monitoring", "datasources"), "traces", TempoSource),
    "logs-source": _thing(("monitoring", "datasources"), "logs", LokiSource),
    "interval": _thing(("alerting", "intervals"), "nights", Interval),
}
"""What adds something that a reference can name."""


def _settle(value: Any, root: Any, trail: Trail) -> Any:
    if isinstance(value, Ref):
        candidates = CANDIDATES[value.kind](root, trail)
        return Ref(value.kind, value.pick, candidates[value.pick % len(candidates)]) if candidates else GONE
    if isinstance(value, Drawn):
        return _settled_model(value, root, (*trail, value))
    if isinstance(value, DrawnMap):
        return _settled_map(value, root, (*trail, value))
    if type(value) is dict:
        return {key: found for key, one in value.items() if (found := _settle(one, root, trail)) is not GONE}
    if isinstance(value, DrawnList):
        items = [found for item in value if (found := _settle(item, root, (*trail, value))) is not GONE]
        distinct = [
            item for place, item in enumerate(items) if item not in items[:place] or not isinstance(item, Ref)
        ]
        value[:] = distinct
        return value if len(value) >= value.fewest else GONE
    return value


def _settled_model(drawn: Drawn, root: Any, trail: Trail) -> Any:
    for key in list(drawn):
        found = _settle(drawn[key], root, trail)
        if found is not GONE:
            drawn[key] = found
        elif _may_go(drawn, key):
            del drawn[key]
        else:
            return GONE
    return drawn


def _settled_map(drawn: DrawnMap, root: Any, trail: Trail) -> Any:
    settled: dict[str, Any] = {}
    for key, member in drawn.items():
        name = _settle(key, root, trail)
        found = _settle(member, root, (*trail, name))
        if name is not GONE and found is not GONE:
            settled.setdefault(name, found)
    drawn.clear()
    drawn.update(settled)
    return drawn if len(drawn) >= drawn.fewest else GONE


def _may_go(drawn: Drawn, key: str) -> bool:
    """Whether ``key`` can be left out without the rest of the map losing its sense."""
    field = next((field for field in fields_of(drawn.model) if field.key == key), None)
    if field is None or field.required:
        return field is None
    bases = {base.__name__ for base in drawn.model.__mro__}
    present = {field.name for field in fields_of(drawn.model) if field.key in drawn}
    return all(
        len(present.intersection(fields) - {field.name}) >= fewest
        for name, fields, fewest, _ in SHAPES
        if name in bases and field.name in fields
    )


def without(value: Any, path: Path) -> Any:
    """``value`` without what lies at ``path``, nor what needs that; GONE when that is all of it."""
    if not path:
        return GONE
    step, *rest = path
    found = without(value[step], tuple(rest))
    if found is not GONE:
        return value
    if isinstance(value, Drawn) and not _may_go(value, str(step)):
        return GONE
    if isinstance(value, DrawnMap | DrawnList) and len(value) <= value.fewest:
        return GONE
    del value[step]
    return value
