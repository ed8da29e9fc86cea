"""All that must hold for a spec, whatever it says."""

from __future__ import annotations

import hashlib
import json
import posixpath
import subprocess
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import promql_parser
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

from manifestgen import api, write
from manifestgen.errors import Finding, errors_in
from manifestgen.kube.identity import in_namespace
from manifestgen.kube.objects import Inventory
from manifestgen.resolving.shape import keys_at
from manifestgen.yamlio.load import load_text
from support import meshes, yaml11
from support.chart import with_stub_dependencies
from support.drawing import DrawnSpec
from support.drawing.coverage import FieldOf, used_fields
from support.drawing.specs import BUGS
from support.hcl import words
from support.inprocess import helm, kustomize
from support.parity import Objects, by_identity
from support.reducing import minimal
from support.rendering import checker_of, rendered, rendered_anywhere, scratch


@dataclass
class Tally:
    """What became of many drawn specs."""

    accepted: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    environments: int = 0
    objects: int = 0
    files: int = 0
    mended: int = 0
    """Accepted, after something in them had been drawn again or taken out."""
    used: Counter[FieldOf] = field(default_factory=Counter)

    @property
    def drawn(self) -> int:
        """All specs together."""
        return self.accepted + self.refused.total()

    def add(self, drawn: DrawnSpec, result: api.Rendered) -> None:
        """Count one spec."""
        errors = errors_in(result.findings)
        if errors:
            self.refused[errors[0].rule] += 1
            return
        self.accepted += 1
        self.mended += drawn.mended
        self.environments += len(result.environments)
        self.objects += sum(len(found.objects) for _, found in result.environments.values())
        self.files += len(result.artifacts or ())
        self.used.update(set(used_fields(list(drawn.environments.values()))))

    def join(self, other: Tally) -> None:
        """Add what another one counted."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


def for_examples(
    strategy: SearchStrategy[Any], number: int, start: int, check: Callable[[Any], object]
) -> None:
    """Run ``check`` on ``number`` specs that depend on ``start`` and the models alone."""

    @seed(start)
    @settings(
        max_examples=number,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # a failing spec is made smaller as a spec, which is much faster
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    @given(strategy)
    def run(drawn: Any) -> None:
        try:
            check(drawn)
        except Exception as error:
            # Hypothesis runs a failing example again, and what is told about it must be the same.
            text = _FAILED[start] if start in _FAILED else told(drawn, check, error)
            _FAILED[start] = text
            raise FailureError(text) from error

    run()


_FAILED: Final[dict[int, str]] = {}


class FailureError(AssertionError):
    """Something did not hold; the message has the smallest spec that shows it."""


def told(drawn: Any, check: Callable[[Any], object], error: Exception) -> str:
    """The error, and the smallest spec that still ends in one of its kind at the same place."""
    kind = _kind(error)
    if not isinstance(drawn, DrawnSpec):
        return repr(drawn)

    def fails(spec: dict[str, Any]) -> bool:
        try:
            check(replace(drawn, spec=spec, result=None, is_part=True))
        except Exception as other:  # noqa: BLE001 - whatever it is, it is compared
            return _kind(other) == kind
        return False

    smallest = minimal(drawn.spec, fails)
    text = yaml11.written(smallest)
    return f"{type(error).__name__}: {str(error)[:3000]}\n\n{text}"


def _kind(error: BaseException) -> tuple[str, int, str]:
    """Type of an error and the innermost line of the traceback."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return type(error).__name__, last.lineno or 0, last.filename


def prove(drawn: DrawnSpec, tally: Tally | None = None) -> api.Rendered:
    """Everything that must hold for a drawn spec; what became of it."""
    with scratch() as folder:
        result = drawn.result or rendered(drawn.spec, folder)
        if errors_in(result.findings):
            refused_well(result.findings)
        else:
            assert result.artifacts is not None
            same_objects(result)
            valid_objects(result)
            readable_files(result)
            delivered_well(result)
            let_in_alike(result)
            written_once(result, drawn.spec, folder)
    if tally is not None and not drawn.is_part:
        tally.add(drawn, result)
    return result


def checked(drawn: DrawnSpec) -> tuple[Finding, ...]:
    """The findings on a drawn spec."""
    return rendered_anywhere(drawn.spec).findings


def write_all(result: api.Rendered, folder: Path) -> None:
    """Write the files to ``out`` in ``folder``."""
    write.apply(write.plan(result.artifacts or {}, folder / "out", select=result.select, force=False))


