"""Volumes of a pod, and which container sees which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manifestgen.facts import conventions as names
from manifestgen.facts.quantities import parse_duration
from manifestgen.kinds.pods.files import file_source, placed_files
from manifestgen.kinds.views import Owner, present
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.files import Mount, Scratch
from manifestgen.spec.late import (
    Claim,
    ClaimShape,
    CsiVolume,
    EphemeralClaim,
    KeyFiles,
    KeysOfSet,
    Projected,
    Volume,
)
from manifestgen.spec.pods import FILES
from manifestgen.spec.workloads import WorkloadBase

Item = dict[str, Any]


def volumes(platform: ResolvedPlatform, owner: Owner, workload: WorkloadBase) -> list[Item]:
    """All volumes of the pod: name, kind and source of each, and the reason for it where it needs one."""
    sources: dict[str, Item] = {name: _scratch(scratch) for name, scratch in workload.scratch.items()}
    sources |= {name: _source(platform, volume) for name, volume in workload.volumes.items()}
    files = placed_files(workload)
    if files:
        sources[FILES] = {"configMap": file_source(files, names.files(owner.name))}
    reasons = {name: volume.host_path.reason for name, volume in workload.volumes.items() if volume.host_path}
    return [
        {"name": name, "kind": kind, "source": given, "reason": reasons.get(name)}
        for name, source in sources.items()
        for kind, given in source.items()
    ]


def _scratch(scratch: Scratch) -> Item:
    medium = {"medium": "Memory"} if scratch.memory else {}
    return {"emptyDir": {**medium, "sizeLimit": scratch.size}}


def _source(platform: ResolvedPlatform, volume: Volume) -> Item:
    if volume.claim is not None:
        return {"persistentVolumeClaim": {"claimName": claim_name(platform, volume.claim)}}
    if volume.config is not None:
        return {"configMap": {"name": _set_name(volume.config, names.config_map), **_keys(volume.config)}}
    if volume.secret is not None:
        return {"secret": {"secretName": _set_name(volume.secret, names.secret), **_keys(volume.secret)}}
    if volume.projected is not None:
        return {"projected": _projected(volume.projected)}
    if volume.csi is not None:
        return {"csi": _csi(volume.csi, read_only=volume.read_only)}
    if volume.ephemeral is not None:
        return {"ephemeral": {"volumeClaimTemplate": _claim_template(volume.ephemeral)}}
    assert volume.host_path is not None  # the model has one of them
    return {"hostPath": present(path=volume.host_path.path, type=volume.host_path.type)}


def claim_name(platform: ResolvedPlatform, name: str) -> str:
    """The name in the cluster of one of the platform's claims."""
    claim = platform.spec.claims.get(name)
    return name if claim is None or claim.existing is None else claim.existing


def claim_spec(claim: ClaimShape | Claim) -> Item:
    """What is asked of the storage."""
    return {
        "accessModes": claim.access_modes,
        **present(storageClassName=claim.storage_class),
        "resources": {"requests": {"storage": claim.size}},
    }


def _claim_template(claim: EphemeralClaim) -> Item:
    metadata = {"metadata": {"labels": claim.labels}} if claim.labels else {}
    return {**metadata, "spec": claim_spec(claim)}


def _set_name(files: KeyFiles, named: Any) -> str:
    return files.name if files.existing else str(named(files.name))


def _keys(files: KeyFiles) -> Item:
    mode = {} if files.mode is None else {"defaultMode": int(files.mode, 8)}
    return {**_items(files.keys), **mode, **({"optional": True} if files.optional else {})}


def _items(keys: Mapping[str, str]) -> Item:
    return {"items": [{"key": key, "path": path} for key, path in keys.items()]} if keys else {}


def _projected(projected: Projected) -> Item:
    sources: list[Item] = [
        {
            "serviceAccountToken": {
                "audience": token.audience,
                "expirationSeconds": round(parse_duration(token.expires)),
                "path": path,
            }
        }
        for path, token in projected.tokens.items()
    ]
    if projected.fields:
        items = [{"path": path, "fieldRef": {"fieldPath": field}} for path, field in projected.fields.items()]
        sources.append({"downwardAPI": {"items": items}})
    sources += [{"configMap": _chosen(names.config_map(n), keys)} for n, keys in projected.config.items()]
    sources += [{"secret": _chosen(names.secret(n), keys)} for n, keys in projected.secrets.items()]
    mode = {} if projected.mode is None else {"defaultMode": int(projected.mode, 8)}
    return {**mode, "sources": sources}


def _chosen(name: str, chosen: KeysOfSet) -> Item:
    return {"name": name, **_items(chosen.keys), **({"optional": True} if chosen.optional else {})}


def _csi(csi: CsiVolume, *, read_only: bool) -> Item:
    return {
        "driver": csi.driver,
        **({"readOnly": True} if read_only else {}),
        **present(fsType=csi.fs_type),
        **({"volumeAttributes": csi.attributes} if csi.attributes else {}),
        **({"nodePublishSecretRef": {"name": csi.secret}} if csi.secret else {}),
    }


def own_mounts(workload: WorkloadBase) -> dict[str, Mount]:
    """Where the workload's own container sees the volumes that have a path, by their names."""
    found = {name: Mount(path=claim.path) for name, claim in workload.claim_templates.items()}
    found |= {name: Mount(path=scratch.path) for name, scratch in workload.scratch.items() if scratch.path}
    for name, volume in workload.volumes.items():
        if volume.path is not None:
            found[name] = Mount(path=volume.path, sub_path=volume.sub_path)
    return found


def volume_mounts(workload: WorkloadBase, mounts: Mapping[str, Mount]) -> list[Item]:
    """The mounts of a container; one without a path is where the workload sees the volume."""
    own = own_mounts(workload)
    return [
        {
            "name": name,
            "mountPath": mount.path or own[name].path,
            **present(subPath=mount.sub_path),
            **({"readOnly": True} if mount.read_only or _is_read_only(workload.volumes.get(name)) else {}),
        }
        for name, mount in mounts.items()
        # Where a volume comes from environments, the base may have a mount of it and not know where.
        if mount.path or name in own
    ]


def _is_read_only(volume: Volume | None) -> bool:
    """Settings, secrets and tokens are never written to."""
    if volume is None:
        return False
    written_by_nobody = (volume.config, volume.secret, volume.projected)
    return volume.read_only or any(source is not None for source in written_by_nobody)
