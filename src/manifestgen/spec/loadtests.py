"""Load tests: who uses the platform, what they ask for, how many they are, and what must hold meanwhile."""

from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from manifestgen.facts.loadtests import (
    check_group,
    check_pace,
    check_request_path,
    check_user_class,
    parameters_of,
)
from manifestgen.facts.quantities import parse_duration
from manifestgen.spec.base import (
    WEB_ADDRESS,
    Duration,
    EnvVarName,
    Form,
    Host,
    Model,
    Name,
    Text,
    camel_case,
    checked,
    defaults_of,
    problem,
    refuse,
)

UserClass = Annotated[str, checked(check_user_class), Field(examples=["ReturningCustomer"])]
"""What a kind of users is called: the name of a class of the generated programs."""

RequestPath = Annotated[str, checked(check_request_path), Field(examples=["/api/companies/{ticker}"])]
"""The path of a request, with its parameters in braces: `/api/companies/{ticker}`."""

Pace = Annotated[str, checked(check_pace), Field(examples=["0s", "500ms", "2s", "10m"])]
"""A duration as Prometheus writes it; `0s` for none."""

Origin = Annotated[
    str,
    StringConstraints(pattern=r"^https?://[^\s/?#@\x00-\x1f]+$"),
    Form("write scheme and host, and nothing behind them: http://localhost:8000"),
    WEB_ADDRESS,
]
"""Scheme, host and port, without a path."""

Percentile = Annotated[
    str,
    StringConstraints(pattern=r"^p[1-9][0-9]?(\.[0-9]{0,2}[1-9])?$"),
    Form("write a percentile, e.g. p95 or p99.9"),
    Field(examples=["p95"]),
]
"""A percentile: `p95` is the time that 95 of 100 requests take at most."""

GroupName = Annotated[str, checked(check_group), Field(examples=["Search"])]
"""What a group of tasks is called, on one line."""

