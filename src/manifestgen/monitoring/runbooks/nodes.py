"""Runbooks of nodes."""

from __future__ import annotations

from typing import Final

TEXT: Final = """
## NodeExporterDown
Figures of a node are missing; often the node itself is in trouble.

    kubectl get nodes
    kubectl get pods --all-namespaces --selector app.kubernetes.io/name=prometheus-node-exporter --output wide

- Is the node ready? If not, see NodeNotReady.

## NodeExporterAbsent
Prometheus finds no node at all: alerts on nodes are silent.

    kubectl auth can-i list nodes --as system:serviceaccount:NAMESPACE:NAME_OF_ACCOUNT
    kubectl get pods --all-namespaces --selector app.kubernetes.io/name=prometheus-node-exporter

- Give the service account of Prometheus the right to list nodes, or start node-exporter.

## NodeCpuHigh
The node has hardly any CPU left: pods on it get slower.

    kubectl top nodes
    kubectl top pods --all-namespaces --sort-by cpu

- Is it one pod? Limit it or move it. Is it all nodes? The cluster is too small.

## NodeMemoryHigh
The node has hardly any memory left; soon it evicts pods, or the kernel kills processes.

    kubectl top nodes
    kubectl top pods --all-namespaces --sort-by memory

- Pods that use much more than they request are to blame: raise their requests, so that they are spread better.

## NodeDiskFillingUp
A disk of the node fills up, and there is time left to make room.

    kubectl describe nodes
    kubectl get pods --all-namespaces --output wide

- Old images, and logs of containers, take most. The kubelet removes images by itself when the disk gets full.

## NodeDiskNearlyFull
The disk is nearly full: soon the node evicts pods to make room.

    kubectl describe nodes
    kubectl get pods --all-namespaces --output wide

- Take the node out (`kubectl drain NAME_OF_NODE --ignore-daemonsets`), make room or replace it.

## NodeDiskReadOnly
A disk was mounted read-only, mostly because it failed. What is on it can no longer be changed.

    kubectl describe nodes
    kubectl get pods --all-namespaces --output wide

- Take the node out (`kubectl drain NAME_OF_NODE --ignore-daemonsets`) and replace it. Save what is on its local
  volumes first.

## NodeClockWrong
Certificates, tokens and orders of events depend on clocks: with a wrong one they fail in odd ways.

    kubectl get nodes --output wide
    promtool query instant "$PROMETHEUS" 'node_timex_offset_seconds'

- On the node: is the time service (chrony, systemd-timesyncd) running, and can it reach its servers?

## NodeNotReady
Kubernetes has lost the node; after five minutes its pods are started elsewhere. Those with local volumes are not.

    kubectl get nodes
    kubectl describe nodes
    kubectl get pods --all-namespaces --output wide

- Is the machine there? If it comes back, it joins by itself. If it is gone for good, delete the node:
  `kubectl delete node NAME_OF_NODE`; only then are its volumes let go.

## NodeUnderPressure
The node is short of memory, disk or process numbers, takes no new pods, and evicts some.

    kubectl describe nodes
    kubectl top nodes

- See NodeMemoryHigh and NodeDiskNearlyFull. Process numbers: a pod starts processes without end.
"""
