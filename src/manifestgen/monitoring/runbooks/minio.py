"""Runbooks of MinIO."""

from __future__ import annotations

from typing import Final

TEXT: Final = """
## MinioDown
No object can be read or written: uploads and downloads fail.

    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide
    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --tail 50 --prefix

- Look at its volume (VolumeNearlyFull), and at the events of the pod.
- If it answers to `mc ready store`, only the metrics are missing: they may want a token.

## MinioUnhealthy
Too many drives or nodes are gone: nothing can be written, and soon nothing be read.

    mc admin info store
    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide

- Bring nodes and drives back. Do not replace several drives at once.

## MinioNodesOffline
Nodes are gone; while there are enough, objects can be read and written.

    mc admin info store
    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide

- Look at the pods that are missing, and at their nodes.

## MinioDrivesOffline
Drives are gone. What they held is still there on others, but the next failure may cost data.

    mc admin info store
    kubectl --namespace "$NS" get persistentvolumeclaims

- Replace the drive; MinIO heals it by itself. `mc admin heal store` shows how far it is.

## MinioCapacityHigh
Space runs out, but there is time left to make room or to add some.

    mc admin info store
    mc du --depth 2 store

- Delete what has passed its time: a lifecycle rule does it (`mc ilm rule ls store/NAME_OF_BUCKET`).
- Make the volumes larger in the spec.

## MinioCapacityCritical
Nearly all space is taken: MinIO gets slow and soon refuses to write.

    mc admin info store
    mc du --depth 2 store

- Delete old versions and what is not needed at once, then make the volumes larger.

## MinioDriveFull
One drive is nearly full, while others may have room.

    mc admin info store

- Drives of different size in one pool, or data of somebody else on it. Make room there, or make it larger.

## MinioErrorRateHigh
The store fails many requests: uploads and downloads break.

    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --since 15m --tail=-1 | tail -n 50
    mc admin info store

- Look at drives, room and memory. Time-outs to peers point to the network.
"""
