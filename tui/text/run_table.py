"""A run, or an item of one, as a row of a table: what is structured in JSON is words here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from backend_client.domain.money import format_amount
from backend_client.domain.refund import LegState
from tui.text.legs import leg_word
from tui.text.money import money
from tui.text.run_words import why
from tui.text.wording import Wording

Record = Mapping[str, object]
TOTALS = ("totals", "planned", "untouched")


def row_of(record: Record, wording: Wording) -> dict[str, object]:
    """Every value of a record as one cell: a figure, a text, or a few words."""
    return dict(_item(record, wording) if "ordinal" in record else _run(record))


def _item(record: Record, wording: Wording) -> Iterable[tuple[str, object]]:
    currency = str(record["currency"])
    for name, value in record.items():
        if name in ("plan", "outcome"):
            yield name, wording.text(f"run_{name}.{value}") if value else ""
        elif name == "state_seen":
            yield name, leg_word(wording, LegState(str(value))) if value else ""
        elif name == "reason":
            yield name, why(str(value), wording) if value else ""
        elif name == "parts":
            yield name, "; ".join(_part(one, currency, wording) for one in _records(value))
        elif name == "states":
            yield name, "; ".join(_state(one, currency, wording) for one in _records(value))
        else:
            yield name, value
        if name == "amount_minor":
            yield "amount", format_amount(int(str(value)), currency).replace(",", "")


def _part(part: Record, currency: str, wording: Wording) -> str:
    """`VISA •••• 1111 (OPH-29299): 60.00 CHF`"""
    where = str(part["label"] or wording.text(f"run_part.{part['role']}"))
    if part["payment"]:
        where = f"{where} ({part['payment']})"
    return f"{where}: {money(_minor(part), currency)}"


def _state(state: Record, currency: str, wording: Wording) -> str:
    """`R-10431.2 VISA •••• 1111: 60.00 CHF, refunded, ref 3254564310`"""
    where = str(state["label"] or wording.text(f"run_part.{state['role']}"))
    word = leg_word(wording, LegState(str(state["state"])))
    told = [money(_minor(state), currency), word, str(state["note"])]
    return f"{state['leg_number']} {where}: {', '.join(filter(None, told))}"


def _run(record: Record) -> Iterable[tuple[str, object]]:
    for name, value in record.items():
        if name in TOTALS:
            yield name, "; ".join(_total(one) for one in _records(value) if one["count"])
        else:
            yield name, _words(value)


def _total(total: Record) -> str:
    """`card succeeded: 12, 640.00 CHF`"""
    name = " ".join(filter(None, (str(total["name"]), str(total["detail"]))))
    return f"{name}: {total['count']}, {money(_minor(total), str(total['currency']))}"


def _words(value: object) -> object:
    """`first: 2026-11-22; credit: never`; what is empty is left out."""
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_words(one)}" for name, one in value.items() if _is_told(one))
    if isinstance(value, list | tuple):
        return ", ".join(str(_words(one)) for one in value)
    return value


def _is_told(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(map(_is_told, value.values()))
    return value is not None and value != "" and value != []


def _records(value: object) -> Iterable[Record]:
    return cast("Iterable[Record]", value)


def _minor(record: Mapping[str, Any]) -> int:
    return int(record["amount_minor"])
