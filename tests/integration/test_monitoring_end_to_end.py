"""From a failing service to the people: real Prometheus and Alertmanager with what Corporate Intel gives.

There is no cluster here, so the scrape jobs look for their targets at one fixed address instead of asking
Kubernetes; PagerDuty and Slack are stand-ins that keep what they are told. All else is what is generated.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from manifestgen.resolving import resolve
from manifestgen.yamlio.load import load_text
from support.alertmanager import SHARED, relocated
from support.monitoring import files_of
from support.running import Stand, free_address, post, read_json, running, until
from support.specs import as_json

SHIPPED = Path(__file__).parents[2] / "specs" / "platform.yaml"
ENVIRONMENT = "production"
CRITICAL, WARNING, MUTED = "WebErrorRateCritical", "WebErrorRateHigh", "LoginFailuresHigh"

SUMMARY = "The service fails many of its requests"

pytestmark = pytest.mark.slow


class Service:
    """An API that fails every second request and every second sign-in from its start on."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def metrics(self) -> str:
        """What it exports, as prometheus-fastapi-instrumentator writes it."""
        number = (time.monotonic() - self._start) * 1000
        request = 'http_requests_total{{method="GET",handler="/reports",status="{}"}} {}\n'
        login = 'app_user_logins_total{{result="{}"}} {}\n'
        return (
            "# TYPE http_requests_total counter\n"
            + "".join(request.format(status, number / 2) for status in ("2xx", "5xx"))
            + "# TYPE app_user_logins_total counter\n"
            + "".join(login.format(result, number / 2) for result in ("success", "failure"))
            + "# TYPE app_active_users gauge\napp_active_users 50\n"
        )


class Stage:
    """Everything that runs, and where it is asked."""

    def __init__(self, people: Stand, alertmanager: str, config: Path) -> None:
        self.people = people
        self.alertmanager = f"http://{alertmanager}"
        self.config = config

    def alerts(self) -> dict[str, Any]:
        """What Alertmanager holds, by the names of the alerts."""
        return {one["labels"]["alertname"]: one for one in read_json(f"{self.alertmanager}/api/v2/alerts")}

    def alert(self, name: str) -> Any:
        """An alert that Alertmanager holds, once it does."""
        return until(lambda: self.alerts().get(name), f"{name} reaches Alertmanager")


def spec(people: str, secrets: Path) -> dict[str, Any]:
    """Corporate Intel with intervals of a second, and stand-ins for whom it tells.

    The off-hours last all day, so that it makes no difference when the test runs.
    """
    whole: dict[str, Any] = yaml.safe_load(SHIPPED.read_text("utf-8"))
    whole["monitoring"] |= {"scrapeInterval": "1s", "scrapeTimeout": "1s", "evaluationInterval": "1s"}
    for name in (CRITICAL, WARNING, MUTED):
        whole["monitoring"]["alerts"].setdefault(name, {})["for"] = "1s"
    alerting = whole["alerting"]
    alerting |= {"groupWait": "1s", "groupInterval": "1s", "pagerdutyUrl": f"http://{people}/pagerduty"}
    alerting["routes"]["critical"]["groupWait"] = "1s"
    always = {"location": "UTC", "periods": {"always": {"times": ["00:00-24:00"]}}}
    alerting["intervals"]["off-hours"] = always
    (secrets / "pagerduty-routing-key").write_text("key")
    for name, receiver in alerting["receivers"].items():
        if "slack" in receiver:
            (secrets / f"slack-{name}").write_text(f"http://{people}/slack/{name}")
            receiver["slack"]["urlFile"] = str(secrets / f"slack-{name}")
        if "pagerduty" in receiver:
            receiver["pagerduty"]["routingKeyFile"] = str(secrets / "pagerduty-routing-key")
        receiver.pop("email", None)
    return whole


def at_one_address(config: str, service: str, alertmanager: str) -> str:
    """The configuration of Prometheus with the targets of the API, and Alertmanager, at fixed addresses."""
    document = yaml.safe_load(config)
    document["alerting"]["alertmanagers"] = [{"static_configs": [{"targets": [alertmanager]}]}]
    (job,) = (one for one in document["scrape_configs"] if one["job_name"] == "api")
    del job["kubernetes_sd_configs"], job["relabel_configs"]
    document["scrape_configs"] = [{**job, "static_configs": [{"targets": [service]}]}]
    return yaml.safe_dump(document)


