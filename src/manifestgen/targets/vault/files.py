"""The files of Vault: for each environment a folder, for all of them one script."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from manifestgen.artifact import Artifact
from manifestgen.kube.objects import Inventory
from manifestgen.rendering.environment import Renderer
from manifestgen.resolving import ResolvedPlatform
from manifestgen.targets.vault import policies, server, steps, writes
from manifestgen.targets.vault.policies import Policy
from manifestgen.targets.vault.steps import Plan
from manifestgen.vault import names, reads
from manifestgen.vault.reads import SetUp

TARGET = "vault"


def render(
    platforms: Mapping[str, ResolvedPlatform], objects: Mapping[str, Inventory], renderer: Renderer
) -> Iterator[Artifact]:
    """All files, where at least one environment sets its Vault up."""
    plans = {}
    for name, platform in platforms.items():
        found = reads.set_up(platform)
        if found is not None:
            plans[name] = _plan(platform, objects[name], found)
            yield from _environment(platform, found, plans[name], renderer)
    if plans:
        text = renderer.render("vault/vault-init.sh.j2", steps.context(platforms, plans))
        yield Artifact("scripts/vault-init.sh", text, TARGET, executable=True)


def _plan(platform: ResolvedPlatform, inventory: Inventory, found: SetUp) -> Plan:
    made = tuple(policies.policies(platform, inventory, found))
    engines = {
        mount: tuple(writes.of_engine(platform, found, mount, engine))
        for mount, engine in found.setup.engines.items()
    }
    login = tuple(writes.of_login(platform, found, made))
    written = [one.path for some in (*engines.values(), login) for one in some]
    return Plan(found, made, policies.administrator(platform, found, written, made), engines, login)


def _environment(
    platform: ResolvedPlatform, found: SetUp, plan: Plan, renderer: Renderer
) -> Iterator[Artifact]:
    folder = names.folder(platform)

    def file(path: str, text: str) -> Artifact:
        return Artifact(f"{folder}/{path}", text, TARGET, platform.environment)

    if found.setup.server is not None:
        context = server.context(platform, found, found.setup.server)
        yield file("vault-config.hcl", renderer.render("vault/vault-config.hcl.j2", context))
    for policy in (*plan.policies, plan.administrator):
        yield file(policy.file, _policy(policy, renderer))
    for write in plan.writes:
        text = json.dumps(write.data, indent=2, ensure_ascii=False) + "\n"
        yield file(f"writes/{write.path}.json", text)


def _policy(policy: Policy, renderer: Renderer) -> str:
    return renderer.render("vault/policy.hcl.j2", {"head": policy.head, "rules": policy.rules})
