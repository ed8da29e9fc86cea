"""The objects of all layers side by side, and what decides whether each of them is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from manifestgen.facts.conventions import PLATFORM, THIS_NAMESPACE
from manifestgen.kube.generalise.layers import ABSENT, Versions, merged_order
from manifestgen.kube.generalise.naming import FILES, GATHERED, Place
from manifestgen.kube.generalise.paths import WORKLOADS, camel, main_container
from manifestgen.kube.generalise.tree import Guard, Test, ValuePath
from manifestgen.kube.generalise.values import About, Values
from manifestgen.kube.identity import own_name
from manifestgen.kube.objects import Inventory, KubeObject, ObjectId

_SWITCHED = frozenset({"Namespace", "PriorityClass", "ClusterIssuer"})
"""Kinds that a cluster may have already, from another release or by hand: each can be left out."""
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
        )
        for component, own in components.items()
        for this in own
    )


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
        suffix="" if is_main else suffix,
        bare=kind in WORKLOADS or (kind == "Ingress" and not has_workload),
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
    noun = GATHERED.get(this.id.kind)
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
        result += [_with_switch(subject, anywhere, guards, values) for subject in own]
    return tuple(result)


_TAKEN_OVER = About("Make the Namespace, too; one that is there is taken over with --take-ownership.")


def _deploy(subject: Subject) -> About:
    return About(f"Deploy {subject.id.kind} {subject.id.name}.")


def _with_switch(
    subject: Subject, anywhere: tuple[bool, ...], guards: tuple[Guard, ...], values: Values
) -> Subject:
    if subject.presence != anywhere or subject.id.kind in _SWITCHED:
        place = subject.place
        paths = (
            [(*place.by_kind, "enabled")]
            if place.bare
            else [(*place.own, "enabled"), (*place.by_kind, "enabled")]
        )
        switch = tuple(own if some else ABSENT for own, some in zip(subject.presence, anywhere, strict=True))
        about = _TAKEN_OVER if subject.id.kind == "Namespace" else _deploy(subject)
        guards = (*guards, Guard(values.claim(paths, switch, about), Test.ON))
    return subject._replace(guards=guards)
