"""`reconcile`: our refunds beside the provider's own list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from backend_client.backend import Backend
from backend_client.domain.acceptance import Acceptance, Accepted
from backend_client.domain.problems import Refused
from backend_client.domain.reconciliation import (
    OurRefund,
    Pair,
    Reconciliation,
    TheirRefund,
    sums,
)
from tui.commands.session import Session
from tui.text.columns import table
from tui.text.inert import inert
from tui.text.money import amount, money

LISTS = ("matched", "ours_only", "provider_only", "differing", "accepted")


def reconcile(session: Session) -> int:
    """0 when everything matches or was accepted; 4 when any other list has something in it."""
    args = session.args
    if args.accept is not None:
        return _accept(session)
    if args.reference or args.note or args.acknowledge:
        raise session.usage("accept_alone")
    since = _since(session, args.since) if args.since else None
    if args.provider and not args.file:
        raise session.usage("provider_file")
    with session.backend() as backend:
        caller = session.caller()
        if args.file:
            from backend_client.providers.export_file import read_export

            theirs = read_export(args.file, _provider(session, backend))
            found = backend.reconcile(caller, since=since, theirs=theirs)
        else:
            found = backend.reconcile(caller, since=since)
    return _told(session, found)


def _accept(session: Session) -> int:
    """A supervisor takes a refund made at the provider into our books, with evidence."""
    args = session.args
    if not args.reference or args.since or args.file or args.provider:
        raise session.usage("accept_needs")
    wanted = Acceptance(args.accept, args.reference, args.note or "", frozenset(args.acknowledge))
    with session.backend() as backend:
        done = backend.accept_refund(session.caller(), wanted)
    if session.console.json:
        session.console.value(accepted_json(done))
        return 0
    say = session.wording.text
    facts = {
        "reference": inert(done.reference),
        "amount": money(done.amount_minor, done.currency),
        "provider": inert(done.provider),
        "booking": inert(done.booking),
        "leg": done.leg,
    }
    if done.already_done:
        session.console.say(say("command.reconcile.already"))
    key = "paid_otherwise" if done.came_back else "done_with_leg" if done.leg else "done"
    session.console.data([say(f"command.reconcile.{key}", **facts)])
    return 0


def accepted_json(done: Accepted) -> Mapping[str, Any]:
    return {
        "booking": done.booking,
        "provider": done.provider,
        "reference": done.reference,
        "amount_minor": done.amount_minor,
        "currency": done.currency,
        "leg": done.leg,
        "already_done": done.already_done,
        "came_back": done.came_back,
    }


def _since(session: Session, text: str) -> datetime:
    """A day, or an instant, of the house's own zone unless it names another."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise session.usage("since", text=inert(text)) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(session.settings.house.zone))
    return moment.astimezone(UTC)


def _provider(session: Session, backend: Backend) -> str:
    """Whose export it is: the one named, else the only one there is."""
    known = sorted(backend.capabilities().arrival_days)
    given: str | None = session.args.provider
    if given in known:
        return given
    if given is None and len(known) == 1:
        return known[0]
    raise session.usage("which_provider", known=", ".join(known))


def _told(session: Session, found: Reconciliation) -> int:
    console = session.console
    if console.json:
        if found.ok:
            console.value(reconciliation_json(found))
            return 0
        return console.refuse(_red(found), beside=reconciliation_json(found))
    console.data(_lines(session, found))
    return 0 if found.ok else console.refuse(_red(found))


def _red(found: Reconciliation) -> Refused:
    """What differs; where nothing does, whose list nobody could read."""
    wrong = len(found.ours_only) + len(found.provider_only) + len(found.differing)
    if wrong:
        return Refused("reconcile-red", count=wrong)
    return Refused("reconcile-unanswered", providers=list(found.unanswered))


def _lines(session: Session, found: Reconciliation) -> list[str]:
    say = session.wording.text
    lines: list[str] = []
    for name in LISTS:
        held = getattr(found, name)
        total = " · ".join(
            money(one.amount_minor, one.currency) for one in sums(map(_money_of, held))
        )
        if name == "accepted" and not held:
            continue
        title = say(f"command.reconcile.{name}", count=f"{len(held):,}")
        lines.append(f"{title}   {total}".rstrip())
        if name != "matched" and held:
            lines += [f"  {line}" for line in table([_row(one) for one in held])]
    lines += [
        say("command.reconcile.unanswered", provider=inert(provider))
        for provider in found.unanswered
    ]
    return lines


def _row(one: OurRefund | TheirRefund | Pair) -> tuple[str, ...]:
    if isinstance(one, Pair):
        return (*_row(one.ours), *_row(one.theirs)[1:], ", ".join(one.differs))
    name = one.leg_number if isinstance(one, OurRefund) else one.payment_reference
    return (
        inert(name),
        inert(one.provider_refund_id),
        inert(one.our_reference),
        f"{amount(one.amount_minor, one.currency)} {one.currency}",
        one.state.value,
    )


def _money_of(one: OurRefund | TheirRefund | Pair) -> tuple[str, int]:
    side = one.ours if isinstance(one, Pair) else one
    return side.currency, side.amount_minor


def reconciliation_json(found: Reconciliation) -> Mapping[str, Any]:
    return {
        "ok": found.ok,
        **{name: [_json(one) for one in getattr(found, name)] for name in LISTS},
        "unanswered": list(found.unanswered),
        "sums": {name: _sums(getattr(found, name)) for name in LISTS},
    }


def _sums(held: Iterable[OurRefund | TheirRefund | Pair]) -> list[Mapping[str, Any]]:
    return [
        {"currency": one.currency, "count": one.count, "amount_minor": one.amount_minor}
        for one in sums(map(_money_of, held))
    ]


def _json(one: OurRefund | TheirRefund | Pair) -> Mapping[str, Any]:
    if isinstance(one, Pair):
        return {
            "ours": _json(one.ours),
            "theirs": _json(one.theirs),
            "differs": list(one.differs),
        }
    common = {
        "provider": one.provider,
        "provider_refund_id": one.provider_refund_id,
        "our_reference": one.our_reference,
        "payment_reference": one.payment_reference,
        "amount_minor": one.amount_minor,
        "currency": one.currency,
        "state": one.state.value,
    }
    return {"leg": one.leg_number, **common} if isinstance(one, OurRefund) else common
