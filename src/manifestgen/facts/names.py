"""What a name may look like, by the rules of Kubernetes, DNS, images and Vault.

Sources: RFC 1123 labels as Kubernetes uses them (63 characters, 253 for a subdomain), POSIX names of
environment variables, the reference grammar of container images (distribution/reference).
"""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final, NamedTuple

from manifestgen.yamlio.characters import shortened
from manifestgen.yamlio.scalars import resolve


class Complaint(NamedTuple):
    """Why a value is refused, and what to write instead."""

    rule: str
    message: str
    advice: str


MAX_LABEL: Final = 63
MAX_HOST: Final = 253
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_ENV_VAR: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HTTP_PATH: Final = re.compile(r"/[A-Za-z0-9\-._~!$&'()*+,;=:@%/]*")
_IMAGE: Final = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?/)?[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*"
    r"(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*"
)
_CIDR: Final = re.compile(r"[0-9A-Fa-f.:]+/[0-9]{1,3}")
_ORIGIN: Final = re.compile(
    r"https?://(?:\[(?P<ipv6>[0-9A-Fa-f:.]+)\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?(?=[/?#]|\Z)"
)
_GIT: Final = re.compile(
    r"(?:(?:https?|ssh)://(?:(?P<user>[^/@\s]+)@)?[A-Za-z0-9.-]+(?::(?P<port>[0-9]{1,5}))?/"
    r"|[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:)[A-Za-z0-9._~/+-]+"
)
_VAULT: Final = re.compile(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*#[A-Za-z0-9_.-]+")


def quoted(text: str) -> str:
    """``text`` as a message shows it: in quotes, short, and on one line."""
    return f"'{shortened(text)}'"


def check_label(text: str) -> Complaint | None:
    """None, or why ``text`` is no DNS label."""
    if len(text) > MAX_LABEL:
        return Complaint(
            "name-length", f"{quoted(text)} is of {len(text)} characters", f"use at most {MAX_LABEL}"
        )
    if not _LABEL.fullmatch(text) or text[0].isdigit():
        return Complaint(
            "name",
            f"{quoted(text)} is no name",
            "use lower-case letters, digits and hyphens, a letter first and no hyphen last",
        )
    return None


def check_env_var(text: str) -> Complaint | None:
    """None, or why ``text`` cannot name an environment variable."""
    if not _ENV_VAR.fullmatch(text):
        return Complaint(
            "env-name",
            f"{quoted(text)} cannot name an environment variable",
            "use letters, digits and _, no digit first",
        )
    return None


def check_host(text: str) -> Complaint | None:
    """None, or why ``text`` is no host name."""
    labels = text.removeprefix("*.").split(".")
    if len(text) > MAX_HOST or not all(
        len(label) <= MAX_LABEL and _LABEL.fullmatch(label) for label in labels
    ):
        return Complaint(
            "host", f"{quoted(text)} is no host name", "write e.g. api.example.com, without scheme or path"
        )
    return None


_OF_YAML_1_1: Final = re.compile(r"0b[01]+|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")
"""A number and a date that YAML 1.2 takes for texts."""


def check_annotation(key: str) -> Complaint | None:
    """None, or why no object can have an annotation that is called ``key``.

    Kustomize (kubectl 1.37) fails on annotations whose keys YAML would read as something else than a text,
    however they are quoted.
    """
    bare = key.replace("_", "")  # which go-yaml leaves out of numbers
    if not isinstance(resolve(bare), str) or _OF_YAML_1_1.fullmatch(bare):
        return Complaint(
            "annotation-key",
            f"{quoted(key)} reads as a number or as another value, and Kustomize reads it so",
            "write e.g. example.com/name",
        )
    return None


def check_server_name(text: str) -> Complaint | None:
    """None, or why ``text`` is no name of one server."""
    if text.startswith("*"):
        return Complaint("host", f"{quoted(text)} is no name of one server", "write it without a wildcard")
    return check_host(text)


def check_http_path(text: str) -> Complaint | None:
    """None, or why ``text`` is no absolute URL path."""
    if not _HTTP_PATH.fullmatch(text):
        return Complaint(
            "http-path", f"{quoted(text)} is no URL path", "start it with / and leave out query and host"
        )
    return None


def check_image_repository(text: str) -> Complaint | None:
    """None, or why ``text`` is no image repository."""
    if not _IMAGE.fullmatch(text):
        return Complaint(
            "image",
            f"{quoted(text)} is no image repository",
            "write e.g. ghcr.io/example/api, and the tag or digest under its own key",
        )
    return None


def check_web_address(text: str) -> Complaint | None:
    """None, or why ``text`` has no scheme, host and port that a client could connect to."""
    match = _ORIGIN.match(text)
    if match is None or int(match["port"] or 443) not in range(1, 65536) or not _is_ipv6(match["ipv6"]):
        return Complaint(
            "format", f"{quoted(text)} is no address of the web", "write e.g. https://vault.example.com:8200"
        )
    return None


def _is_ipv6(text: str | None) -> bool:
    """Whether ``text`` is an address, or not there at all."""
    try:
        return text is None or IPv6Address(text) is not None
    except ValueError:
        return False


def check_git_address(text: str) -> Complaint | None:
    """None, or why ``text`` is no address of a Git repository."""
    match = _GIT.fullmatch(text)
    if match is None or int(match["port"] or 443) not in range(1, 65536):
        return Complaint(
            "git-address",
            f"{quoted(text)} is no address of a Git repository",
            "write e.g. https://git.example.com/team/shop.git or git@git.example.com:team/shop.git",
        )
    if ":" in (match["user"] or "") or (match["user"] and text.startswith("http")):
        return Complaint(
            "git-address",
            "the address holds credentials, which would be committed",
            "remove what stands before the @; the tool reads them from a Secret of its own",
        )
    return None


def check_vault_reference(text: str) -> Complaint | None:
    """None, or why ``text`` is no place in Vault."""
    if not _VAULT.fullmatch(text) or ".." in text.split("#")[0].split("/"):
        return Complaint(
            "vault-reference", f"{quoted(text)} is no place in Vault", "write path#key, e.g. app/database#url"
        )
    return None


_REMOTE: Final = {
    "aws": (re.compile(r"[A-Za-z0-9/_+=.@-]{1,512}"), "name or name#key, e.g. app/database#url"),
    "gcp": (re.compile(r"[A-Za-z0-9_-]{1,255}"), "name or name#key, e.g. database-url"),
    "azure": (
        re.compile(r"(?:(?:secret|key|cert)/)?[A-Za-z0-9-]{1,127}"),
        "name or name#key, e.g. database-url or cert/site",
    ),
    "remote": (re.compile(r"[A-Za-z0-9/_+=.@:-]{1,512}"), "name or name#key, e.g. app/database#url"),
}
_PROPERTY: Final = re.compile(r"[A-Za-z0-9_.@:/-]{1,253}")


def check_remote_reference(text: str, provider: str) -> Complaint | None:
    """None, or why ``text`` is no secret that ``provider`` may have: a name, and maybe a key in it."""
    pattern, form = _REMOTE[provider]
    name, mark, key = text.partition("#")
    if not pattern.fullmatch(name) or (mark and not _PROPERTY.fullmatch(key)):
        return Complaint("secret-reference", f"{quoted(text)} is no name of a secret", f"write {form}")
    return None


def check_secret_path(text: str) -> Complaint | None:
    """None, or why ``text`` cannot name a whole secret, whoever keeps it."""
    if not _REMOTE["remote"][0].fullmatch(text) or ".." in text.split("/"):
        return Complaint(
            "secret-reference", f"{quoted(text)} is no name of a whole secret", "write e.g. app/database"
        )
    return None


def check_network(text: str) -> Complaint | None:
    """None, or why ``text`` is no network in CIDR notation."""
    try:
        exact = _CIDR.fullmatch(text) is not None and ip_network(text) is not None
    except ValueError:
        exact = False
    if exact:
        return None
    if check_host(text) is None and not text.replace(".", "").isdigit():
        return Complaint(
            "network-hostname",
            f"{quoted(text)} is a name, and network policies know only addresses",
            "write the networks it resolves to, or `0.0.0.0/0` with `exceptNetworks` for the internet",
        )
    return Complaint("network", f"{quoted(text)} is no network", _network_advice(text))


def check_address(text: str) -> Complaint | None:
    """None, or why ``text`` is no IP address that a Service could lead to."""
    try:
        address = ip_address(text)
    except ValueError:
        return Complaint(
            "address", f"{quoted(text)} is no IP address", "write e.g. 192.0.2.10 or 2001:db8::10"
        )
    if str(address) != text:
        return Complaint("address", f"{quoted(text)} is not as it is usually written", f"write {address}")
    if address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified:
        return Complaint(
            "address", f"a Service cannot lead to {text}", "write the address of a machine in a network"
        )
    return None


def _network_advice(text: str) -> str:
    """The network that an address lies in is most likely meant."""
    try:
        return f"write {ip_network(text, strict=False)}"
    except ValueError:
        return "write an address and the length of its prefix, e.g. 10.0.0.0/8"
