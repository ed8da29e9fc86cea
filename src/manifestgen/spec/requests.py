"""What is asked of requests on their way in, and what is done with them."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from manifestgen.spec.base import (
    Form,
    HttpPath,
    Model,
    Name,
    Percent,
    PortNumber,
    PositiveCount,
    Seconds,
    ServerName,
    WebUrl,
    problem,
)

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
"""A method of HTTP."""

HeaderName = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=256),
    Form("write e.g. X-Request-ID"),
]
"""The name of a header."""

HeaderValue = Annotated[
    str,
    StringConstraints(pattern=r"^[!-~]+([\t ]?[!-~]+)*$", max_length=4096),
    Form("use letters, digits and signs of ASCII, with single spaces between them"),
]
"""The value of a header."""

QueryName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_.~-]+$", max_length=256), Form("write e.g. version")
]
"""The name of a parameter in the query of a URL."""

QueryValue = Annotated[
    str, StringConstraints(pattern=r"^[!-~]+$", max_length=1024), Form("use signs of ASCII, without spaces")
]
"""The value of such a parameter."""


class Tls(Model):
    """Certificates by cert-manager or in a Secret; `{}` for a shared Gateway, which has its own."""

    issuer: Name | None = None
    """ClusterIssuer that signs them; for a Gateway it solves challenges by `gatewayHTTPRoute` or by DNS."""
    secret: Name | None = None
    """Secret that holds them; left out, `<route>-tls`. Without an issuer somebody else fills it."""
    redirect: bool = True
    """Send plain requests to HTTPS."""


class RateLimit(Model):
    """Limits for each client address (each replica of the controller counts for itself)."""

    requests_per_second: PositiveCount
    """Requests a second."""
    burst: PositiveCount = 5
    """How many times the rate may come at once."""
    connections: PositiveCount | None = None
    """Connections at the same time."""


class Firewall(Model):
    """ModSecurity with the OWASP core rule set.

    ``block`` needs a snippet: the controller must run with ``allow-snippet-annotations: true`` and, since
    1.12, ``annotations-risk-level: Critical``. ``detect`` is what ModSecurity does by itself and needs none.
    """

    mode: Literal["detect", "block"]
    """`detect` only logs what it would refuse; `block` refuses it."""


class Cors(Model):
    """Which other web sites' scripts may call."""

    origins: Annotated[
        list[
            Annotated[
                str,
                StringConstraints(pattern=r"^(\*|https?://[A-Za-z0-9*.:-]+)$"),
                Form("write scheme and host, e.g. https://app.example.com"),
            ]
        ],
        Field(min_length=1),
    ]
    """Origins with scheme: `https://app.example.com`."""
    methods: Annotated[list[Method], Field(min_length=1)] = [
        "GET",
        "POST",
        "PUT",
        "PATCH",
        "DELETE",
        "OPTIONS",
    ]
    """Methods that are allowed."""
    headers: list[
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]+$"), Form("write e.g. X-Request-ID")]
    ] = [
        "Authorization",
        "Content-Type",
    ]
    """Request headers that are allowed."""
    credentials: bool = False
    """Let cookies and client certificates pass."""
    max_age: Seconds = "10m"
    """How long a browser may remember the answer."""

    @model_validator(mode="after")
    def _is_accepted_by_browsers(self) -> Self:
        if self.credentials and "*" in self.origins:
            raise problem(
                "cors-credentials",
                "browsers refuse credentials for the origin *",
                "name the origins, or set credentials: false",
                ("origins",),
                ("credentials",),
            )
        return self


class BasicAuth(Model):
    """Names and passwords, asked for by the browser."""

    secret: Name
    """Secret with the key `auth`, a file of htpasswd."""
    realm: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z0-9 ._-]+$"), Form("use letters, digits, spaces and . _ -")
    ] = "Authentication required"
    """What the browser says is asked for."""


