"""The comment above a patch."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from manifestgen.kube.describe import describe, describe_operations

HEAD = {"apiVersion": "v1", "kind": "x"}


def pod(text: str) -> str:
    return f"spec: {{template: {{spec: {text}}}}}"


@pytest.mark.parametrize(
    ("patch", "words"),
    [
        ("spec: {replicas: 3}", "Sets replicas."),
        ("spec: {minReplicas: 2, maxReplicas: 5}", "Sets minReplicas, maxReplicas."),
        ("spec: {minAvailable: 1, maxUnavailable: null}", "Sets minAvailable and removes maxUnavailable."),
        ("spec: null", "Removes spec."),
        ("spec: {provider: {vault: {server: x}}}", "Sets provider.vault.server."),
        ("spec: {provider: {vault: null}}", "Sets provider."),
        ("spec: {strategy: {$patch: replace, type: Recreate}}", "Sets strategy."),
        ("metadata: {name: x, labels: {tier: web}}", "Sets label tier."),
        ("metadata: {annotations: {a/b: x, c: null}}", "Sets annotation a/b and removes annotation c."),
        ("metadata: {annotations: null}", "Removes annotations."),
        ("spec: {template: {metadata: {labels: {a: b}}}}", "Sets pod label a."),
        ("data: {A: x, B: y}", "Sets A and B."),
        ("data: {" + ", ".join(f"A_VERY_LONG_NAME_{n}: x" for n in range(9)) + "}", "Sets 9 values."),
        (
            pod("{containers: [{name: api, image: x, resources: {}}]}"),
            "Sets image and resources of container api.",
        ),
        (
            pod("{containers: [{name: a}, {name: api, image: x}]}"),
            "Sets image of container api. Items with a name alone only keep their place.",
        ),
        (pod("{containers: [{name: api, $patch: delete}]}"), "Removes container api."),
        (
            pod("{initContainers: [{name: w, image: x}], containers: [{name: api, tty: null}]}"),
            "Sets image of init container w and removes tty of container api.",
        ),
        (
            pod(
                "{containers: [{name: w, env: [{name: A}, {name: B, value: x}, {name: C, $patch: delete}]}]}"
            ),
            "Sets environment variable B of container w and removes environment variable C of container "
            "w. Items with a name alone only keep their place.",
        ),
        (pod("{containers: [{name: api, env: []}]}"), "Sets environment variables of container api."),
        (pod("{volumes: [{name: tmp, emptyDir: {}}]}"), "Sets volume tmp."),
        (pod("{volumes: [{$patch: replace}, {name: tmp, emptyDir: {}}]}"), "Sets volume tmp."),
        ("spec: {ports: [{port: 80, name: http}]}", "Sets port http."),
        ("spec: {data: [{secretKey: a, remoteRef: {key: b}}]}", "Sets data."),
        ("spec: {containers: x, ports: [80]}", "Sets containers, ports."),
        ("spec: {rules: [{host: a}], tls: []}", "Sets rules, tls."),
        ('data: {"a\\nb: c": x}', "Sets 'a\\nb: c'."),
    ],
)
def test_a_patch_in_words(patch: str, words: str) -> None:
    fields: dict[str, Any] = yaml.safe_load(patch)
    assert describe({**HEAD, **fields}) == words


def test_operations_in_words() -> None:
    operations = [{"op": "remove", "path": path} for path in ("/spec/a", "/spec/b\n", "/spec/c")]
    assert describe_operations(operations) == "Changes /spec/a, '/spec/b\\n' and /spec/c."