def chart_on_disk(folder: Path) -> Path:
    """The chart in ``out``, with stubs in the place of its dependencies."""
    (chart,) = (folder / "out/helm").iterdir()
    return with_stub_dependencies(chart, folder / chart.name)


def refused_well(findings: tuple[Finding, ...]) -> None:
    """A refusal names rules of the spec, a place in it, and says something."""
    for finding in findings:
        assert finding.rule not in BUGS or finding.path.startswith(("patches", "manifests")), finding
        assert finding.message and finding.location is not None, finding


def expected(inventory: Inventory) -> Objects:
    """objects(environment) in its namespace."""
    return by_identity(
        in_namespace(one.manifest, inventory.namespace, one.scope) for one in inventory.objects.values()
    )


def let_in_alike(result: api.Rendered) -> None:
    """A mesh lets in the calls that the network policies do, and makes only those again that it may."""
    for platform, inventory in result.environments.values():
        spec = platform.spec
        mesh = spec.service_mesh
        if mesh is None or spec.manifests or mesh.ingress_account in spec.workloads:
            continue
        manifests = [one.manifest for one in inventory.objects.values()]
        if mesh.authorization == "connections":
            meshes.agree(manifests, mesh.type)
        methods = [mesh.retries_of(one.mesh).methods for one in spec.workloads.values()]
        if all(meshes.SAFE.issuperset(one) for one in methods):
            meshes.only_safe_calls_are_made_again(manifests)


def same_objects(result: api.Rendered) -> None:
    """Kustomize = Helm = objects(environment), for each environment, in process."""
    files = texts(result)
    chart = helm.Chart(chart_files(files))
    for name, (_, inventory) in result.environments.items():
        wanted = expected(inventory)
        equal(f"kustomize, {name}", by_identity(kustomize.build(files, f"k8s/overlays/{name}")), wanted)
        equal(f"helm, {name}", by_identity(chart.template(name, str(inventory.namespace))), wanted)


def texts(result: api.Rendered) -> dict[str, str]:
    """The files by their path."""
    return {path: artifact.text for path, artifact in (result.artifacts or {}).items()}


def chart_files(files: Mapping[str, str]) -> dict[str, str]:
    """Those of the chart, by their path in it."""
    (chart,) = (path.removesuffix("Chart.yaml") for path in files if path.endswith("/Chart.yaml"))
    return {path.removeprefix(chart): text for path, text in files.items() if path.startswith(chart)}


def equal(who: str, found: Objects, wanted: Objects) -> None:
    """An error that names the first object that differs: pytest's own takes minutes."""
    for identity in {**wanted, **found}:
        if found.get(identity) != wanted.get(identity):
            raise AssertionError(f"{who}: {identity}\n is {found.get(identity)}\nnot {wanted.get(identity)}")


def valid_objects(result: api.Rendered) -> None:
    """Every object is held against its schema as it stands in the cluster, and not only one of each shape."""
    for platform, inventory in result.environments.values():
        checker = checker_of(platform.spec.cluster.kubernetes_version)
        for one in inventory.objects.values():
            if not _is_new(platform.spec.cluster.kubernetes_version + json.dumps(one.manifest)):
                continue
            findings = list(checker._check_one(platform, one))
            assert not findings, findings


_SEEN: Final[set[bytes]] = set()


def _is_new(text: str) -> bool:
    """Whether this process has not held this very text against anything yet."""
    digest = hashlib.sha256(text.encode()).digest()
    known = digest in _SEEN
    _SEEN.add(digest)
    return not known


def readable_files(result: api.Rendered) -> None:
    """Every file is of its language."""
    for path, text in texts(result).items():
        name = path.rpartition("/")[2]
        if "/templates/" in path and path.startswith("helm/"):
            continue  # executed above
        reader = next((found for end, found in _READERS.items() if name.endswith(end)), None)
        assert reader is not None, f"nobody has said how {path} is read"
        if _is_new(f"{path.rpartition('.')[2]} {text}"):
            reader(path, text)


def _is_yaml(path: str, text: str) -> None:
    documents = list(yaml11.read_all(text))
    if len(documents) == 1:
        assert load_text(text, path, map_required=False).plain() == documents[0], f"{path} means two things"
    if "/prometheus/" in f"/{path}":
        for expression in _expressions(documents):
            promql_parser.parse(expression)


def _expressions(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("expr"), str):
            yield value["expr"]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _expressions(item)


def _is_json(path: str, text: str) -> None:
    json.loads(text)


