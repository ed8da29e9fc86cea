"""The environment of containers: single variables in their order, and whole sets of settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from manifestgen.facts import conventions as names
from manifestgen.kinds.views import Owner, present
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import EnvSource
from manifestgen.spec.settings import Setting, Settings, as_environment_text
from manifestgen.spec.workloads import WorkloadBase

Item = dict[str, Any]


def env(variables: Mapping[str, Setting | EnvSource]) -> list[Item]:
    """The variables as a container lists them."""
    return [{"name": name, **_variable(given)} for name, given in variables.items()]


def _variable(given: Setting | EnvSource) -> Item:
    if not isinstance(given, EnvSource):
        return {"value": as_environment_text(given)}
    if given.field is not None:
        return {"valueFrom": {"fieldRef": {"fieldPath": given.field}}}
    if given.resource is not None:
        amount = present(containerName=given.container, resource=given.resource, divisor=given.divisor)
        return {"valueFrom": {"resourceFieldRef": amount}}
    is_optional = {"optional": True} if given.optional else {}
    if given.secret is not None:
        name = given.secret if given.existing else names.secret(given.secret)
        return {"valueFrom": {"secretKeyRef": {"name": name, "key": given.key, **is_optional}}}
    assert given.config is not None  # the model has one of the four
    name = given.config if given.existing else names.config_map(given.config)
    return {"valueFrom": {"configMapKeyRef": {"name": name, "key": given.key, **is_optional}}}


def env_from(platform: ResolvedPlatform, sets: Iterable[str]) -> list[Item]:
    """Sources of the environment by the names of their sets or workloads; Kubernetes lets later ones win."""
    sources: list[Item] = []
    for name in sets:
        found = platform.spec.settings.get(name) or platform.spec.workloads.get(name)
        if found is not None and found.config:
            sources.append({"configMapRef": {"name": names.config_map(name)}})
        if found is not None and (found.secrets or (isinstance(found, Settings) and found.has_secret)):
            sources.append({"secretRef": {"name": names.secret(name)}})
    return sources


def sets_read(owner: Owner, workload: WorkloadBase) -> list[str]:
    """The sets of settings and workloads whose settings some container reads, each once."""
    found = [*workload.settings, owner.name, *_of_env(workload.env)]
    for other in workload.others.values():
        found += [*other.settings, *_of_env(other.env)]
    for volume in workload.volumes.values():
        if volume.config is not None and not volume.config.existing:
            found.append(volume.config.name)
        elif volume.projected is not None:
            found += volume.projected.config
    return list(dict.fromkeys(found))


def _of_env(variables: Mapping[str, Setting | EnvSource]) -> Iterator[str]:
    for given in variables.values():
        if isinstance(given, EnvSource) and given.config is not None and not given.existing:
            yield given.config