class ExternalAuth(Model):
    """A service that is asked about each request, such as oauth2-proxy."""

    url: WebUrl
    """Address that is asked; an answer of 2xx lets the request pass."""
    signin: WebUrl | None = None
    """Where a browser is sent to sign in when it does not."""
    response_headers: list[HeaderName] = []
    """Headers of its answer that the workload gets."""


class Auth(Model):
    """Who may come in; in one way."""

    basic: BasicAuth | None = None
    """By name and password."""
    external: ExternalAuth | None = None
    """By a service that is asked."""

    @model_validator(mode="after")
    def _is_in_one_way(self) -> Self:
        if (self.basic is None) == (self.external is None):
            raise problem(
                "route-auth",
                "requests are let in either by password or by a service that is asked",
                "give `basic: …` or `external: …`",
                ("basic",),
                ("external",),
            )
        return self


class SessionCookie(Model):
    """Requests of one browser go to one pod, which a cookie names."""

    name: HeaderName = "route"
    """Name of the cookie."""
    max_age: Seconds | None = None
    """How long the browser keeps it; left out, until it is closed."""


class Match(Model):
    """What a request must have besides its host and path; all of it."""

    methods: list[Method] = []
    """Any of these methods; empty: all."""
    headers: Annotated[dict[HeaderName, HeaderValue], Field(max_length=16)] = {}
    """Headers with exactly these values."""
    query: Annotated[dict[QueryName, QueryValue], Field(max_length=16)] = {}
    """Parameters of the query with exactly these values."""


class Redirect(Model):
    """Another address that clients are sent to; what is left out stays as it was asked for."""

    scheme: Literal["http", "https"] | None = None
    """Scheme."""
    host: ServerName | None = None
    """Host."""
    port: PortNumber | None = None
    """Port."""
    path: HttpPath | None = None
    """Path instead of the whole one."""
    prefix: HttpPath | None = None
    """Prefix instead of the one that the route's path is."""
    status: Literal[301, 302] = 302
    """`301` is for ever: browsers do not ask again."""

    @model_validator(mode="after")
    def _leads_elsewhere(self) -> Self:
        refuse_two_paths(self.path, self.prefix)
        if all(one is None for one in (self.scheme, self.host, self.port, self.path, self.prefix)):
            raise problem(
                "redirect-empty", "it leads back to where it came from", "give `host: …` or `path: …`"
            )
        return self


class Rewrite(Model):
    """What the workload is asked for instead."""

    host: ServerName | None = None
    """Host."""
    path: HttpPath | None = None
    """Path instead of the whole one."""
    prefix: HttpPath | None = None
    """Prefix instead of the one that the route's path is: `/` takes it away."""

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        refuse_two_paths(self.path, self.prefix)
        if self.host is None and self.path is None and self.prefix is None:
            raise problem("rewrite-empty", "it changes nothing", "give `prefix: /`, `path: …` or `host: …`")
        return self


def refuse_two_paths(path: str | None, prefix: str | None) -> None:
    """A path is replaced whole, or its beginning is."""
    if path is not None and prefix is not None:
        message = "the whole path and its prefix cannot both be replaced"
        raise problem("path-and-prefix", message, "remove one", ("path",), ("prefix",))


class HeaderChanges(Model):
    """Headers that are added, set or removed."""

    set: Annotated[dict[HeaderName, HeaderValue], Field(max_length=16)] = {}
    """Headers that get this value, whatever they had."""
    add: Annotated[dict[HeaderName, HeaderValue], Field(max_length=16)] = {}
    """Headers that get this value besides what they have."""
    remove: Annotated[list[HeaderName], Field(max_length=16)] = []
    """Headers that are taken away."""


class Mirror(Model):
    """A copy of the requests for another workload, whose answers nobody gets."""

    workload: Name
    """Workload that gets the copies."""
    port: Name
    """Name of the port of its `main` Service."""
    percent: Percent | None = None
    """Share of the requests; left out, all."""
