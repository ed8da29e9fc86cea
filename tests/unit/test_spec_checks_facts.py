"""Names, quantities, durations and near names: what is taken and what is not."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifestgen.facts import names, quantities
from manifestgen.facts.names import Complaint
from manifestgen.facts.nearest import nearest, nearest_hint

Check = Callable[[str], Complaint | None]

GOOD: dict[Check, tuple[str, ...]] = {
    names.check_label: ("a", "api", "api-2", "a" * 63, "a--b"),
    names.check_env_var: ("A", "_", "LOG_LEVEL", "log_level2"),
    names.check_host: (
        "localhost",
        "api.example.com",
        "*.example.com",
        "1.example.com",
        "xn--bcher-kva.example",
    ),
    names.check_http_path: ("/", "/api", "/a/b.json", "/health%20check", "/~x;v=1", "/a//b"),
    names.check_image_repository: (
        "nginx",
        "library/nginx",
        "ghcr.io/example/api",
        "localhost:5000/api",
        "registry.example.com:443/a/b/c",
        "a__b/c-d.e",
    ),
    names.check_vault_reference: ("database#url", "app/database#url", "a.b/c_d-e#f.g"),
    names.check_network: ("10.0.0.0/8", "0.0.0.0/0", "192.0.2.1/32", "2001:db8::/32", "::/0"),
    quantities.check_cpu: ("1", "2", "500m", "0.5", "1.25", ".5", "1k", "0.001"),
    quantities.check_bytes: ("1", "384Mi", "4Gi", "1.5Gi", "100M", "1Ei", "8E", "1024"),
    quantities.check_duration: ("1s", "15s", "5m", "1h30m", "30d", "1w2d", "1y", "100ms", "1s500ms"),
    quantities.check_seconds: ("1s", "90s", "1h", "1000ms", "1s1000ms"),
    quantities.check_go_duration: ("1s", "24h", "1h30m", "100ms"),
    quantities.check_window: ("1s", "1h", "60m"),
}
BAD: dict[Check, tuple[str, ...]] = {
    names.check_label: (
        "",
        "A",
        "a_b",
        "a.b",
        "-a",
        "a-",
        "1a",
        "a" * 64,
        "a\n",
        "é",
        "..",
        "../x",
        "a b",
        "٣",
    ),
    names.check_env_var: ("", "1A", "A-B", "A B", "A\n", "Ä", "A="),
    names.check_host: (
        "",
        "a..b",
        ".a",
        "a.",
        "https://a",
        "a/b",
        "a:80",
        "*",
        "*.*.a",
        "a.*.b",
        "A.example",
        "a" * 64,
    ),
    names.check_http_path: ("", "api", "/a?b", "/a b", "/a#b", "/a\n", '/"', "/{x}", "/é", "/a\\b"),
    names.check_image_repository: (
        "",
        "API",
        "a:1",
        "a@sha256:0",
        "a//b",
        "/a",
        "a/",
        "a b",
        "a\n",
        "a:٣/b",
        "a___b",
    ),
    names.check_vault_reference: (
        "",
        "a",
        "#a",
        "a#",
        "a#b#c",
        "/a#b",
        "a//b#c",
        "../a#b",
        "a/../b#c",
        "a b#c",
        "..#a",
    ),
    names.check_network: (
        "",
        "10.0.0.0",
        "10.0.0.1/8",
        "10.0.0.0/33",
        "a/8",
        "10.0.0.0/255.0.0.0",
        "::/129",
        "fe80::%eth0/64",
    ),
    quantities.check_cpu: (
        "",
        "0",
        "0m",
        "-1",
        "1.5m",
        "0.0001",
        "1Mi",
        "1 ",
        "1e3",
        "٣",
        "9" * 20,
        "1M",
        "m",
    ),
    quantities.check_bytes: (
        "",
        "0",
        "-1Gi",
        "1m",
        "1KB",
        "1kb",
        "1ki",
        "1 Gi",
        "Gi",
        "9" * 20,
        "1.0000000001Gi",
    ),
    quantities.check_duration: (
        "",
        "0s",
        "5",
        "-5s",
        "1.5h",
        "5 m",
        "5M",
        "1m1h",
        "s",
        "٣s",
        "291y",
        "9" * 16 + "s",
        "9" * 5000 + "d",
    ),
    quantities.check_seconds: ("500ms", "1s1ms", "0s", ""),
    quantities.check_go_duration: ("1d", "1w", "1y", "1d1h", "0s"),
    quantities.check_window: ("61m", "2h", "1d", "100ms"),
}


@pytest.mark.parametrize(
    ("check", "text"), [(check, text) for check, texts in GOOD.items() for text in texts]
)
def test_what_kubernetes_takes_is_taken(check: Check, text: str) -> None:
    assert check(text) is None


@pytest.mark.parametrize(("check", "text"), [(check, text) for check, texts in BAD.items() for text in texts])
def test_what_it_would_refuse_is_refused_with_advice(check: Check, text: str) -> None:
    complaint = check(text)
    assert complaint is not None
    assert complaint.message and complaint.advice
    assert complaint.message.isprintable()
    assert len(complaint.message) < 120


@given(
    st.sampled_from(list(GOOD)), st.text(max_size=12) | st.text("0123456789.:/-azAZ_#*hmsdKMGi", max_size=40)
)
def test_any_text_is_taken_or_refused(check: Check, text: str) -> None:
    complaint = check(text)
    if complaint is None:
        assert (
            text.isascii()
            and text.isprintable()
            and ".." not in text.replace("...", "").split("#")[0].split("/")
        )


@given(st.from_regex(r"[0-9]{1,6}(\.[0-9]{1,3})?(m|k|M|G|T|Ki|Mi|Gi|Ti)?", fullmatch=True))
def test_a_quantity_is_its_number_times_its_unit(text: str) -> None:
    number = text.rstrip("mkKMGTi")
    unit = text.removeprefix(number)
    power = " KMGT".index(unit[:1].upper() or " ") if unit != "m" else 0
    factor = Decimal("0.001") if unit == "m" else Decimal(1024 if unit.endswith("i") else 1000) ** power
    assert quantities.parse_quantity(text) == Decimal(number) * factor


@given(st.integers(0, 400), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59), st.integers(0, 999))
def test_a_duration_is_the_sum_of_its_parts(
    days: int, hours: int, minutes: int, seconds: int, millis: int
) -> None:
    text = f"{days}d{hours}h{minutes}m{seconds}s{millis}ms"
    expected = days * 86_400 + hours * 3600 + minutes * 60 + seconds + millis / 1000
    assert quantities.parse_duration(text) == pytest.approx(expected)


@pytest.mark.parametrize("text", ["", "x", "1e3", "1,5", "--1"])
def test_what_is_no_quantity_cannot_be_read_as_one(text: str) -> None:
    with pytest.raises(ValueError):
        quantities.parse_quantity(text)
    with pytest.raises(ValueError):
        quantities.parse_duration(text)


@given(st.ip_addresses(v=4), st.integers(0, 32))
def test_the_advice_on_a_network_is_a_network(address: object, prefix: int) -> None:
    complaint = names.check_network(f"{address}/{prefix}")
    if complaint is not None:
        assert names.check_network(complaint.advice.removeprefix("write ")) is None
    else:
        assert str(ip_network(f"{address}/{prefix}")) == f"{address}/{prefix}"


# --- Near names -----------------------------------------------------------------------------------

KNOWN = ("replicas", "autoscaling", "serviceAccount", "disruptionBudget", "waitFor")


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("replcias", "replicas"),
        ("service_account", "serviceAccount"),
        ("ServiceAccount", "serviceAccount"),
        ("wait-for", "waitFor"),
        ("autoscale", "autoscaling"),
        ("xyz", None),
        ("", None),
    ],
)
def test_the_nearest_name_is_the_one_that_was_meant(name: str, near: str | None) -> None:
    assert nearest(name, KNOWN) == near


def test_a_hint_lists_what_there_is_when_nothing_is_near() -> None:
    assert nearest_hint("replcias", KNOWN) == "did you mean 'replicas'?"
    assert nearest_hint("xyz", ("b", "a")) == "known here: a, b"
    assert nearest_hint("xyz", [f"n{i:02}" for i in range(20)]).endswith("n11, …")
    assert nearest_hint("xyz", ()) == "there are none to choose from"
