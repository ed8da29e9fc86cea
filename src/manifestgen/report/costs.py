"""Bills as text, as Markdown for a comment on a pull request, and as values for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from manifestgen.kube.pricing import GIB, Amount, Bill, Item
from manifestgen.kube.usage import Usage
from manifestgen.report.columns import table, text

_CENT: Final = Decimal("0.01")
_HEADER: Final = ("NAME", "KIND", "PODS", "CPU", "MEMORY", "VOLUMES", "A MONTH", "CHANGE")


def costs_text(bills: Iterable[Bill]) -> str:
    """A table for each environment, and below it what is not counted."""
    return text(line for bill in bills for line in (*_bill_text(bill), ""))


def _bill_text(bill: Bill) -> Iterator[str]:
    yield _headline(bill)
    yield ""
    yield from table([_HEADER, *(_row(item) for item in bill.items)])
    if bill.uncounted:
        yield ""
        yield "Not counted:"
        yield from (f"  {one.kind} {one.name}: {one.reason}" for one in bill.uncounted)


def costs_markdown(bills: Iterable[Bill]) -> str:
    """The same as tables of Markdown; of the workloads only those whose cost changes, the others below."""
    return text(line for bill in bills for line in _bill_markdown(bill))


def _bill_markdown(bill: Bill) -> Iterator[str]:
    yield f"### {_escaped(_headline(bill))}"
    yield ""
    changed = [item for item in bill.items if _changes(item)]
    if bill.before is not None:
        yield from _rows_markdown(changed) if changed else ("No workload costs more or less than before.",)
        yield ""
    others = [item for item in bill.items if item not in changed]
    if others:
        yield f"<details><summary>{len(others)} more</summary>"
        yield ""
        yield from _rows_markdown(others)
        yield ""
        yield "</details>"
        yield ""


def _rows_markdown(items: Sequence[Item]) -> Iterator[str]:
    words = (word if word == "CPU" else word.capitalize() for word in _HEADER)
    yield f"| {' | '.join(words)} |"
    yield f"|{'---|' * 2}{'---:|' * (len(_HEADER) - 2)}"
    for item in items:
        yield f"| {' | '.join(_escaped(cell) or '–' for cell in _row(item))} |"


def costs_objects(bills: Iterable[Bill]) -> list[dict[str, Any]]:
    """Values for JSON: money as text with two digits, so that nothing is lost."""
    return [
        {
            "environment": bill.environment,
            "currency": bill.terms.currency,
            "month": _money_object(bill.total),
            "before": None if bill.before is None else _money_object(bill.before),
            "items": [_item_object(item) for item in bill.items],
            "notCounted": [one._asdict() for one in bill.uncounted],
        }
        for bill in bills
    ]


def _item_object(item: Item) -> dict[str, Any]:
    usage = item.usage
    return {
        "name": item.name,
        "kind": item.kind,
        "pods": None if usage is None else {"least": usage.pods.fewest, "most": usage.pods.most},
        "requests": {} if usage is None else {name: _plain(many) for name, many in usage.requests.items()},
        "volumes": {} if usage is None else {name: _plain(size) for name, size in usage.volumes.items()},
        "month": _money_object(item.cost),
        "before": None if item.before is None else _money_object(item.before),
    }


def _money_object(amount: Amount) -> dict[str, str]:
    return {"least": str(_rounded(amount.least)), "most": str(_rounded(amount.most))}


def _headline(bill: Bill) -> str:
    words = f"{bill.environment}: {bill.terms.currency} {_money(bill.total)} a month"
    if bill.before is None:
        return words
    difference = bill.total - bill.before
    return f"{words} ({_change(difference) or 'as committed'})"


def _row(item: Item) -> tuple[str, ...]:
    usage = item.usage
    if usage is None:
        asked = ("", "", "", "")
    else:
        asked = (_pods(usage), _cores(usage), _memory(usage), _volumes(usage))
    change = "" if item.before is None else _change(item.cost - item.before)
    return (item.name, item.kind, *asked, _money(item.cost), change)


def _changes(item: Item) -> bool:
    return item.before is not None and bool(_change(item.cost - item.before))


def _pods(usage: Usage) -> str:
    fewest, most = usage.pods
    return str(most) if fewest == most else f"{fewest}–{most}"


def _cores(usage: Usage) -> str:
    """Cores of one pod, in thousandths where they are none: ``500m``."""
    cores = usage.requests.get("cpu", Decimal(0))
    if not cores:
        return ""
    return str(int(cores)) if cores == int(cores) else f"{_plain(cores * 1000)}m"


def _memory(usage: Usage) -> str:
    return _bytes(usage.requests.get("memory", Decimal(0)))


def _volumes(usage: Usage) -> str:
    devices = [f"{_plain(many)} {name}" for name, many in usage.requests.items() if "/" in name and many]
    volumes = [f"{_bytes(size)} {name}".rstrip() for name, size in usage.volumes.items()]
    return ", ".join((*volumes, *devices))


def _bytes(size: Decimal) -> str:
    if not size:
        return ""
    if size % GIB == 0 or size >= 10 * GIB:
        return f"{_plain((size / GIB).quantize(Decimal('0.1')))}Gi"
    return f"{_plain((size / 2**20).quantize(Decimal(1)))}Mi"


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_CENT, ROUND_HALF_UP)


def _money(amount: Amount) -> str:
    least, most = (f"{_rounded(value):,}" for value in amount)
    return most if least == most else f"{least}–{most}"


def _change(difference: Amount) -> str:
    """What is more (``+``) or less; empty where it is the same to the cent."""
    least, most = (_rounded(value) for value in difference)
    if not (least or most):
        return ""
    return f"{most:+,}" if least == most else f"{least:+,} to {most:+,}"


def _escaped(cell: str) -> str:
    return cell.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
