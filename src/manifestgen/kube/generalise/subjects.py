"""The objects of all layers side by side, and what decides whether each of them is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from manifestgen.facts.conventions import PLATFORM, THIS_NAMESPACE
from manifestgen.kube.generalise.layers import ABSENT, Versions, merged_order
from manifestgen.kube.generalise.naming import DASHBOARD, FILES, GATHERED, SCRIPTS, Place
from manifestgen.kube.generalise.paths import ROUTES, WORKLOADS, camel, main_container
from manifestgen.kube.generalise.tree import Guard, Test, ValuePath
from manifestgen.kube.generalise.values import About, Values
from manifestgen.kube.identity import is_dashboard, own_name
from manifestgen.kube.objects import Inventory, KubeObject, ObjectId

_SWITCHED = frozenset({"Namespace", "PriorityClass", "ClusterIssuer"})
"""Kinds that a cluster may have already, from another release or by hand: each can be left out."""
_REPLACED_BY: Final = {"Deployment": "Rollout", "HorizontalPodAutoscaler": "ScaledObject"}
"""Kinds of which an environment has either the one or the other, by one switch."""
_FOLLOWS: Final = {"AnalysisTemplate": "Rollout", "TriggerAuthentication": "ScaledObject"}
"""Kinds that are of no use without another, and so have its switch."""
_SCRIPTS: Final = "kubernetes/backup-scripts.yaml.j2"
SHARED = "platform"
"""Values of a component whose own name is reserved lie below this."""


class Subject(NamedTuple):
    """One object in all layers."""

    id: ObjectId
    component: str
    versions: Versions
    """Its manifest in each layer, or ABSENT."""
    place: Place
    main_container: str | None
    kind: str
    """What the table of rules calls it."""
    guards: tuple[Guard, ...] = ()
    """When it is there; none: always."""

    @property
    def presence(self) -> tuple[bool, ...]:
        """Which layers have it."""
        return tuple(version is not ABSENT for version in self.versions)


def subjects(layers: Sequence[Inventory], reserved: frozenset[str]) -> tuple[Subject, ...]:
    """All objects of all layers, in the order of the layers, those of a component together."""
    found: dict[ObjectId, KubeObject] = {}
    for layer in reversed(layers):
        found.update(layer.objects)
    components: dict[str, list[KubeObject]] = {}
    for id_ in merged_order([list(layer.objects) for layer in layers]):
        components.setdefault(found[id_].component, []).append(found[id_])
    roots = _roots(tuple(components), reserved)
    return tuple(
        Subject(
            id=this.id,
            component=component,
            versions=tuple(_version(layer, this.id) for layer in layers),
            place=_place(this, own, roots[component]),
            main_container=main_container(this.manifest, component),
            kind=_kind(this),
        )
        for component, own in components.items()
        for this in own
    )


def _kind(this: KubeObject) -> str:
    """A ConfigMap with a dashboard of Grafana, or with scripts, has no settings that people would tune."""
    if this.template == _SCRIPTS:
        return SCRIPTS
    return DASHBOARD if is_dashboard(this.manifest) else this.id.kind


def _version(layer: Inventory, identity: ObjectId) -> Any:
    """The object in a layer; a base that has only what environments share does not have it."""
    found = layer.objects.get(identity)
    return found.manifest if found is not None and found.complete else ABSENT


def _roots(components: Sequence[str], reserved: frozenset[str]) -> dict[str, ValuePath]:
    """Where the values of each component lie."""
    roots: dict[str, ValuePath] = {}
    for component in components:
        name = camel(component)
        names = (name, *(f"{name}{number}" for number in range(2, len(components) + 1)))
        places: list[ValuePath] = [(SHARED, n) if n in reserved else (n,) for n in names]
        roots[component] = next(place for place in places if place not in roots.values())
    return roots


def _place(this: KubeObject, own: Sequence[KubeObject], root: ValuePath) -> Place:
    kind = this.id.kind
    alike = WORKLOADS if kind in WORKLOADS else {kind}
    same_kind = [other for other in own if other.id.kind in alike]
    main = next((other for other in same_kind if own_name(other.id.name) == other.component), same_kind[0])
    suffix = camel(_without(own_name(this.id.name), this.component))
    is_main = this is main and not (kind == "ConfigMap" and suffix == FILES)
    has_workload = any(other.id.kind in WORKLOADS for other in own)
    return Place(
        kind=kind,
        component=root,
        suffix="" if is_main or own_name(this.id.name) == this.component else suffix,
        bare=kind in WORKLOADS or (kind in ROUTES and not has_workload),
        gathered=_gathered(this),
    )


def _gathered(this: KubeObject) -> ValuePath:
    """Where the values of a store lie, or of an object of the platform itself among others of its kind."""
    if this.id.kind == "SecretStore":
        return (camel(this.id.name),)
    if this.component != PLATFORM:
        return ()
    if this.id.name == THIS_NAMESPACE:
        return ("namespace",)
    noun = GATHERED.get(_kind(this))
    return (noun, camel(this.id.name)) if noun else ()


def _without(name: str, component: str) -> str:
    """``headless`` for the object ``api-headless`` of component ``api``."""
    for mark in ("-", ".", ":"):
        name = name.removeprefix(component + mark).removesuffix(mark + component)
    return name


def guarded(found: Sequence[Subject], values: Values) -> tuple[Subject, ...]:
    """The same subjects, with a switch for each that some layer does not have.

    A component that is missing whole has one switch; an object has its own below it only when it is
    missing in a layer that has the component.
    """
    components: dict[str, list[Subject]] = {}
    for subject in found:
        components.setdefault(subject.component, []).append(subject)
    result: list[Subject] = []
    for component, own in components.items():
        anywhere = tuple(any(flags) for flags in zip(*(subject.presence for subject in own), strict=True))
        guards: tuple[Guard, ...] = ()
        if not all(anywhere):
            about = About(f"Deploy {component}.")
            guards = (Guard(values.claim([(*own[0].place.component, "enabled")], anywhere, about), Test.ON),)
        switches = _Switches(own, anywhere, values)
        result += [subject._replace(guards=(*guards, *switches.of(subject))) for subject in own]
    return tuple(result)


_TAKEN_OVER = About("Make the Namespace, too; one that is there is taken over with --take-ownership.")


def _deploy(subject: Subject) -> About:
    if subject.id.kind == "Namespace":
        return _TAKEN_OVER
    return About(f"Deploy {subject.id.kind} {subject.id.name}.")


class _Switches(NamedTuple):
    """What decides whether each object of a component is there, in layers that have the component at all."""

    own: Sequence[Subject]
    anywhere: tuple[bool, ...]
    values: Values

    def of(self, subject: Subject) -> tuple[Guard, ...]:
        """The guard of an object, none where it is always there."""
        if subject.presence == self.anywhere and subject.id.kind not in _SWITCHED:
            return ()
        leader = self._find(_FOLLOWS.get(subject.id.kind), subject.presence)
        if leader is not None:
            return (Guard(self._claim(leader), Test.ON),)
        rest = tuple(some and not own for own, some in zip(subject.presence, self.anywhere, strict=True))
        other = self._find(_REPLACED_BY.get(subject.id.kind), rest, subject.id.name)
        if other is not None:
            return (Guard(self._claim(other), Test.OFF),)
        return (Guard(self._claim(subject), Test.ON),)

    def _find(self, kind: str | None, presence: tuple[bool, ...], name: str | None = None) -> Subject | None:
        for other in self.own:
            if other.id.kind == kind and other.presence == presence and name in (None, other.id.name):
                return other
        return None

    def _claim(self, subject: Subject) -> ValuePath:
        switch = tuple(
            own if some else ABSENT for own, some in zip(subject.presence, self.anywhere, strict=True)
        )
        paths = [(*path, "enabled") for path in self._paths(subject)]
        return self.values.claim(paths, switch, _deploy(subject))

    def _paths(self, subject: Subject) -> list[ValuePath]:
        place = subject.place
        if place.bare:
            return [place.by_kind]
        if subject.id.kind == "ScaledObject" and any(_is_hpa(one) for one in self.own):
            return [(*place.own, "keda"), place.by_kind]
        return [place.own, place.by_kind]


def _is_hpa(subject: Subject) -> bool:
    return subject.id.kind == "HorizontalPodAutoscaler"
