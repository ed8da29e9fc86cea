"""The page that says how the load tests are run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manifestgen.resolving import ResolvedPlatform


def guide(
    platforms: Mapping[str, ResolvedPlatform], targets: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """What the template is given: the environments with their entries of environments.json."""
    first = next(iter(platforms.values()))
    tests = first.spec.load_tests
    assert tests is not None  # the caller looked
    return {
        "platform": first.name,
        "example": next(iter(targets)),
        "profile": "smoke" if "smoke" in tests.profiles else next(iter(tests.profiles)),
        "several": len(targets) > 1,
        "variables": _variables(first),
        "environments": [_environment(platforms[name], target) for name, target in targets.items()],
        "users": [
            {
                "name": name,
                "description": one.description or "",
                "weight": one.weight,
                "tasks": len(one.tasks),
            }
            for name, one in tests.users.items()
        ],
        "groups": list(dict.fromkeys(task.group for task in tests.tasks.values())),
    }


def _variables(platform: ResolvedPlatform) -> list[tuple[str, str]]:
    """The variables that hold secrets, each with the login that reads it."""
    tests = platform.spec.load_tests
    assert tests is not None  # the caller looked
    found: list[tuple[str, str]] = []
    for name, login in tests.logins.items():
        if login.token is not None:
            found.append((login.token, f"token of {name}"))
        if login.sign_in is not None:
            found += [(one, f"{field} of {name}") for field, one in login.sign_in.fields.items()]
    return found


def _environment(platform: ResolvedPlatform, target: Mapping[str, Any]) -> dict[str, Any]:
    tests = platform.spec.load_tests
    assert tests is not None  # the caller looked
    limit = platform.spec.routes[tests.route].rate_limit if tests.url is None else None
    return {
        "name": platform.environment,
        "url": target["url"],
        "thresholds": [(_threshold(one), one["from"]) for one in target["thresholds"]],
        "abort": _abort(target["abort"]),
        "profiles": [_profile(name, one) for name, one in target["profiles"].items()],
        "limit": limit,
        "route": tests.route,
    }


def _threshold(one: Mapping[str, Any]) -> str:
    if "percentile" in one:
        return f"{one['percentile']:g} of 100 requests within {one['most_ms']:g} ms"
    return f"at most {one['most'] * 100:.6g} % of the requests fail"


def _abort(abort: Mapping[str, Any] | None) -> dict[str, str] | None:
    if abort is None:
        return None
    return {"failures": f"{abort['failures'] * 100:.6g} %", "after": _duration(abort["after_seconds"])}


def _profile(name: str, profile: Mapping[str, Any]) -> dict[str, Any]:
    stages = profile["stages"]
    totals = [sum(stage["users"].values()) for stage in stages]
    seconds = sum(stage["ramp_seconds"] + stage["hold_seconds"] for stage in stages)
    return {
        "name": name,
        "description": profile["description"],
        "users": " → ".join(map(str, totals)),
        "duration": _duration(seconds),
        "classes": ", ".join(stages[0]["users"]),
    }


def _duration(seconds: float) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    parts = [(hours, "h"), (minutes, "min"), (left, "s")]
    return " ".join(f"{value:g} {unit}" for value, unit in parts if value)