@pytest.fixture(scope="module")
def stage(tool: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """All of it at work."""
    folder = tmp_path_factory.mktemp("stage")
    people, service = Stand(), Stand({"/metrics": Service().metrics})
    prometheus, alertmanager = free_address(), free_address()
    for name in ("secrets", "programs"):
        (folder / name).mkdir()
    text = as_json(spec(people.address, folder / "secrets"))
    platform = resolve(load_text(text, str(SHIPPED)))[ENVIRONMENT]
    for name, artifact in files_of(platform).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.text, "utf-8")
    config = folder / "prometheus" / "prometheus.yml"
    config.write_text(at_one_address(config.read_text("utf-8"), service.address, alertmanager), "utf-8")
    commands = _commands(tool, folder, {"prometheus": prometheus, "alertmanager": alertmanager})
    try:
        with (
            running(
                commands[0], f"http://{alertmanager}/-/ready", folder / "alertmanager.log", SHARED.parent
            ),
            running(commands[1], f"http://{prometheus}/-/ready", folder / "prometheus.log", folder),
        ):
            yield Stage(people, alertmanager, folder / "alertmanager" / "alertmanager.yml")
    finally:
        people.close()
        service.close()


def _commands(tool: Any, folder: Path, addresses: Mapping[str, str]) -> list[list[str | Path]]:
    listen = {name: f"--web.listen-address={address}" for name, address in addresses.items()}
    config = f"--config.file={folder / 'alertmanager' / 'alertmanager.yml'}"
    alone = "--cluster.listen-address="
    storage = f"--storage.path={folder / 'notifications'}"
    rules = f"--config.file={folder / 'prometheus' / 'prometheus.yml'}"
    data = f"--storage.tsdb.path={folder / 'data'}"
    return [
        [
            relocated(tool("alertmanager"), folder / "programs"),
            config,
            storage,
            listen["alertmanager"],
            alone,
        ],
        [tool("prometheus"), rules, data, listen["prometheus"]],
    ]


def about(messages: list[Any], summary: str) -> Any:
    """The first of the messages that says this; None where there is none."""
    return next((message for message in messages if summary in str(message)), None)


def test_a_critical_alert_reaches_pagerduty_and_slack_and_the_team(stage: Stage) -> None:
    # The objective burns, too, and is told of at once: without it, only the one alert would fire.
    event = until(lambda: about(stage.people.got("/pagerduty"), SUMMARY), "PagerDuty is told")
    assert event["event_action"] == "trigger"
    assert event["routing_key"] == "key"
    payload = event["payload"]
    assert (payload["severity"], payload["component"], payload["group"]) == ("critical", "api", "api-team")
    for channel, name in (("critical", "#alerts-critical"), ("api-team", "#team-api")):
        path = f"/slack/{channel}"
        message = until(lambda path=path: about(stage.people.got(path), SUMMARY), f"{name} is told")
        assert message["channel"] == name


def test_the_warning_that_it_inhibits_reaches_nobody(stage: Stage) -> None:
    stage.alert(CRITICAL)

    def inhibited() -> Any:
        return stage.alerts().get(WARNING, {}).get("status", {}).get("inhibitedBy")

    by = until(inhibited, f"{WARNING} is inhibited")
    causes = {one["fingerprint"]: one["labels"] for one in stage.alerts().values()}
    assert {causes[one]["severity"] for one in by} == {"critical"}
    assert {causes[one]["component"] for one in by} == {"api"}
    time.sleep(3)  # three times as long as a group waits
    assert WARNING not in str(stage.people.received)


def test_a_muted_alert_waits_until_its_hour(stage: Stage) -> None:
    alert = stage.alert(MUTED)
    assert [receiver["name"] for receiver in alert["receivers"]] == ["business-team"]
    time.sleep(3)
    assert not stage.people.got("/slack/business-team")
    # Its hour comes: Alertmanager reads that nobody is off any more.
    config = stage.config.read_text("utf-8")
    stage.config.write_text(
        config.replace(
            'start_time: "00:00"\n            end_time: "24:00"',
            'start_time: "00:00"\n            end_time: "00:01"',
        ),
        "utf-8",
    )
    assert stage.config.read_text("utf-8") != config
    post(f"{stage.alertmanager}/-/reload")
    (message, *_) = until(lambda: stage.people.got("/slack/business-team"), "the team is told")
    assert "Many people fail to sign in" in message["attachments"][0]["title"]
