"""Stub charts in place of those that run data services: they show all that a chart sees, and what is hard."""

from __future__ import annotations

from pathlib import Path

FILES = {
    "Chart.yaml": "apiVersion: v2\nname: NAME\nversion: VERSION\n",
    "values.yaml": "added: by the chart\ntaken: away\nglobal: {more: by the chart}\n",
    "crds/thing.yaml": """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: NAMEs.example.com}
spec:
  group: example.com
  names: {kind: Thing, plural: NAMEs}
  scope: Namespaced
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
""",
    "templates/all.yaml": """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Values.fullnameOverride }}-seen
  labels: {helm.sh/chart: {{ .Chart.Name }}, app.kubernetes.io/instance: {{ .Release.Name }}}
data:
  namespace: {{ .Release.Namespace }}
  values: {{ toJson .Values | quote }}
  kubernetes: {{ .Capabilities.KubeVersion.Version | quote }}
---
apiVersion: v1
kind: Secret
metadata: {name: {{ .Values.fullnameOverride }}-elsewhere, namespace: kube-system}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: {{ .Values.fullnameOverride }}}
rules: []
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: {{ .Values.fullnameOverride }}, namespace: {{ .Release.Namespace }}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {{ .Values.fullnameOverride }}}
subjects: [{kind: ServiceAccount, name: default, namespace: elsewhere}]
---
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Values.fullnameOverride }}-hook
  annotations: {helm.sh/hook: post-install}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: hook, image: hook}]}}}
""",
    "templates/test.yaml": """\
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Values.fullnameOverride }}-test
  annotations: {helm.sh/hook: test}
spec: {containers: [{name: test, image: test}]}
""",
}


def write_chart(folder: Path, name: str, version: str) -> None:
    """A chart called ``name`` in ``folder``; of a range of versions, the first that is in it."""
    exact = version.replace("x", "0").lstrip("~^>= ")
    for path, text in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text.replace("NAME", name).replace("VERSION", exact), encoding="utf-8")