HeaderName = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$"),
    Form("write a name of a header, e.g. Accept-Language"),
]
HeaderValue = Annotated[
    str,
    StringConstraints(pattern=r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$"),
    Form("use letters and signs of ASCII on one line"),
]
Status = Annotated[int, Field(ge=200, le=599)]
Weight = Annotated[int, Field(le=1_000_000)]
"""A share in proportion to the other weights."""
Values = Annotated[list[str | int], Field(min_length=1)]
"""Values of which one is taken by chance, each time anew."""


class Sending(Model):
    """A request, and what it is answered with."""

    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] = "GET"
    """Method of HTTP."""
    path: RequestPath | None = None
    """What is asked for, with parameters in braces: `/api/companies/{ticker}`."""
    parameters: dict[Name, Values] = {}
    """Values of the parameters of the path, of which each request takes one by chance."""
    query: dict[Text, Values] = {}
    """Parameters behind the `?`, with the values of which each request takes one by chance."""
    headers: dict[HeaderName, HeaderValue] = {}
    """More headers."""
    body: dict[str, Any] | None = None
    """What is sent, as JSON."""
    status: Annotated[list[Status], Field(min_length=1)] = [200]
    """Statuses of a good answer; any other is a failure."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        refuse(self._misfits())
        return self

    def _misfits(self) -> Iterator[PydanticCustomError]:
        wanted = parameters_of(self.path or "")
        for name in wanted:
            if name not in self.parameters:
                message = f"nobody says what {{{name}}} stands for"
                yield problem("load-test-parameter", message, f"add parameters.{name}: […]", ("path",))
        for name in self.parameters:
            if name not in wanted:
                message = f"the path has no {{{name}}}"
                yield problem("load-test-parameter", message, "remove it here", ("parameters", name))
        if self.body is not None and self.method in ("GET", "HEAD"):
            message = f"a {self.method} carries nothing"
            yield problem("load-test-body", message, "give `method: POST`, or use `query`", ("body",))


class Task(Sending):
    """Something that users do: one request, or several at once."""

    group: GroupName
    """What it belongs to; reports have a line for each group."""
    description: Text | None = None
    """What it is, in a sentence."""
    batch: dict[Name, Sending] = {}
    """Requests that are sent at once, as browsers do, instead of one."""

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if (self.path is None) == (not self.batch):
            lack = "it asks for nothing" if self.path is None else "it has both a path and a batch"
            advice = "give `path`, or `batch` for several requests at once"
            raise problem("load-test-request", lack, advice, ("path",), ("batch",))
        beside = Sending.model_fields.keys() & self.model_fields_set
        if self.batch and beside:
            message = "what stands beside `batch` is about a request of the task itself, which has none"
            places = sorted((camel_case(name),) for name in beside)
            raise problem("load-test-request", message, "move it into the batch", *places)
        for name, one in self.batch.items():
            if one.path is None:
                raise problem("load-test-request", "it asks for nothing", "give `path`", ("batch", name))
        return self

    @property
    def requests(self) -> tuple[tuple[tuple[str, ...], Sending], ...]:
        """What is sent, each with its place below the task."""
        if self.batch:
            return tuple((("batch", name), one) for name, one in self.batch.items())
        return (((), self),)


class SignIn(Model):
    """A request that gives a token for a name and a password, or whatever else proves who somebody is."""

    path: RequestPath
    """Where users sign in, by `POST`."""
    fields: Annotated[dict[Text, EnvVarName], Field(min_length=1)]
    """What is sent, each by the environment variable that holds it: `{username: LOAD_USER}`."""
    encoding: Literal["json", "form"] = "json"
    """How it is sent; OAuth 2.0 wants `form`."""
    token: Annotated[
        str,
        StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*)*$"),
        Form("write the key of the answer, e.g. access_token or data.token"),
    ] = "access_token"
    """Where in the answer the token is, with dots between the keys."""
    lifetime: Duration = "10m"
    """Time after which users sign in again; shorter than a token is valid."""


class Login(Model):
    """How users prove who they are; secrets come from the environment of the program."""

    token: EnvVarName | None = None
    """Environment variable that holds a token."""
    sign_in: SignIn | None = None
    """Request that gives one."""
    header: HeaderName = "Authorization"
    """Header that the token is sent in."""
    scheme: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]*$"), Form("write e.g. Bearer")] = (
        "Bearer"
    )
    """What stands before it; empty for nothing."""

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if (self.token is None) == (self.sign_in is None):
            both = "it has both a token and a request for one" if self.token else "there is no token"
            raise problem("load-test-login", both, "give `token` or `signIn`", ("token",), ("signIn",))
        return self


class Waiting(Model):
    """How long users wait after what they did: any time between the two, by chance."""

    min: Pace
    """The shortest time."""
    max: Pace
    """The longest time."""

    @model_validator(mode="after")
    def _has_an_order(self) -> Self:
        if parse_duration(self.min) > parse_duration(self.max):
            message = f"{self.min} is longer than {self.max}"
            raise problem("load-test-wait", message, "swap them", ("min",), ("max",))
        return self


class Users(Model):
    """A kind of users."""

    description: Text | None = None
    """Who they are, in a sentence."""
    weight: Weight = 1
    """Their share of all users of a profile, in proportion to the other weights."""
    wait: Waiting = defaults_of(Waiting, min="1s", max="5s")
    """How long they wait after each task."""
    login: Name | None = None
    """One of the `logins`; left out, they are nobody in particular."""
    tasks: Annotated[dict[Name, Weight], Field(min_length=1)]
    """What they do: tasks and their weights."""

    @model_validator(mode="after")
    def _has_weights(self) -> Self:
        refuse(self._idle())
        return self

    def _idle(self) -> Iterator[PydanticCustomError]:
        weights = [(("tasks", name), weight) for name, weight in self.tasks.items()]
        for place, weight in [(("weight",), self.weight), *weights]:
            if weight < 1:
                what = "there would be no such user" if place == ("weight",) else "nobody would do it"
                advice = "give it a weight of at least 1, or remove it"
                yield problem("load-test-weight", f"with a weight of {weight}, {what}", advice, place)


class Stage(Model):
    """How many users there are for some time."""

    users: Annotated[int, Field(ge=0, le=1_000_000)]
    """Users at the end of the way there; `0` to end softly."""
    ramp: Pace = "0s"
    """Time in which their number gets there, evenly."""
    hold: Pace = "0s"
    """Time for which it stays there."""


class Profile(Model):
    """A way to load the platform."""

    description: Text | None = None
    """What it shows, in a sentence."""
    users: Annotated[list[UserClass], Field(min_length=1)] | None = None
    """Kinds of users that take part; left out, all."""
    stages: list[Stage]
    """How many users there are, one stage after the other."""

    @model_validator(mode="after")
    def _loads(self) -> Self:
        refuse(self._nothing())
        return self

    def _nothing(self) -> Iterator[PydanticCustomError]:
        advice = "write e.g. `stages: [{users: 50, ramp: 1m, hold: 5m}]`"
        if not self.stages:
            yield problem("load-test-stages", "there is no stage, so nothing would run", advice, ("stages",))
        elif self.peak == 0:
            yield problem("load-test-stages", "no stage has users", advice, ("stages",))
        for index, stage in enumerate(self.stages):
            if parse_duration(stage.ramp) + parse_duration(stage.hold) == 0:
                message = "the stage takes no time"
                yield problem("load-test-stages", message, "give `ramp`, `hold` or both", ("stages", index))

    @property
    def peak(self) -> int:
        """The most users that there are at once."""
        return max((stage.users for stage in self.stages), default=0)


class LoadThresholds(Model):
    """What must hold over a whole run, else it fails: objectives of the platform, and what stands here."""

    slos: list[Name] | None = None
    """Objectives (`slos`) that must hold: latency as a percentile of the durations, availability as the share
    of failed requests. Left out, all such objectives of the workloads behind the route; `[]`: none."""
    latency: dict[Percentile, Duration] = {}
    """Durations by percentile: `{p95: 300ms}`. They win over objectives on the same percentile."""
    failures: Annotated[float, Field(ge=0, lt=100)] | None = None
    """Share of the requests that may fail, in per cent; wins over objectives."""
    abort: Annotated[float, Field(gt=0, lt=100)] | None = None
    """Share of failed requests, in per cent, above which a run ends at once: no more is learnt from it."""
    abort_after: Duration = "30s"
    """Time that a run is left to settle before it may be ended so."""
    slow: Duration | None = None
    """Requests that take longer are counted as slow; left out, as long as the highest threshold, or `1s`."""


def _stage(users: int, ramp: str = "0s", hold: str = "0s") -> Stage:
    return defaults_of(Stage, users=users, ramp=ramp, hold=hold)


def _profile(description: str, *stages: Stage) -> Profile:
    return defaults_of(Profile, description=description, stages=list(stages))


PROFILES: Final[dict[str, Profile]] = {
    "load": _profile(
        "The load of a busy day",
        _stage(50, "2m", "5m"),
        _stage(100, "2m", "5m"),
        _stage(200, "2m", "5m"),
        _stage(0, "1m"),
    ),
    "smoke": _profile("Does everything work at all?", _stage(5, "10s", "1m")),
    "stress": _profile(
        "Where does it break?",
        _stage(200, "2m", "5m"),
        _stage(400, "2m", "5m"),
        _stage(600, "2m", "5m"),
        _stage(0, "2m"),
    ),
    "spike": _profile(
        "What does a sudden crowd do?",
        _stage(50, "30s", "2m"),
        _stage(500, "10s", "2m"),
        _stage(50, "10s", "3m"),
        _stage(0, "30s"),
    ),
    "soak": _profile("Does it last?", _stage(100, "5m", "4h"), _stage(0, "2m")),
}
"""The profiles of a spec that says nothing of them."""


class LoadTests(Model):
    """Load tests of what is behind a route, as programs for Locust and k6.

    Users, tasks and logins are the same in all environments; where they go, how many they are and what must
    hold may differ.
    """

    route: Name
    """Route that is tested; its workloads' objectives must hold."""
    host: Host | None = None
    """Host of the route that requests are sent to; left out, its first one."""
    url: Origin | None = None
    """Where requests are sent instead, where the route's own host is not to be reached."""
    logins: dict[Name, Login] = {}
    """How users prove who they are."""
    users: Annotated[dict[UserClass, Users], Field(min_length=1)]
    """Kinds of users."""
    tasks: Annotated[dict[Name, Task], Field(min_length=1)]
    """What users do."""
    profiles: Annotated[dict[Name, Profile], Field(min_length=1)] = PROFILES
    """Ways to load the platform; the first is what runs unless another is asked for. Left out: `load`, by
    50, 100 and 200 users, `smoke`, `stress`, `spike` and `soak`."""
    thresholds: LoadThresholds = defaults_of(LoadThresholds)
    """What must hold."""
