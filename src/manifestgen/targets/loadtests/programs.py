"""What the programs do: who users are, what they ask for."""

from __future__ import annotations

import builtins
import json
import keyword
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from manifestgen.facts.quantities import parse_duration
from manifestgen.resolving import ResolvedPlatform

if TYPE_CHECKING:
    from manifestgen.spec.loadtests import Login, Sending, Task, Users

_TAKEN: Final = frozenset(
    (
        *keyword.kwlist,
        *dir(builtins),
        *("collections", "json", "logging", "os", "pathlib", "random", "sys", "time", "quote", "urlencode"),
        *("gevent", "locust", "between", "events", "tag", "user"),
        *("chosen", "add_options", "prepare", "count_slow_requests", "tell_slow_requests"),
        *("take_slow_requests", "watch_failures", "measured", "judge"),
    )
)
"""Names that mean something else in locustfile.py."""


def programs(platform: ResolvedPlatform) -> dict[str, Any]:
    """What the templates of both programs are given."""
    tests = platform.spec.load_tests
    assert tests is not None  # the caller looked
    return {
        "platform": platform.name,
        "logins": [_login(name, login) for name, login in tests.logins.items()],
        "tasks": [_task(name, task) for name, task in tests.tasks.items()],
        "classes": [_users(name, users) for name, users in tests.users.items()],
    }


def function(task: str) -> str:
    """What a task is called in Python. No two get one name: no name of a task ends with a hyphen."""
    name = task.replace("-", "_")
    return f"{name}_" if name in _TAKEN else name


def _login(name: str, login: Login) -> dict[str, Any]:
    shared = {
        "name": name,
        "header": login.header,
        "prefix": f"{login.scheme} " if login.scheme else "",
        "variable": login.token,
    }
    if login.sign_in is None:
        return shared
    request = login.sign_in
    return {
        **shared,
        "path": request.path,
        "fields": request.fields,
        "encoding": request.encoding,
        "token": request.token,
        "lifetime": _seconds(request.lifetime),
    }


def _task(name: str, task: Task) -> dict[str, Any]:
    return {
        "name": name,
        "function": function(name),
        "group": task.group,
        "description": task.description,
        "together": bool(task.batch),
        "requests": [_request(request) for _, request in task.requests],
    }


def _request(request: Sending) -> dict[str, Any]:
    """A request; ``options`` are those that are given, by what both programs call them."""
    options: Mapping[str, Any] = {
        "parameters": request.parameters,
        "query": request.query,
        "headers": request.headers,
        "body": None if request.body is None else json.dumps(request.body, ensure_ascii=False),
        "status": [] if request.status == [200] else request.status,
    }
    given = {name: value for name, value in options.items() if value}
    return {"method": request.method, "path": request.path, "options": given}


def _users(name: str, users: Users) -> dict[str, Any]:
    return {
        "name": name,
        "function": f"as{name}",
        "description": users.description,
        "weight": users.weight,
        "shortest": _seconds(users.wait.min),
        "longest": _seconds(users.wait.max),
        "login": users.login,
        "tasks": [
            {"name": task, "function": function(task), "weight": weight}
            for task, weight in users.tasks.items()
        ],
    }


def _seconds(duration: str) -> float:
    seconds = parse_duration(duration)
    return int(seconds) if seconds == int(seconds) else seconds
