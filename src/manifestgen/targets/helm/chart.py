"""The whole chart: templates, values, their schema, and what people read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from manifestgen.artifact import Artifact
from manifestgen.kube.generalise import Generalisation, GeneralObject, generalise
from manifestgen.kube.identity import object_paths
from manifestgen.kube.objects import Inventory, KubeObject, ObjectId
from manifestgen.rendering.environment import Renderer
from manifestgen.targets.helm.comments import commented, leading_comment
from manifestgen.targets.helm.documents import Page
from manifestgen.targets.helm.model import ChartInfo
from manifestgen.targets.helm.release import installed, object_lines
from manifestgen.targets.helm.schema import values_schema
from manifestgen.targets.helm.syntax import References, escaped
from manifestgen.targets.helm.text import Writer
from manifestgen.targets.helm.values import branches, environment_file, unset_maps, values_file
from manifestgen.yamlio import emit

TARGET: Final = "helm"


def render(
    base: Inventory, environments: Mapping[str, Inventory], info: ChartInfo, renderer: Renderer
) -> tuple[Artifact, ...]:
    """The files of a chart that installs the objects of each environment with its values file.

    ``helm template -f values-<environment>.yaml`` gives the objects of the environment in the
    namespace of the release, and without a values file those of the base.
    """
    things = _things(base, environments)
    general = generalise(base, environments, info.reserved)
    root = branches(general.values)
    references = References(frozenset(unset_maps(root)))
    page = Page(info, general, root, things, references)
    folder = f"helm/{info.name}"
    files = {
        "Chart.yaml": _chart_yaml(info),
        "values.yaml": values_file(root, info, page.titles(), general.environments),
        "values.schema.json": values_schema(root, info),
        **dict(_templates(info, general, things, references)),
        **page.files(renderer),
    }
    own = [Artifact(f"{folder}/{name}", text, TARGET) for name, text in files.items()]
    layers = [
        Artifact(f"{folder}/values-{name}.yaml", environment_file(root, info, index, name), TARGET, name)
        for index, name in enumerate(general.environments)
    ]
    return (*own, *layers)


def _things(base: Inventory, environments: Mapping[str, Inventory]) -> dict[ObjectId, KubeObject]:
    """Every object once, as the first layer has it that has it whole."""
    things: dict[ObjectId, KubeObject] = {}
    for layer in (base, *environments.values()):
        for identity, thing in layer.objects.items():
            if identity not in things or not things[identity].complete:
                things[identity] = thing
    return things


def _chart_yaml(info: ChartInfo) -> str:
    document: dict[str, Any] = {
        "apiVersion": "v2",
        "name": info.name,
        "description": info.description,
        "type": "application",
        "version": info.version,
        "appVersion": info.app_version,
        "kubeVersion": info.kube_version,
        "home": info.home,
        "icon": info.icon,
        "sources": list(info.sources),
        "keywords": list(info.keywords),
        "maintainers": [_filled({"name": m.name, "email": m.email, "url": m.url}) for m in info.maintainers],
        "dependencies": [
            _filled(
                {
                    "name": d.name,
                    "alias": "" if d.alias == d.name else d.alias,
                    "version": d.version,
                    "repository": d.repository,
                    "condition": d.condition,
                }
            )
            for d in info.dependencies
        ],
    }
    return emit.dump(_filled(document))


def _filled(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value}


def _templates(
    info: ChartInfo,
    general: Generalisation,
    things: Mapping[ObjectId, KubeObject],
    references: References,
) -> Iterator[tuple[str, str]]:
    values = {value.path: value for value in general.values}
    writer = Writer(info.name, values, general.environments, references)
    paths = object_paths(things.values())
    for one in general.objects:
        yield f"templates/{paths[one.id]}", _template(one, things[one.id], writer)


def _template(one: GeneralObject, thing: KubeObject, writer: Writer) -> str:
    tree = commented(installed(one.tree, thing, writer), thing)
    lines = [*_header(thing), *object_lines(tree, thing.manifest, writer)]
    if one.guards:
        lines = [f"{{{{- if {writer.references.condition(one.guards)} }}}}", *lines, "{{- end }}"]
    return "\n".join(lines) + "\n"


def _header(thing: KubeObject) -> list[str]:
    """The comment that the object's own text begins with, if it does."""
    return [escaped(f"# {line}".rstrip()) for line in leading_comment(thing).splitlines()]
