"""The configuration of Alertmanager as the Prometheus operator has it: AlertmanagerConfig, v1alpha1.

It says the same in other words: camel case, matchers and pairs as objects, secrets by a key of a Secret
instead of a file, the mail server with each receiver. It has no time zones (``spec.alerting`` refuses them).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from manifestgen.monitoring.alertmanager.sections import Configuration
from manifestgen.monitoring.routing.matchers import parse

Part = dict[str, Any]

_SECRETS: Final = {
    "routing_key_file": "routingKey",
    "api_url_file": "apiURL",
    "api_key_file": "apiKey",
    "webhook_url_file": "webhookURL",
    "url_file": "urlSecret",
    "credentials_file": "credentials",
    "smtp_auth_password_file": "authPassword",
}
"""Keys that name a file with a secret, and those that name a key of a Secret."""
_NAMES: Final = {"api_url": "apiURL", "links": "pagerDutyLinkConfigs", "href": "href", "text": "text"}
"""Keys that are not just in camel case."""
_PAIRS: Final = frozenset({"details", "headers"})
"""Maps of free keys, which become lists of keys and values."""
_SMTP: Final = {
    "smtp_smarthost": "smarthost",
    "smtp_from": "from",
    "smtp_require_tls": "requireTLS",
    "smtp_auth_username": "authUsername",
}


def alertmanager_config(config: Configuration, secret: str) -> Part:
    """The ``spec`` of an AlertmanagerConfig; ``secret`` is a Secret whose keys are named as the files are."""
    receivers = [
        {
            "name": one.name,
            **{_camel(way): _ways(way, ways, config, secret) for way, ways in one.body.items()},
        }
        for one in config.receivers
    ]
    whole = {
        "route": _route({**config.root, "routes": [route.body for route in config.routes]}),
        "inhibitRules": [_inhibition(rule.body) for rule in config.inhibitions],
        "muteTimeIntervals": [
            {"name": one.name, "timeIntervals": [_period(p) for p in one.body["time_intervals"]]}
            for one in config.intervals
        ],
        "receivers": receivers,
    }
    return {key: value for key, value in whole.items() if value}


def _route(body: Mapping[str, Any]) -> Part:
    route = {_camel(key): value for key, value in body.items()}
    if "matchers" in route:
        route["matchers"] = _matchers(route["matchers"])
    if "routes" in route:
        route["routes"] = [_route(below) for below in route["routes"]]
    return {key: value for key, value in route.items() if value}


def _matchers(texts: Iterable[str]) -> list[Part]:
    """Equality is what a matcher without a type asks for."""
    found = map(parse, texts)
    return [
        {"name": one.label, "value": one.value} | ({} if one.operator == "=" else {"matchType": one.operator})
        for one in found
    ]


def _inhibition(body: Mapping[str, Any]) -> Part:
    return {
        "sourceMatch": _matchers(body["source_matchers"]),
        "targetMatch": _matchers(body["target_matchers"]),
        "equal": list(body["equal"]),
    }


def _period(period: Mapping[str, Any]) -> Part:
    """Days of the month are ranges of numbers there; ours are single ones."""
    written = {_camel(key): value for key, value in period.items()}
    if "times" in written:
        written["times"] = [{_camel(key): clock for key, clock in one.items()} for one in written["times"]]
    if "daysOfMonth" in written:
        written["daysOfMonth"] = [{"start": int(day), "end": int(day)} for day in written["daysOfMonth"]]
    return written


def _ways(kind: str, ways: Iterable[Mapping[str, Any]], config: Configuration, secret: str) -> list[Part]:
    """The ways of one kind, with what stands in the global section of the file."""
    shared: Mapping[str, Any] = {}
    if kind == "email_configs":
        shared = {k: v for k, v in config.globals.items() if k in _SMTP or k == "smtp_auth_password_file"}
    elif kind == "pagerduty_configs" and "pagerduty_url" in config.globals:
        shared = {"url": config.globals["pagerduty_url"]}
    return [dict(_members({**way, **shared}, secret)) for way in ways]


def _members(body: Mapping[str, Any], secret: str) -> Iterator[tuple[str, Any]]:
    for key, value in body.items():
        if key in _SECRETS:
            yield _SECRETS[key], {"name": secret, "key": value.rpartition("/")[2]}
        elif key in _PAIRS:
            yield key, [{"key": name, "value": text} for name, text in value.items()]
        elif key == "links":
            yield _NAMES[key], [{"href": one["href"], "alt": one["text"]} for one in value]
        elif isinstance(value, Mapping):
            yield _camel(key), dict(_members(value, secret))
        else:
            yield _NAMES.get(key) or _SMTP.get(key) or _camel(key), value


def _camel(key: str) -> str:
    first, *others = key.split("_")
    return first + "".join(map(str.capitalize, others))
