"""What a run is told on the command line: given arguments laid over what it was told before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from backend_client.domain.amounts import WHOLE, Retention, RetentionKind
from backend_client.domain.problems import Refused
from backend_client.domain.run_parameters import (
    CancellationParameters,
    CreditMode,
    DispatchParameters,
    Through,
)
from backend_client.domain.texts import free_text
from tui.commands.session import Session
from tui.commands.to import whole_minor
from tui.text.days import preset_range, read_day

if TYPE_CHECKING:
    from backend_client.backend import Backend
    from backend_client.domain.caller import Caller
    from backend_client.domain.runs import PerformanceRow

LONGEST_REASON = 200
LONGEST_NAME = 80
PAGE = 500
PERCENT = re.compile(r"([0-9]{1,3})(?:[.,]([0-9]{1,2}))?")
ID = re.compile(r"#[0-9]{1,9}")
PRESETS = ("today", "yesterday", "last-week", "last-month")
LISTS = ("contingents", "categories", "tariffs", "sold_through", "files", "contacts")
OPTIONS = {
    **{"contingents": "contingent", "categories": "category", "tariffs": "tariff"},
    **{"files": "file", "contacts": "except-contact", "methods": "paid-by"},
    **{"methods_excluded": "not-paid-by", "retained": "retain"},
    **{"first": "from", "last": "to"},
}
"""Arguments that are not called as the parameter they say."""

P = TypeVar("P", CancellationParameters, DispatchParameters)


def unlike(given: P, simulated: P) -> Iterator[str]:
    """The arguments by which two tellings differ, as they are typed."""
    for field in fields(given):
        name = field.name
        if getattr(given, name) != getattr(simulated, name):
            option = f"--{OPTIONS.get(name, name).replace('_', '-')}"
            yield "PERFORMANCE" if name == "performances" else option


def cancellation(
    session: Session, backend: Backend, caller: Caller, told: CancellationParameters
) -> CancellationParameters:
    """`told`, with whatever was given as an argument in its place."""
    args = session.args
    given: dict[str, Any] = {name: _each(getattr(args, name)) for name in LISTS}
    methods = args.paid_by or args.not_paid_by
    if methods:
        given |= {"methods": _each(methods), "methods_excluded": bool(args.not_paid_by)}
    if args.performances:
        ids = {_performance(session, backend, caller, text) for text in args.performances}
        given["performances"] = tuple(sorted(ids))
    if args.reason is not None:
        given["reason"] = free_text(args.reason, "reason", LONGEST_REASON)
    if args.retain is not None:
        given["retained"] = _retention(session, args.retain)
    given |= {name: getattr(args, name) for name in ("charges", "shipment", "block", "batch")}
    return replace(told, through=_through(session, told.through), **_only_given(given))


def dispatch(session: Session, told: DispatchParameters | None) -> DispatchParameters:
    """As `cancellation`; a run that was told nothing before needs its days and its credit mode,
    and mails customers only when it is told to."""
    args = session.args
    if args.email and session.settings.mail is None:
        raise session.usage("run_no_mail")
    given: dict[str, Any] = {name: getattr(args, name) for name in ("email", "batch")}
    given["sold_through"] = _each(args.sold_through)
    if args.credit is not None:
        given["credit"] = CreditMode(args.credit.replace("-", "_"))
    if args.first is not None:
        given["first"] = _day(session, args.first, 0)
    last = args.last if args.last is not None else _preset(args.first)
    if last is not None:
        given["last"] = _day(session, last, 1)
    if told is None:
        for name in ("first", "last", "credit"):
            if given.get(name) is None:
                raise session.usage("run_needs", option=f"--{OPTIONS.get(name, name)}")
        given["email"] = bool(args.email)
        through = _through(session, Through())
        return DispatchParameters(through=through, **_only_given(given))
    return replace(told, through=_through(session, told.through), **_only_given(given))


def _only_given(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _each(values: list[Any] | None) -> tuple[Any, ...] | None:
    """Each once and in one order: whoever gives them again need not know how they were typed."""
    return None if values is None else tuple(sorted(set(values)))


def _through(session: Session, told: Through) -> Through:
    """`--desk` says who is here, and so where a new run's refunds are booked; a run that was told
    no desk takes every one."""
    given: str | None = session.args.through
    channel = told.channel if given is None else free_text(given, "through", LONGEST_NAME)
    if given is not None and not channel:
        raise session.usage("empty", option="--through")
    is_new = session.args.simulation is None
    has_desk = getattr(session.args, "desk", None) is not None
    desk = session.settings.desk if has_desk and (is_new or told.desk) else told.desk
    return Through(channel, desk)


def _retention(session: Session, text: str) -> Retention:
    """`350`, `per-ticket:100`, `percent:12.5`"""
    kind, colon, figure = text.strip().rpartition(":")
    name = kind.strip().lower().replace("-", "_") if colon else RetentionKind.FIXED.value
    if name not in set(RetentionKind):
        raise session.usage("retain", given=text)
    if name == RetentionKind.PERCENT:
        return Retention(RetentionKind.PERCENT, _hundredths(session, figure))
    return Retention(RetentionKind(name), whole_minor(figure, session.settings.house.currency))


def _hundredths(session: Session, figure: str) -> int:
    found = PERCENT.fullmatch(figure.strip())
    hundredths = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else WHOLE + 1
    if hundredths > WHOLE:
        raise session.usage("percent", given=figure)
    return hundredths


def _preset(text: str | None) -> str | None:
    """A named range needs no end of its own."""
    return text if text is not None and text.strip().lower() in PRESETS else None


def _day(session: Session, text: str, end: int) -> date:
    """A day as it is written, or the first (0) or last (1) of a named range; days are those of the
    house, by the store's clock."""
    today = session.dates.local(session.clock.now()).date()
    name = text.strip().lower()
    if name in PRESETS:
        return preset_range(name.replace("-", "_"), today)[end]
    day = read_day(text, today, session.wording)
    if day is None:
        raise session.usage("day", given=text, known=", ".join(PRESETS))
    return day


def _performance(session: Session, backend: Backend, caller: Caller, text: str) -> int:
    """The id behind a key, `site:key` or `#id`; whether there is such an id the store says."""
    text = text.strip()
    if ID.fullmatch(text):
        return int(text[1:])
    site, colon, key = text.partition(":")
    found = [one for one in _rows(backend, caller, text) if one.key == text]
    if not found and colon:
        found = [one for one in _rows(backend, caller, key) if (one.site, one.key) == (site, key)]
    if not found:
        raise Refused("performance-unknown", performance=text)
    if len(found) > 1:
        known = ", ".join(sorted(f"{one.site}:{one.key}" for one in found))
        raise session.usage("performance", given=text, known=known)
    return found[0].id


def _rows(backend: Backend, caller: Caller, text: str) -> Iterator[PerformanceRow]:
    if text.strip():
        yield from performances(backend, caller, text)


def performances(backend: Backend, caller: Caller, text: str) -> Iterator[PerformanceRow]:
    """Every performance that has `text` in its name or key, read page by page."""
    start = 0
    while True:
        page = backend.performances(caller, text, start=start, limit=PAGE)
        yield from page.performances
        start += len(page.performances)
        if not page.performances or start >= page.total:
            return
