"""The objects: what each template writes, that every branch of it is proven, and that it is all valid."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from jsonschema import ValidationError
from kubernetes_validate.utils import validate
from pydantic import BaseModel
from syrupy.assertion import SnapshotAssertion

from manifestgen.kinds import ObjectMaker
from manifestgen.kube.objects import Inventory, KubeObject
from manifestgen.pipeline import load
from manifestgen.rendering.environment import Renderer
from manifestgen.rendering.folders import template_folders
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.platform import Platform
from manifestgen.spec.schema import platform_schema
from manifestgen.verify.schemas import SchemaChecker, known_versions
from manifestgen.verify.spec import check_platform
from support import yaml11
from support.specs import everything, inventory_of, named, platform_of, whole

(FOLDER,) = template_folders()
TEMPLATES = sorted(path.relative_to(FOLDER).as_posix() for path in (FOLDER / "kubernetes").glob("[!_]*.j2"))
CUSTOM = {
    *("argoproj.io", "keda.sh", "external-secrets.io", "autoscaling.k8s.io", "gateway.networking.k8s.io"),
    *("cert-manager.io", "chaos-mesh.org", "policy.linkerd.io"),
    *("security.istio.io", "networking.istio.io", "telemetry.istio.io"),
}
"""API groups of custom resources, which Kubernetes itself has no schemas for."""


@pytest.fixture(scope="module")
def inventories() -> list[Inventory]:
    """The objects of the specs that use every option."""
    platforms = [platform_of(spec) for spec in whole()]
    assert not [found for platform in platforms for found in check_platform(platform)]
    return [inventory_of(platform) for platform in platforms]


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_kind_is_written_as_people_read_it(
    template: str, inventories: list[Inventory], snapshot: SnapshotAssertion
) -> None:
    made = [[o.text for o in one.objects.values() if o.template == template] for one in inventories]
    texts = next(filter(None, made), None)
    assert texts, f"no object of the specs in tests/specs is made from {template}"
    assert "---\n".join(texts) == snapshot


def test_what_is_compared_is_what_is_written(inventories: list[Inventory]) -> None:
    for made in (made for inventory in inventories for made in inventory.objects.values()):
        assert yaml11.read(made.text) == made.manifest


# --- Nothing is left out ---------------------------------------------------------------------------


ELSEWHERE = ("monitoring", "alerting", "gitops")
"""Sections that no object of the platform is made from; test_gitops.py holds the same of the last."""
IN_FILES = {"Manifest.file"}
"""What names another file: tests/unit/test_manifests.py."""


TOO_NEW_FOR_HELM = {"ScalingRules.tolerance"}
"""Options of versions of Kubernetes that Helm 3 does not know: tests/unit/test_scaling.py tries them."""


def test_the_spec_of_everything_uses_every_option_that_makes_objects() -> None:
    used = {
        _declared_in(type(part), field)
        for spec in (*whole(), named("providers"))
        for part in _parts(platform_of(spec, next(iter(spec["environments"]))).spec)
        for field in part.model_fields_set & type(part).model_fields.keys()
    }
    known = {_declared_in(model, field) for model in _models() for field in model.model_fields}
    missing = known - used - IN_FILES - TOO_NEW_FOR_HELM
    assert not missing, "use the new option in a spec of tests/specs"


def _declared_in(model: type[BaseModel], field: str) -> str:
    """The field by the class that has it first: an option of all workloads is tried with one of them."""
    first = next(base for base in reversed(model.__mro__) if field in vars(base).get("__annotations__", ()))
    return f"{first.__name__}.{field}"


def _parts(value: Any) -> Iterator[BaseModel]:
    """The models in a value of the spec, itself included."""
    if isinstance(value, BaseModel):
        yield value
        for field in type(value).model_fields:
            yield from _parts(getattr(value, field))
    elif isinstance(value, dict):
        for member in value.values():
            yield from _parts(member)
    elif isinstance(value, list):
        for member in value:
            yield from _parts(member)


def _models() -> set[type[BaseModel]]:
    """The models of all sections that objects are made from."""
    schema = platform_schema()
    wanted = [part for section, part in schema["properties"].items() if section not in ELSEWHERE]
    names: set[str] = set()
    while wanted:
        for name in re.findall(r"'#/\$defs/(\w+)'", repr(wanted.pop())):
            if name not in names:
                names.add(name)
                wanted.append(schema["$defs"][name])
    return {Platform, *(model for model in _below(BaseModel) if model.__name__ in names)}


def _below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for sub in model.__subclasses__():
        if sub.__module__.startswith("manifestgen."):
            yield sub
        yield from _below(sub)


def test_every_branch_of_every_template_is_reached() -> None:
    renderer = Renderer(template_folders())
    reached = _lines_reached(renderer)
    for template in renderer.names("kubernetes"):
        missed = _lines_that_write(renderer, template) - reached[template]
        compiled = renderer._environment.get_template(template)
        lines = sorted({compiled.get_corresponding_lineno(line) for line in missed})
        assert not lines, f"{template}: nothing in tests/specs reaches the lines {lines}"


def _lines_reached(renderer: Renderer) -> dict[str, set[int]]:
    """The lines of Python, made by Jinja, that run while the objects of the spec are made."""
    reached: dict[str, set[int]] = {}

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if not frame.f_code.co_filename.endswith(".j2"):
            return None
        reached.setdefault(f"kubernetes/{Path(frame.f_code.co_filename).name}", set()).add(frame.f_lineno)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        for spec in whole():
            ObjectMaker(renderer).inventory(platform_of(spec))
    finally:
        sys.settrace(before)
    return reached


def _lines_that_write(renderer: Renderer, template: str) -> set[int]:
    """The lines of Python that put out text; in each branch of a template there is one."""
    environment = renderer._environment
    source = (FOLDER / template).read_text("utf-8")
    python = environment.compile(source, template, template, raw=True).splitlines()
    return {
        number
        for number, line in enumerate(python, start=1)
        if re.search(r"\byield |\.append\(|\.extend\(", line) and "if 0: yield" not in line
    }


# --- All of it is valid ----------------------------------------------------------------------------


SHIPPED = ("base", "staging", "production")


@pytest.fixture(scope="module")
def shipped(repo_root: Path) -> dict[str, tuple[ResolvedPlatform, Inventory]]:
    """The platforms and objects of Corporate Intel."""
    platforms = load(repo_root / "specs/platform.yaml").platforms
    return {name or "base": (platform, inventory_of(platform)) for name, platform in platforms.items()}


def _is_custom(made: KubeObject) -> bool:
    return made.id.api_version.split("/")[0] in CUSTOM


@pytest.mark.parametrize("layer", SHIPPED)
def test_every_core_object_is_valid_by_kubernetes_validate_itself(layer: str, shipped: Any) -> None:
    platform, inventory = shipped[layer]
    version = platform.spec.cluster.kubernetes_version
    checked = [made for made in inventory.objects.values() if not _is_custom(made)]
    for made in checked:
        validate(made.manifest, version, strict=True)
    assert {made.id.kind for made in checked} >= {"Deployment", "Service", "NetworkPolicy", "Role"}


@pytest.mark.parametrize("layer", SHIPPED)
def test_every_custom_resource_is_valid_by_our_schemas(layer: str, shipped: Any) -> None:
    platform, inventory = shipped[layer]
    custom = {made.id: made for made in inventory.objects.values() if _is_custom(made)}
    assert {made.kind for made in custom} >= {"ExternalSecret", "SecretStore", "ScaledObject"}
    checker = SchemaChecker(platform.spec.cluster.kubernetes_version)
    assert not list(checker.check(platform, Inventory(inventory.namespace, custom)))


_OF_JOBS = {"backoffLimitPerIndex", "maxFailedIndexes", "podReplacementPolicy"}
TOO_NEW = {
    "1.25": {"preStop", "ordinals", "trafficDistribution", *_OF_JOBS},
    **{version: {"preStop", "trafficDistribution", *_OF_JOBS} for version in ("1.26", "1.27")},
    "1.28": {"preStop", "trafficDistribution"},
    "1.29": {"trafficDistribution"},
}
"""What the schema of a version does not have yet, and so is a finding."""


@pytest.mark.parametrize("version", known_versions())
def test_every_option_is_valid_for_every_version_that_has_it(version: str) -> None:
    platform = platform_of({**everything(), "cluster": {"kubernetesVersion": version}})
    found = list(SchemaChecker(version).check(platform, inventory_of(platform)))
    missing = {word for word in TOO_NEW["1.25"] if any(word in f.message for f in found)}
    assert missing == TOO_NEW.get(version, set())
    assert all(finding.path.startswith("workloads.") for finding in found)


def test_kubernetes_validate_refuses_what_we_refuse(shipped: Any) -> None:
    """Both see a field that there is not, so neither of the tests above passes for want of looking."""
    platform, inventory = shipped["production"]
    (good,) = (made for made in inventory.objects.values() if made.id[1:] == ("Deployment", "api"))
    manifest = {**good.manifest, "spec": {**good.manifest["spec"], "replica": 3}}
    with pytest.raises(ValidationError, match="replica"):
        validate(manifest, platform.spec.cluster.kubernetes_version, strict=True)
    bad = replace(good, manifest=manifest)
    (found,) = SchemaChecker("1.32").check(platform, Inventory(None, {bad.id: bad}))
    assert (found.rule, found.path) == ("object-invalid", "workloads.api")
