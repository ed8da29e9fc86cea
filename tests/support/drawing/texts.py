"""Texts of a certain form: one generator for each check of the spec, by the function that checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from manifestgen.facts import cron, loadtests, names, quantities
from support.drawing.choices import Choices

Generator = Callable[[Choices], str]

FREE: Final = (
    "plain words",
    'it\'s "quoted": yes',
    "# no comment",
    "{{ .Values.x }} and {{ $labels.instance }}",
    "two\nlines",
    "ends with a break\n",
    "yes",
    "null",
    "1.10",
    "1e3",
    "0x1f",
    "12:30",
    "- item",
    "a: b",
    "  spaces around  ",
    "tab\there",
    "back\\slash",
    "$(VAR) ${VAR} $$",
    "é 😀 \u2028",
    "<b>&amp;</b>",
    "%&*!|>@`",
    "---",
    "long words " * 15,
)
"""Texts that go wrong wherever somebody forgot to quote."""

WORDS: Final = ("serve", "--listen=0.0.0.0", "-v", "sh", "-c", "/bin/run", "main:app", "a b", "{{x}}", "on")
_NAMES: Final = (
    *("api", "web", "worker", "jobs", "cache", "queue", "search", "files", "mail", "feed", "main", "core"),
    *("orders", "users", "billing", "stock", "audit", "edge", "auth", "push", "etl", "graph", "a", "x-1"),
)
_ENV: Final = (
    "LOG_LEVEL",
    "WORKERS",
    "DEBUG",
    "_x",
    "HTTP_PORT",
    "Mixed",
    "FEATURE_A",
    "A",
    "LANG",
    "REGION",
)
_HOSTS: Final = ("example.com", "api.example.com", "*.example.com", "shop.example.org", "a.b.c.example.net")
_NETWORKS: Final = (
    *("10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "192.168.0.0/16", "192.0.2.7/32", "0.0.0.0/0"),
    *("2001:db8::/32", "fd00::/8"),
)
_PATHS: Final = ("/", "/api", "/health/ready", "/metrics", "/a/b%20c/~x", "/v1/$items(1)", "/static/")
_IMAGES: Final = (
    "ghcr.io/example/api",
    "docker.io/library/busybox",
    "nginx",
    "registry.example.com:5000/team/app_x",
    "quay.io/org/deep/er/name",
)
_CPU: Final = ("100m", "250m", "500m", "1", "2", "0.5", "1500m", "4")
_BYTES: Final = ("64Mi", "128Mi", "256Mi", "1Gi", "2Gi", "512M", "1.5Gi", "10Gi", "100Gi")
_SECONDS: Final = ("5s", "30s", "1s", "10s", "1m", "90s", "5m", "1m30s", "10m", "1h")
_VAULT: Final = ("app#key", "app/database#password", "a.b/c-d_e#x.y", "shared#token")
_ADDRESSES: Final = (
    "https://vault.example.com:8200",
    "http://loki.monitoring.svc:3100",
    "https://example.com/a/b?c=d%20e#f",
    "http://[2001:db8::1]:9090/x",
    "https://h",
)


def _label(choices: Choices) -> str:
    if choices.chance(85):
        return choices.pick(_NAMES)
    if choices.chance(10):
        return "n" + "0123456789-abcdefghijklmnopqrstuvwxyz" + "z" * choices.integer(1, 25)
    return choices.matching(r"^[a-z]([a-z0-9-]{0,12}[a-z0-9])?$")


def _of(*options: str) -> Generator:
    return lambda choices: choices.pick(options)


BY_CHECK: Final[dict[Callable[..., object], Generator]] = {
    names.check_label: _label,
    names.check_env_var: _of(*_ENV),
    names.check_host: _of(*_HOSTS),
    names.check_server_name: _of("api.example.com", "inner.example.com", "db"),
    names.check_network: _of(*_NETWORKS),
    cron.check_schedule: _of("30 4 * * 1-5", "@daily", "*/5 * * * *", "0 0 1 1 *"),
    cron.check_time_zone: _of("Europe/Berlin", "Etc/UTC", "America/New_York"),
    names.check_address: _of("192.0.2.10", "192.0.2.11", "10.0.0.1"),
    names.check_http_path: _of(*_PATHS),
    names.check_image_repository: _of(*_IMAGES),
    names.check_git_address: _of(
        "https://git.example.com/team/shop.git",
        "ssh://git@git.example.com:2222/team/shop.git",
        "http://h/a/b",
    ),
    names.check_vault_reference: _of(*_VAULT),
    names.check_remote_reference: _of("database-url", "app-key#url", "jwt"),
    names.check_secret_path: _of("app", "app/database", "shared.tokens"),
    names.check_web_address: _of(*_ADDRESSES),
    loadtests.check_group: _of("Search", "a, b & {c}", 'it\'s "quoted"', "</td>", "${x}"),
    loadtests.check_user_class: _of("Shopper", "Clerk", "TARGETS", "Visitor", "Counter", "User"),
    loadtests.check_pace: _of("0s", "1s", "500ms", "5m"),
    loadtests.check_request_path: _of("/", "/items"),
    quantities.check_cpu: _of(*_CPU),
    quantities.check_bytes: _of(*_BYTES),
    quantities.check_quantity: _of("10", "4", "500m", "2Gi"),
    quantities.check_duration: _of(*_SECONDS, "7d", "1h30m", "250ms", "2w"),
    quantities.check_seconds: _of(*_SECONDS),
    quantities.check_go_duration: _of(*_SECONDS, "1h30m", "24h"),
    quantities.check_call_timeout: _of(*_SECONDS, "none"),
    quantities.check_lease: _of(*_SECONDS, "1h30m", "24h"),
    quantities.check_window: _of(*_SECONDS),
    quantities.check_period: _of("15s", "1m", "30s", "10m"),
    quantities.check_stabilization: _of(*_SECONDS, "0s"),
}
"""What makes values for each function that checks a text."""


def free(choices: Choices) -> str:
    """Any text that a person might write, and some that nobody would."""
    return choices.pick(FREE)