def _is_text(path: str, text: str) -> None:
    assert text.endswith("\n"), path
    assert "\r" not in text, path


def delivered_well(result: api.Rendered) -> None:
    """What GitOps tools are told leads to what there is, and each folder hands over all of its objects."""
    files = texts(result)
    for name, (platform, _) in result.environments.items():
        gitops = platform.spec.gitops
        if gitops is None:
            continue
        folder = f"gitops/{gitops.type}/{name}"
        built = kustomize.build(files, folder)
        assert {one["metadata"].get("namespace", gitops.namespace) for one in built} == {gitops.namespace}
        own = [
            path
            for path in files
            if path.startswith(f"{folder}/") and path.count("/") == folder.count("/") + 1
        ]
        assert len(built) == len(own) - 1, folder
        for one in built:
            for path in led_to(one.get("spec", {}), gitops.path):
                assert path in files, f"{folder}: {path} is not there"


def led_to(spec: Mapping[str, Any], output: str) -> Iterator[str]:
    """The files that an object of a GitOps tool leads to, by their paths in the output."""
    chart, source = spec.get("chart", {}).get("spec", {}), spec.get("source", {})
    if "values" in spec or "plugin" in source:
        return
    for file in chart.get("valuesFiles", []):
        yield _below(file, output)
    if chart:
        yield f"{_below(chart['chart'], output)}/Chart.yaml"
    if "path" in source or "path" in spec:
        folder = _below(source.get("path") or spec["path"], output)
        yield f"{folder}/{'Chart' if 'helm' in source else 'kustomization'}.yaml"
    for file in source.get("helm", {}).get("valueFiles", []):
        yield f"{_below(source['path'], output)}/{file}"


def _below(path: str, output: str) -> str:
    return posixpath.relpath(path, output)


def _is_hcl(path: str, text: str) -> None:
    words(text)


def _is_python(path: str, text: str) -> None:
    compile(text, path, "exec")


def _is_script(path: str, text: str) -> None:
    done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{path}: {done.stderr}"


_READERS: Final[dict[str, Callable[[str, str], None]]] = {
    ".yaml": _is_yaml,
    ".yml": _is_yaml,
    ".json": _is_json,
    ".md": _is_text,
    ".tmpl": _is_text,
    ".helmignore": _is_text,
    ".sh": _is_script,
    ".env": _is_script,
    ".hcl": _is_hcl,
    ".py": _is_python,
    ".js": _is_text,  # test_loadtests.py has k6 read it
}


def written_once(result: api.Rendered, spec: Mapping[str, Any], folder: Path) -> None:
    """What is on disk is what was rendered, the lock says so, and a second render has nothing to do.

    The second one reads the keys of every model in another order, which means the same.
    """
    out = folder / "out"
    assert result.artifacts is not None
    write_all(result, folder)
    files = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    lock = files.pop(".manifestgen.lock").decode()
    assert files == {path: text.encode() for path, text in texts(result).items()}
    assert sorted(locked(lock)) == sorted(
        (hashlib.sha256(data).hexdigest(), path) for path, data in files.items()
    )
    again = rendered(reordered(spec), folder)
    assert again.findings == () or not errors_in(again.findings), again.findings
    changed = {path for path, text in texts(again).items() if texts(result).get(path) != text}
    assert not changed, f"another order of keys changes {changed}"
    plan = write.plan(again.artifacts or {}, out, select=again.select, force=False)
    assert plan.is_current and not plan.needs_writing, plan.changes


def locked(lock: str) -> Iterator[tuple[str, str]]:
    """The hash and path of each line of the lock."""
    for line in lock.splitlines()[1:]:
        digest, _, _, path = line.split(" ", 3)
        yield digest, path


def reordered(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The same spec with the keys of each model in the opposite order; maps of named things keep theirs."""
    environments = {name: _reordered(layer, ()) for name, layer in spec["environments"].items()}
    rest: dict[str, Any] = _reordered({k: v for k, v in spec.items() if k != "environments"}, ())
    return {"environments": environments, **rest}


def _reordered(value: Any, path: tuple[str | int, ...]) -> Any:
    if isinstance(value, list):
        return [_reordered(item, (*path, index)) for index, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if path[:1] == ("defaults",):
        path = (*path[1:2], *(("",) if len(path) > 1 else ()), *path[2:])
    known = keys_at(path)
    order = list(value)[::-1] if known and all(key in known or not path for key in value) else list(value)
    return {key: _reordered(value[key], (*path, key)) for key in order}
