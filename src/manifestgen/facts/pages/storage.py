"""Pages on volumes and claims."""

from __future__ import annotations

from typing import Final

from manifestgen.facts.pages.page import Page

_CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: files}
spec: {accessModes: [%s], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
        - {name: shop, image: "ghcr.io/example/shop:1.0.0", volumeMounts: [{name: files, mountPath: /files}]}
      volumes: [{name: files, persistentVolumeClaim: {claimName: files}}]
"""

PAGES: Final[dict[str, Page]] = {
    "claim-shared": Page(
        why="""\
`ReadWriteOnce` means one node, not one pod. Pods that the scheduler puts elsewhere hang in
`ContainerCreating` with `Multi-Attach error`, or, where the volume has a zone, stay `Pending`; on a
cluster of one node it seems to work. `ReadWriteOncePod` lets one pod in, wherever it is. What counts is
the largest number of pods that may run.""",
        bad=_CLAIM % "ReadWriteOnce",
        good=_CLAIM % "ReadWriteMany",
        fix="""\
Use `ReadWriteMany` where the storage offers it (NFS, CephFS, EFS, Azure Files, Filestore), object
storage, or a claim for each pod by a StatefulSet. A single pod with such a claim wants the strategy
`Recreate`: a rolling update would start the new one before the old one lets go.""",
    ),
}
