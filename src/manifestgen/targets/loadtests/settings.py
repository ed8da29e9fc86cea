"""What environments have of their own: where requests go, how many users there are, what must hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from manifestgen.facts.loadtests import shared_out
from manifestgen.facts.quantities import parse_duration
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import LoadTests, Slo

_SLOW: Final = 1.0
"""Seconds after which a request is slow, where nothing says more."""


def settings(platform: ResolvedPlatform) -> dict[str, Any]:
    """The entry of an environment in environments.json."""
    tests = platform.spec.load_tests
    assert tests is not None  # the caller looked
    limits = tests.thresholds
    latencies = _latencies(platform, tests)
    abort = {"failures": _share(limits.abort), "after_seconds": parse_duration(limits.abort_after)}
    return {
        "url": _url(platform, tests),
        "slow_seconds": _slow(tests, [most for _, most, _ in latencies]),
        "thresholds": [
            *(
                {"percentile": _number(percentile), "most_ms": _number(round(most * 1000, 6)), "from": source}
                for percentile, most, source in latencies
            ),
            *({"most": most, "from": source} for most, source in _failures(platform, tests)),
        ],
        "abort": None if limits.abort is None else abort,
        "profiles": {
            name: {
                "description": profile.description or "",
                "stages": [
                    {
                        "ramp_seconds": _number(parse_duration(stage.ramp)),
                        "hold_seconds": _number(parse_duration(stage.hold)),
                        "users": shared_out(stage.users, _weights(tests, profile.users)),
                    }
                    for stage in profile.stages
                ],
            }
            for name, profile in tests.profiles.items()
        },
    }


def _url(platform: ResolvedPlatform, tests: LoadTests) -> str:
    if tests.url is not None:
        return tests.url
    route = platform.spec.routes[tests.route]
    return f"{'http' if route.tls is None else 'https'}://{tests.host or route.hosts[0]}"


def _slow(tests: LoadTests, latencies: list[float]) -> float:
    if tests.thresholds.slow is not None:
        return _number(parse_duration(tests.thresholds.slow))
    return _number(max(latencies, default=_SLOW))


def _weights(tests: LoadTests, chosen: list[str] | None) -> dict[str, int]:
    return {name: users.weight for name, users in tests.users.items() if chosen is None or name in chosen}


def objectives(platform: ResolvedPlatform) -> dict[str, Slo]:
    """The objectives that a load test holds to."""
    tests = platform.spec.load_tests
    assert tests is not None  # the caller looked
    slos = platform.spec.slos
    if tests.thresholds.slos is not None:
        return {name: slos[name] for name in tests.thresholds.slos}
    route = platform.spec.routes[tests.route]
    behind = {one.workload for _, rule in route.all_rules() for one in rule.destinations}
    return {name: slo for name, slo in slos.items() if slo.workload in behind and slo.custom is None}


def _latencies(platform: ResolvedPlatform, tests: LoadTests) -> list[tuple[float, float, str]]:
    """Percentiles, the seconds that they may take, and who says so; the strictest objective on each."""
    found: dict[float, tuple[float, str]] = {}
    for name, slo in objectives(platform).items():
        if slo.latency is not None:
            most = parse_duration(slo.latency.threshold), f"slos.{name}"
            found[slo.objective] = min(found.get(slo.objective, most), most)
    for percentile, duration in tests.thresholds.latency.items():
        source = f"loadTests.thresholds.latency.{percentile}"
        found[float(percentile[1:])] = parse_duration(duration), source
    return [(percentile, *found[percentile]) for percentile in sorted(found)]


def _failures(platform: ResolvedPlatform, tests: LoadTests) -> Iterator[tuple[float, str]]:
    """The share of requests that may fail, and who says so."""
    if tests.thresholds.failures is not None:
        yield _share(tests.thresholds.failures), "loadTests.thresholds.failures"
        return
    budgets = [
        (slo.budget, f"slos.{name}") for name, slo in objectives(platform).items() if slo.latency is None
    ]
    if budgets:
        yield min(budgets)


def _share(percent: float | None) -> float:
    return _number(round((percent or 0) / 100, 12))


def _number(value: float) -> float:
    """Whole numbers without a fraction."""
    return int(value) if value == int(value) else value
