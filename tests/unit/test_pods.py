"""What a pod is made of: who sees what, in which order, with which rights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from manifestgen.errors import Severity
from manifestgen.pipeline import build
from manifestgen.verify.lint import lint
from manifestgen.verify.spec import check_platform
from support.specs import Spec, as_json, inventory_of, platform_of, spec_of

IMAGE = {"repository": "example/app", "tag": "1"}
OTHER: dict[str, Any] = {"image": {"repository": "example/other", "tag": "2"}, "resources": {}}
SHARED = {
    "shared": {"config": {"all": {"values": {"GREETING": "hello"}}}, "secrets": {"KEY": {"vault": "a#b"}}}
}
VAULT = {"server": "https://vault.example.com", "mount": "kv", "role": "shop"}


def app(**workload: Any) -> Spec:
    return spec_of(
        vault=VAULT,
        settings=SHARED,
        workloads={"app": {"type": "worker", "image": IMAGE, "replicas": 1, "resources": {}, **workload}},
    )


def pod(**workload: Any) -> dict[str, Any]:
    """The spec of the pods of a single workload."""
    return deployment(app(**workload))["spec"]["template"]["spec"]


def deployment(spec: Spec) -> dict[str, Any]:
    objects = inventory_of(platform_of(spec)).objects
    return next(
        made.manifest for key, made in objects.items() if (key.kind, key.name) == ("Deployment", "app")
    )


def container(name: str, pod: dict[str, Any]) -> dict[str, Any]:
    (found,) = [c for c in (*pod.get("initContainers", ()), *pod["containers"]) if c["name"] == name]
    return found


def complaints(spec: Spec) -> list[tuple[str, str]]:
    found = check_platform(platform_of(spec))
    return [(finding.rule, finding.path) for finding in found if finding.severity is Severity.ERROR]


def warnings(spec: Spec) -> list[tuple[str, str]]:
    platform = platform_of(spec)
    return [(found.rule, found.message) for found in lint(platform, inventory_of(platform), warnings=True)]


def test_what_runs_before_the_workload_starts_in_an_order_that_lets_init_use_the_sidecars() -> None:
    made = pod(
        init={"migrate": {"command": ["migrate"]}},
        sidecars={"proxy": OTHER},
        containers={"helper": OTHER},
    )
    assert [c["name"] for c in made["initContainers"]] == ["proxy", "migrate"]
    assert [c.get("restartPolicy") for c in made["initContainers"]] == ["Always", None]
    assert [c["name"] for c in made["containers"]] == ["app", "helper"]


def test_a_further_container_sees_only_what_it_names() -> None:
    made = pod(
        settings=["shared"],
        env={"A": "1"},
        files={"/etc/app.conf": "x"},
        scratch={"tmp": {"path": "/tmp", "size": "1Mi"}, "only": {"size": "1Mi"}},
        containers={
            "blind": OTHER,
            "seeing": {
                **OTHER,
                "settings": ["shared"],
                "env": {"B": "2"},
                "files": {"/etc/other.conf": "y"},
                "mounts": {"tmp": {}, "only": {"path": "/only", "readOnly": True}},
            },
        },
    )
    blind, seeing = container("blind", made), container("seeing", made)
    assert not {"env", "envFrom", "volumeMounts"} & set(blind)
    assert [source for source in seeing["envFrom"] if "configMapRef" in source] == [
        {"configMapRef": {"name": "shared-config"}}
    ]
    assert seeing["env"] == [{"name": "B", "value": "2"}]
    assert [mount["mountPath"] for mount in seeing["volumeMounts"]] == ["/tmp", "/only", "/etc/other.conf"]


def test_init_without_an_image_is_the_workload_with_another_command() -> None:
    made = pod(
        settings=["shared"],
        env={"A": "1", "B": "$(A)"},
        files={"/etc/app.conf": "x", "/etc/two.conf": "x"},
        scratch={"tmp": {"path": "/tmp", "size": "1Mi"}},
        init={
            "same": {"command": ["same"]},
            "own": {
                "command": ["own"],
                "env": {"A": "2"},
                "files": {"/etc/app.conf": "z"},
                "mounts": {"tmp": {"path": "/elsewhere"}},
            },
        },
    )
    main, same, own = (container(name, made) for name in ("app", "same", "own"))
    assert {key: same.get(key) for key in ("image", "env", "envFrom", "volumeMounts")} == {
        key: main.get(key) for key in ("image", "env", "envFrom", "volumeMounts")
    }
    assert [variable["name"] for variable in own["env"]] == ["B", "A"]
    assert [mount["mountPath"] for mount in own["volumeMounts"]] == [
        "/elsewhere",
        "/etc/app.conf",
        "/etc/two.conf",
    ]


def test_files_of_one_name_have_keys_that_tell_them_apart() -> None:
    made = inventory_of(
        platform_of(
            app(
                files={"/etc/a/x.conf": "1", "/etc/b/x.conf": "2", "/a/x.conf": "3", "/b-x.conf": "4"},
                containers={"other": {**OTHER, "files": {"/etc/a/x.conf": "5"}}},
            )
        )
    )
    (data,) = [o.manifest["data"] for key, o in made.objects.items() if key.name == "app-files"]
    assert data == {
        "x.conf": "1",
        "b-x.conf": "2",
        "a-x.conf": "3",
        "2-b-x.conf": "4",
        "etc-a-x.conf": "5",
    }


def test_files_are_listed_only_where_one_has_permissions_of_its_own() -> None:
    (plain,) = pod(files={"/a": "1", "/b": "2"})["volumes"]
    (listed,) = pod(files={"/a": "1", "/b": {"contents": "2", "mode": "0400"}})["volumes"]
    assert plain == {"name": "files", "configMap": {"name": "app-files"}}
    assert listed["configMap"]["items"] == [
        {"key": "a", "path": "a"},
        {"key": "b", "path": "b", "mode": 0o400},
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"files": {"/a": "2"}},
        {"containers": {"other": {**OTHER, "files": {"/a": "2"}}}},
    ],
)
def test_a_change_of_a_file_starts_new_pods(change: dict[str, Any]) -> None:
    before = {"files": {"/a": "1"}, "containers": {"other": {**OTHER, "files": {"/a": "1"}}}}
    sums = [
        deployment(app(**given))["spec"]["template"]["metadata"]["annotations"]["checksum/app-files"]
        for given in (before, {**before, **change})
    ]
    assert sums[0] != sums[1]


@pytest.mark.parametrize(
    "reader",
    [
        {"env": {"A": {"config": "shared", "key": "GREETING"}}},
        {"containers": {"other": {**OTHER, "settings": ["shared"]}}},
        {"containers": {"other": {**OTHER, "env": {"A": {"config": "shared", "key": "GREETING"}}}}},
        {"volumes": {"a": {"path": "/a", "config": {"name": "shared"}}}},
        {"volumes": {"a": {"path": "/a", "projected": {"config": {"shared": {}}}}}},
    ],
)
def test_whatever_reads_a_setting_has_pods_that_restart_with_it(reader: dict[str, Any]) -> None:
    made = deployment(app(**reader))["spec"]["template"]["metadata"]["annotations"]
    assert list(made) == ["checksum/shared-config"]


def test_files_larger_than_a_config_map_are_refused() -> None:
    half = "x" * 600_000
    assert complaints(app(files={"/a": half}, init={"b": {"command": ["b"], "files": {"/b": half}}})) == [
        ("file-size", 'workloads.app.init.b.files."/b"')
    ]
    assert complaints(app(files={"/a": half})) == []


def test_ports_say_their_protocol_as_soon_as_one_is_not_tcp() -> None:
    assert pod(ports={"http": 80})["containers"][0]["ports"] == [{"name": "http", "containerPort": 80}]
    assert pod(ports={"dns": {"port": 53, "protocol": "UDP"}, "dns-tcp": 53})["containers"][0]["ports"] == [
        {"name": "dns", "containerPort": 53, "protocol": "UDP"},
        {"name": "dns-tcp", "containerPort": 53, "protocol": "TCP"},
    ]


def test_the_protocol_goes_on_to_services_and_policies() -> None:
    web = app(type="web", ports={"dns": {"port": 53, "protocol": "UDP", "appProtocol": "dns"}, "tcp": 53})
    web["workloads"]["client"] = {**app()["workloads"]["app"], "connects": ["app"]}
    objects = {(k.kind, k.name): o.manifest for k, o in inventory_of(platform_of(web)).objects.items()}
    ports = objects["Service", "app"]["spec"]["ports"]
    assert [(port["port"], port.get("protocol", "TCP")) for port in ports] == [(53, "UDP"), (53, "TCP")]
    assert ports[0]["appProtocol"] == "dns"
    (rule,) = objects["NetworkPolicy", "app"]["spec"]["ingress"]
    assert rule["ports"] == [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]


def test_only_who_says_so_runs_as_root() -> None:
    root = {"runAsRoot": {"reason": "It must"}}
    made = pod(security=root, sidecars={"proxy": OTHER}, containers={"other": {**OTHER, "security": root}})
    assert (made["securityContext"]["runAsUser"], made["securityContext"]["runAsNonRoot"]) == (0, False)
    assert container("proxy", made)["securityContext"]["runAsNonRoot"] is True
    assert container("proxy", made)["securityContext"]["runAsUser"] == 10001
    assert "runAsUser" not in container("other", made)["securityContext"]


def test_a_container_that_is_root_says_so_where_the_pod_is_not() -> None:
    made = pod(containers={"other": {**OTHER, "security": {"runAsRoot": {"reason": "It must"}}}})
    assert made["securityContext"]["runAsNonRoot"] is True
    assert container("other", made)["securityContext"]["runAsNonRoot"] is False
    assert container("other", made)["securityContext"]["runAsUser"] == 0


@pytest.mark.parametrize(
    ("security", "context"),
    [
        ({}, {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}),
        (
            {"capabilities": {"CHOWN": "why"}},
            {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"], "add": ["CHOWN"]}},
        ),
        (
            {"capabilities": {"SYS_ADMIN": "why"}},
            {"allowPrivilegeEscalation": True, "capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN"]}},
        ),
        ({"privileged": {"reason": "why"}}, {"privileged": True}),
    ],
)
def test_guards_go_together_as_the_api_server_asks(security: dict[str, Any], context: dict[str, Any]) -> None:
    made = pod(security=security)["containers"][0]["securityContext"]
    assert made == {**context, "readOnlyRootFilesystem": True}


def test_a_device_is_a_limit_alone() -> None:
    made = pod(
        resources={"requests": {"cpu": "1"}, "limits": {"memory": "1Gi"}, "devices": {"nvidia.com/gpu": 2}}
    )
    assert made["containers"][0]["resources"] == {
        "requests": {"cpu": "1"},
        "limits": {"memory": "1Gi", "nvidia.com/gpu": "2"},
    }


@pytest.mark.parametrize(
    ("workload", "policy"),
    [
        ({}, None),
        ({"hostNetwork": {"reason": "why"}}, "ClusterFirstWithHostNet"),
        ({"hostNetwork": {"reason": "why"}, "dns": {"policy": "Default"}}, "Default"),
    ],
)
def test_pods_on_the_network_of_the_node_still_find_services(
    workload: dict[str, Any], policy: str | None
) -> None:
    assert pod(**workload).get("dnsPolicy") == policy


@pytest.mark.parametrize(
    ("account", "mounted"),
    [
        ({}, False),
        ({"mountToken": True}, True),
        ({"identity": {"azure": f"{'0' * 8}-0000-0000-0000-{'0' * 12}"}}, False),
    ],
)
def test_a_token_is_mounted_only_for_who_needs_it(account: dict[str, Any], mounted: bool) -> None:
    assert pod(serviceAccount=account)["automountServiceAccountToken"] is mounted


def test_pull_secrets_are_sets_of_settings_or_secrets_that_are_there() -> None:
    assert pod(imagePullSecrets=["shared", "registry"])["imagePullSecrets"] == [
        {"name": "shared-secrets"},
        {"name": "registry"},
    ]


def test_what_is_used_in_some_other_way_than_settings_is_used() -> None:
    spec = app(volumes={"a": {"path": "/a", "secret": {"name": "shared"}}})
    assert complaints(spec) == []
    found = list(check_platform(platform_of(app())))
    assert [(f.rule, f.severity) for f in found] == [("settings-unused", Severity.WARNING)]


REFERENCES = {
    "a variable further up": ({"A": "1", "B": "$(A)"}, []),
    "a setting": ({"B": "$(GREETING)-$(KEY)"}, []),
    "an escape": ({"B": "$$(NOTHING)"}, []),
    "a service": ({"B": "$(KUBERNETES_SERVICE_HOST)"}, []),
    "a shell's own": ({"B": "$(date"}, []),
    "one further down": ({"B": "$(A)", "A": "1"}, ["further down"]),
    "nobody's": ({"B": "$(NOTHING)"}, ["nobody sets"]),
    "itself": ({"B": "$(B)"}, ["further down"]),
}


@pytest.mark.parametrize("case", REFERENCES)
def test_references_to_variables_are_followed_as_the_kubelet_does(case: str) -> None:
    env, told = REFERENCES[case]
    spec = app(settings=["shared"], env=env, command=["sh", "-c", "echo $(date) $(B)"])
    found = [message for rule, message in warnings(spec) if rule == "variable-unknown"]
    assert len(found) == len(told)
    assert all(words in message for words, message in zip(told, found, strict=True))


def test_a_reason_in_the_spec_is_enough_to_reach_into_the_node() -> None:
    reason = {"reason": "It must"}
    spec = app(
        hostNetwork=reason,
        hostPid=reason,
        security={"privileged": reason, "runAsRoot": reason},
        volumes={"logs": {"path": "/logs", "readOnly": True, "hostPath": {"path": "/var/log", **reason}}},
        sidecars={"other": {**OTHER, "security": {"privileged": reason}}},
    )
    assert [rule for rule, _ in warnings(spec) if rule.startswith(("node", "host"))] == []
    spec["workloads"]["app"]["volumes"]["logs"]["readOnly"] = False
    assert [rule for rule, _ in warnings(spec) if rule.startswith(("node", "host"))] == ["host-path-writable"]


def test_a_claim_of_one_node_is_not_mounted_by_several_pods() -> None:
    spec = app(replicas=2, volumes={"data": {"path": "/data", "claim": "data"}})
    spec["claims"] = {"data": {"size": "1Gi"}}
    assert [rule for rule, _ in warnings(spec) if rule.startswith("claim")] == ["claim-shared"]
    spec["claims"]["data"]["accessModes"] = ["ReadWriteMany"]
    assert [rule for rule, _ in warnings(spec) if rule.startswith("claim")] == []


def test_a_base_may_mount_a_volume_that_only_its_environments_have(tmp_path: Path) -> None:
    spec = app(containers={"helper": {"image": IMAGE, "resources": {}, "mounts": {"data": {}}}})
    del spec["settings"]  # which it would not read
    data = {"path": "/data", "ephemeral": {"size": "1Gi"}}
    without = {"containers": {"helper": {"mounts": {"data": None}}}}
    spec["environments"] = {
        "live": {"namespace": "live", "workloads": {"app": {"volumes": {"data": data}}}},
        "other": {"namespace": "other", "workloads": {"app": without}},
    }
    (tmp_path / "spec.yaml").write_text(as_json(spec), "utf-8")
    made = build(tmp_path / "spec.yaml")
    assert not made.findings
    assert "mountPath: /data" in made.artifacts["k8s/overlays/live/patches/app-deployment.yaml"].text
