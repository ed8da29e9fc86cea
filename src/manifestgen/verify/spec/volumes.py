"""Volumes: what is mounted is there, in one place each, and everything that is there is mounted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from posixpath import normpath
from typing import Final

from manifestgen.errors import Finding, Severity
from manifestgen.facts.nearest import nearest_hint
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.containers import InitContainer
from manifestgen.spec.files import Files, Mount, contents_of
from manifestgen.spec.workloads import Workload
from manifestgen.verify.spec.finding import Step, finding

Path = tuple[str, ...]
_MOST_BYTES: Final = 1024 * 1024
"""What a ConfigMap may hold (MaxSecretSize of the API server)."""


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Mounts, claims and files of each workload."""
    for name, workload in platform.spec.workloads.items():
        yield from _mounts(platform, ("workloads", name), workload)
        yield from _claims(platform, ("workloads", name), workload)
        yield from _files(platform, ("workloads", name), workload)
    used = {volume.claim for w in platform.spec.workloads.values() for volume in w.volumes.values()}
    for claim in platform.spec.claims:
        if claim not in used:
            yield _unused(platform, ("claims", claim), "no workload mounts this claim")


def _unused(platform: ResolvedPlatform, path: Path, message: str) -> Finding:
    advice = "mount it, or remove it"
    found = finding(platform, path, "volume-unused", message, advice, on_key=True)
    return replace(found, severity=Severity.WARNING)


def _mounts(platform: ResolvedPlatform, place: Path, workload: Workload) -> Iterator[Finding]:
    own = own_places(workload)
    yield from _distinct(platform, place, {**own, **_file_places((), workload.files)})
    used = {path[1] for path in own}
    for step, other in workload.others.items():
        used |= set(other.mounts)
        yield from _volumes(platform, (*place, *step, "mounts"), workload, other.mounts)
        places, lacking = _places_of(step, other.mounts, own)
        for path in lacking:
            message = "nobody says where it is mounted"
            yield finding(platform, (*place, *path), "mount-path", message, "add `path: …`", on_key=True)
        if isinstance(other, InitContainer) and other.image is None:
            places = {**_of_the_workload(workload, other, own), **places}
        yield from _distinct(platform, place, {**places, **_file_places(step, other.files)})
    for section in ("scratch", "volumes"):
        for name in getattr(workload, section):
            if name not in used:
                yield _unused(platform, (*place, section, name), "no container mounts this volume")


def _volumes(
    platform: ResolvedPlatform, path: Path, workload: Workload, mounts: Mapping[str, Mount]
) -> Iterator[Finding]:
    known = [*workload.claim_templates, *workload.scratch, *workload.volumes]
    for volume in mounts:
        if volume not in known:
            message = f"workloads.{path[1]} has no volume {volume!r}"
            hint = nearest_hint(volume, known)
            yield finding(platform, (*path, volume), "mount-unknown", message, hint, on_key=True)


def _of_the_workload(workload: Workload, init: InitContainer, own: Mapping[Path, str]) -> dict[Path, str]:
    """What a container that runs as the workload sees of it, where it has nothing else in its place."""
    rest = {path: where for path, where in own.items() if path[1] not in init.mounts}
    files = {
        path: where for path, where in _file_places((), workload.files).items() if where not in init.files
    }
    return {**rest, **files}


def own_places(workload: Workload) -> dict[Path, str]:
    """Where the workload's own container sees volumes, by the places in the spec that say so."""
    found: dict[Path, str] = {
        ("storage", name, "path"): claim.path for name, claim in workload.claim_templates.items()
    }
    for section in ("scratch", "volumes"):
        for name, volume in getattr(workload, section).items():
            if volume.path is not None:
                found[section, name, "path"] = volume.path
    return found


def _file_places(step: Path, files: Mapping[str, object]) -> dict[Path, str]:
    return {(*step, "files", path): path for path in files}


def _places_of(
    step: Path, mounts: Mapping[str, Mount], own: Mapping[Path, str]
) -> tuple[dict[Path, str], list[Path]]:
    """Where a container sees the volumes that it mounts, and the mounts that say so nowhere."""
    inherited = {path[1]: where for path, where in own.items()}
    found: dict[Path, str] = {}
    lacking: list[Path] = []
    for volume, mount in mounts.items():
        where = mount.path or inherited.get(volume)
        if where is None:
            lacking.append((*step, "mounts", volume))
        else:
            found[*step, "mounts", volume, "path"] = where
    return found, lacking


def _distinct(platform: ResolvedPlatform, place: Path, places: Mapping[Path, str]) -> Iterator[Finding]:
    """No two things are mounted in one place, and nothing over the whole file system."""
    seen: dict[str, Path] = {}
    for path, where in places.items():
        spot = "/" + normpath(where).strip("/")
        if spot == "/":
            message = "a volume at / would hide everything that is in the image"
            advice = "give the folder that is meant"
            yield finding(platform, (*place, *path), "mount-root", message, advice)
        elif spot in seen:
            message = f"{'.'.join(seen[spot][:-1])} is mounted at {spot}, too"
            yield finding(platform, (*place, *path), "mount-taken", message, "give each its own path")
        seen.setdefault(spot, path)


def _claims(platform: ResolvedPlatform, place: Path, workload: Workload) -> Iterator[Finding]:
    for name, volume in workload.volumes.items():
        if volume.claim is not None and volume.claim not in platform.spec.claims:
            path: tuple[Step, ...] = (*place, "volumes", name, "claim")
            hint = nearest_hint(volume.claim, platform.spec.claims) or "add it to `claims`"
            yield finding(platform, path, "claim-unknown", f"there is no claim {volume.claim!r}", hint)


def _files(platform: ResolvedPlatform, place: Path, workload: Workload) -> Iterator[Finding]:
    """All files of a pod are in one ConfigMap."""
    total = 0
    steps: dict[Path, Files] = {(): workload.files}
    steps |= {step: other.files for step, other in workload.others.items()}
    for step, files in steps.items():
        for path, file in files.items():
            total += len(contents_of(file).encode()) + len(path)
            if total > _MOST_BYTES:
                message = "with it the files of the workload are larger than a ConfigMap may be (1 MiB)"
                where = (*place, *step, "files", path)
                advice = "put it into the image, or into a claim"
                yield finding(platform, where, "file-size", message, advice, on_key=True)
                return
