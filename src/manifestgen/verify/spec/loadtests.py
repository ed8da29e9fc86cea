"""Load tests: they ask what the platform answers, by users that there are, for what can be measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from manifestgen.errors import Finding, Severity
from manifestgen.facts.nearest import nearest_hint
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import LoadTests, Slo
from manifestgen.spec.routes import Route, RouteRule
from manifestgen.verify.spec.finding import Step, finding

if TYPE_CHECKING:
    from manifestgen.spec.loadtests import Profile, Sending

_SHARED: Final = ("logins", "users", "tasks")
"""What the one program for all environments is made of."""


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """The load tests of one environment."""
    tests = platform.spec.load_tests
    if tests is None:
        return
    route = platform.spec.routes.get(tests.route)
    if route is None:
        message, hint = f"there is no route {tests.route!r}", nearest_hint(tests.route, platform.spec.routes)
        yield finding(platform, ("loadTests", "route"), "load-test-route", message, hint)
    else:
        yield from _route(platform, tests, route)
    yield from _users(platform, tests)
    for name, profile in tests.profiles.items():
        yield from _profile(platform, tests, name, profile)
    yield from _slos(platform, tests)


def check_environments(platforms: Mapping[str, ResolvedPlatform]) -> Iterator[tuple[str, Finding]]:
    """What environments have otherwise than the first that has load tests, each with the environment."""
    tested = {name: one.spec.load_tests for name, one in platforms.items() if one.spec.load_tests is not None}
    if not tested:
        return
    first, *others = tested
    for name in others:
        for section in _SHARED:
            if getattr(tested[name], section) != getattr(tested[first], section):
                yield name, _differs(platforms[name], platforms[first], section)


def _differs(platform: ResolvedPlatform, first: ResolvedPlatform, section: str) -> Finding:
    path = ("loadTests", section)
    ours, theirs = (one.node.at(path).plain() for one in (platform, first))
    message = f"it is otherwise than in {first.environment}, and both run the same program"
    advice = "write it once for all; which users there are in an environment, say its profiles"
    return finding(platform, (*path, *_difference(ours, theirs)), "load-test-environment", message, advice)


def _difference(ours: Any, theirs: Any) -> tuple[Step, ...]:
    """The way to the first thing that is not the same."""
    if not isinstance(ours, dict) or not isinstance(theirs, dict):
        return ()
    for key in [*ours, *theirs]:
        if key not in ours or key not in theirs:
            return (key,)
        if ours[key] != theirs[key]:
            return (key, *_difference(ours[key], theirs[key]))
    return ()


def _route(platform: ResolvedPlatform, tests: LoadTests, route: Route) -> Iterator[Finding]:
    at = ("loadTests", "route")
    if route.protocol != "HTTP":
        message = f"{tests.route!r} speaks gRPC, which the generated programs do not"
        yield finding(platform, at, "load-test-route", message, "name a route that speaks HTTP")
        return
    if tests.url is not None:
        return
    if tests.host is not None and tests.host not in route.hosts:
        message = f"{tests.host} is no host of routes.{tests.route}"
        hint = nearest_hint(tests.host, route.hosts)
        yield finding(platform, ("loadTests", "host"), "load-test-host", message, hint)
        return
    host = tests.host or route.hosts[0]
    if host.startswith("*."):
        message = f"{host} stands for many hosts, and a request is sent to one"
        place = at if tests.host is None else ("loadTests", "host")
        yield finding(platform, place, "load-test-host", message, "give `url`, with one host of them")
        return
    rules = [rule for _, rule in route.all_rules() if host in route.hosts_of(rule)]
    yield from _paths(platform, tests, rules)


def _paths(platform: ResolvedPlatform, tests: LoadTests, rules: list[RouteRule]) -> Iterator[Finding]:
    for place, path in _asked(tests):
        if not any(_answers(rule, path) for rule in rules):
            known = ", ".join(dict.fromkeys(one for rule in rules for one in rule.paths))
            message = f"routes.{tests.route} does not answer for {path}"
            advice = f"its paths: {known}" if known else "give the route a rule for that host"
            yield finding(platform, ("loadTests", *place), "load-test-path", message, advice)


def _asked(tests: LoadTests) -> Iterator[tuple[tuple[str, ...], str]]:
    """The paths that users of the profiles ask for, and where they stand."""
    acting = {name for one in tests.profiles.values() for name in one.users or tests.users}
    users = [users for name, users in tests.users.items() if name in acting]
    done = {name for one in users for name in one.tasks}
    for name, login in tests.logins.items():
        if login.sign_in is not None and any(one.login == name for one in users):
            yield ("logins", name, "signIn", "path"), login.sign_in.path
    for name, task in tests.tasks.items():
        for place, request in task.requests if name in done else ():
            yield ("tasks", name, *place, "path"), _path(request)


def _path(request: Sending) -> str:
    return request.path or ""


def _answers(rule: RouteRule, path: str) -> bool:
    if rule.path_type == "Exact":
        return path in rule.paths
    return any(path == one or path.startswith(one.rstrip("/") + "/") for one in rule.paths)


def _users(platform: ResolvedPlatform, tests: LoadTests) -> Iterator[Finding]:
    for name, users in tests.users.items():
        if users.login is not None and users.login not in tests.logins:
            message, hint = f"there is no login {users.login!r}", nearest_hint(users.login, tests.logins)
            yield finding(platform, ("loadTests", "users", name, "login"), "load-test-login", message, hint)
        for task in users.tasks:
            if task not in tests.tasks:
                place = ("loadTests", "users", name, "tasks", task)
                message, hint = f"there is no task {task!r}", nearest_hint(task, tests.tasks)
                yield finding(platform, place, "load-test-task", message, hint, on_key=True)
    done = {task for users in tests.users.values() for task in users.tasks}
    for task in tests.tasks:
        if task not in done:
            message, advice = "nobody does this", "name it under `tasks` of some users, or remove it"
            found = finding(
                platform, ("loadTests", "tasks", task), "load-test-task", message, advice, on_key=True
            )
            yield replace(found, severity=Severity.WARNING)


def _profile(platform: ResolvedPlatform, tests: LoadTests, name: str, profile: Profile) -> Iterator[Finding]:
    path: tuple[Step, ...] = ("loadTests", "profiles", name)
    for index, users in enumerate(profile.users or ()):
        place = (*path, "users", index)
        if users not in tests.users:
            message, hint = f"there are no users {users!r}", nearest_hint(users, tests.users)
            yield finding(platform, place, "load-test-profile-users", message, hint)
        elif users in (profile.users or ())[:index]:
            message = f"{users} is listed twice"
            yield finding(platform, place, "load-test-profile-users", message, "remove one")
    kinds = len(profile.users or tests.users)
    if profile.peak < kinds:
        message = f"{profile.peak} at most are too few for {kinds} kinds of users"
        advice = "raise `users` of a stage, or let fewer kinds take part: `users` of the profile"
        yield finding(platform, (*path, "stages"), "load-test-profile-users", message, advice, on_key=True)


def _slos(platform: ResolvedPlatform, tests: LoadTests) -> Iterator[Finding]:
    slos = platform.spec.slos
    for index, name in enumerate(tests.thresholds.slos or ()):
        place = ("loadTests", "thresholds", "slos", index)
        if name not in slos:
            message, hint = f"there is no objective {name!r}", nearest_hint(name, slos)
            yield finding(platform, place, "slo-unknown", message, hint)
        elif not _is_measured(slos[name]):
            message = f"{name} counts what a load test cannot see"
            advice = "name objectives on latency or availability"
            yield finding(platform, place, "load-test-slo", message, advice)


def _is_measured(slo: Slo) -> bool:
    return slo.custom is None
