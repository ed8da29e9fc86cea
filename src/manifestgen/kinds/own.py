"""Objects from a user's own templates: read strictly, because nobody has read them before."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from manifestgen.artifact import Artifact
from manifestgen.errors import Finding, ManifestgenError
from manifestgen.kube.objects import Manifest
from manifestgen.yamlio.load import findings_in, load_text

_OBJECT_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_MAX_OBJECT_NAME: Final = 253


def parse_own(template: str, text: str) -> Manifest:
    """The one object that ``text``, the rendering of ``template``, describes.

    Raises ManifestgenError when it is no YAML that all readers take alike (duplicate or odd keys, tags,
    several documents), or has no API version, kind and proper name.
    """
    try:
        manifest: Manifest = load_text(text, template).plain()
    except ManifestgenError as error:
        raise ManifestgenError([_wrong(template, _told(finding)) for finding in error.findings]) from error
    complaint = _complaint(manifest)
    if complaint:
        raise ManifestgenError([_wrong(template, complaint)])
    return manifest


def file_findings(artifacts: Mapping[str, Artifact]) -> list[Finding]:
    """What is wrong with the YAML files that targets made with a user's own templates.

    The templates of the chart are no YAML before Helm has rendered them, and are left out.
    """
    found: list[Finding] = []
    for path, artifact in artifacts.items():
        if path.endswith((".yaml", ".yml")) and "/templates/" not in path:
            found.extend(_wrong(path, _told(finding)) for finding in findings_in(artifact.text, path))
    return found


def _complaint(manifest: Manifest) -> str | None:
    metadata = manifest.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    for key, value in (("apiVersion", manifest.get("apiVersion")), ("kind", manifest.get("kind"))):
        if not isinstance(value, str) or not value:
            return f"what it renders has no {key}"
    if not isinstance(name, str) or len(name) > _MAX_OBJECT_NAME or not _OBJECT_NAME.fullmatch(name):
        return f"what it renders is named {_shown(name)}, which is no name of an object"
    return None


def _shown(name: Any) -> str:
    return repr(name) if isinstance(name, str) else "nothing"


def _told(finding: Finding) -> str:
    line = f"line {finding.location.line} of what it renders: " if finding.location else ""
    return f"{line}{finding.message}"


def _wrong(template: str, message: str) -> Finding:
    advice = "mend the template; `manifestgen targets` lists where each one is looked for"
    return Finding("template-error", message, advice, template)
