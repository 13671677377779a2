"""What happens to a refund later: another method, taken back, listed, its credit spent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from backend_client.answers import CreditStatement, StateTotal
from backend_client.backend import Backend
from backend_client.domain.caller import Caller
from backend_client.domain.plan import CreditSpend, MethodChange
from backend_client.domain.problems import Refused
from tui.commands.called import called_leg, called_refund
from tui.commands.numbers import read_number
from tui.commands.outcome import tell
from tui.commands.refund_words import RefundWords
from tui.commands.session import Session
from tui.commands.shapes import credit_json, open_leg_json, total_json
from tui.commands.to import parse_parts, positive_minor
from tui.text.columns import table
from tui.text.inert import inert
from tui.text.legs import total_word
from tui.text.money import amount, money
from tui.text.problems import refusal_text

PAGE = 200


def method(session: Session) -> int:
    """Pay an open leg another way; what `--to` does not name stays as it was."""
    number, refund = called_leg(session.args.leg)
    with session.backend() as backend:
        caller = session.caller()
        currency = backend.refund(caller, refund).refund.currency
        parts = parse_parts(session, session.args.to, currency)
        change = MethodChange(number, parts, session.args.reason)
        plan = backend.preview_method_change(caller, change)
        for what in plan.missing:
            if what != "number":
                raise _missing(session, what)
        gift_card = read_number(session) if "number" in plan.missing else None
        outcome = backend.execute_method_change(caller, plan, gift_card)
    said = session.wording.text(
        "command.outcome.method_changed",
        leg=number,
        refund=outcome.refund.number,
        status=session.wording.text(f"refund_status.{outcome.refund.status.value}"),
    )
    return tell(session, outcome, said)


def _missing(session: Session, what: str) -> Refused:
    if what == "reason":
        return Refused("reason-required")
    if what == "reference":
        return Refused("reference-required", method=session.args.to)
    return session.usage("same_method", leg=session.args.leg)


def void(session: Session) -> int:
    """Take back a refund of which nothing has left the house."""
    number = called_refund(session.args.refund)
    with session.backend() as backend:
        caller = session.caller()
        plan = backend.preview_void(caller, number, session.args.reason)
        if plan.missing:
            raise Refused("reason-required")
        outcome = backend.execute_void(caller, plan)
    key = "already_voided" if outcome.already_done else "voided"
    return tell(session, outcome, session.wording.text(f"command.outcome.{key}", refund=number))


def open_refunds(session: Session) -> int:
    """Every leg that is still not final after another look, and the totals for each state."""
    console, words = session.console, RefundWords(session.wording, session.dates)
    legs = []
    with session.backend() as backend:
        caller = session.caller()
        _look_again(session, backend, caller)
        page = backend.open_refunds(caller, limit=PAGE)
        totals = page.totals
        head = True
        while True:
            if console.json:
                legs += [open_leg_json(leg) for leg in page.legs]
            else:
                console.data(words.open_legs(page.legs, head=head) if page.legs else ())
            head = False
            if page.next_after is None:
                break
            page = backend.open_refunds(caller, after=page.next_after, limit=PAGE)
    if console.json:
        console.value({"legs": legs, "totals": [total_json(total) for total in totals]})
    else:
        console.say(*_totals(session, totals))
    return 0


def _look_again(session: Session, backend: Backend, caller: Caller) -> None:
    """Ask the providers about what is not final before listing it; the list matters more."""
    if backend.capabilities().read_only:
        return
    try:
        backend.recover(caller)
    except Refused as refused:
        session.console.say(refusal_text(session.wording, refused).message)


def _totals(session: Session, totals: Sequence[StateTotal]) -> list[str]:
    say = session.wording.text
    if not totals:
        return [say("command.open.none")]
    return [
        say(
            "command.open.total",
            state=total_word(session.wording, total),
            count=f"{total.count:,}",
            amount=money(total.amount_minor, total.currency),
        )
        for total in totals
    ]


def credit(session: Session) -> int:
    """A contact's credit account, after spending from it if asked to."""
    args = session.args
    if (args.spend is None) != (args.reference is None):
        raise session.usage("spend_reference")
    with session.backend() as backend:
        caller = session.caller()
        statement = backend.credit(caller, args.contact)
        said = []
        if args.spend is not None:
            currency = _currency(statement, session.settings.house.currency)
            spend = positive_minor(args.spend, currency)
            order = CreditSpend(args.contact, spend, currency, args.reference)
            before = statement
            statement = backend.spend_credit(caller, order)
            again = statement == before
            said.append(
                session.wording.text(
                    "command.credit.spent_before" if again else "command.credit.spent",
                    amount=money(spend, currency),
                    reference=inert(args.reference),
                )
            )
    if session.console.json:
        session.console.value(credit_json(statement))
    else:
        session.console.data(_statement(session, statement))
        session.console.say(*said)
    return 0


def _currency(statement: CreditStatement, house: str) -> str:
    """What is spent: the only currency there is credit in, else the house's."""
    currencies = [currency for currency, _ in statement.balances]
    return currencies[0] if len(currencies) == 1 else house


def _statement(session: Session, statement: CreditStatement) -> list[str]:
    say = session.wording.text
    contact = statement.contact
    lines = [" · ".join(inert(part) for part in (contact.key, contact.name) if part)]
    if not statement.balances:
        return [*lines, say("command.credit.none")]
    balances = [(amount(minor, currency), currency) for currency, minor in statement.balances]
    lines += ["", say("command.credit.balance"), *table(balances, right=frozenset({0}))]
    entries = [
        (
            session.dates.full(entry.at),
            _what(session, entry.what),
            amount(entry.amount_minor, entry.currency or session.settings.house.currency),
            entry.currency,
            inert(entry.reference),
        )
        for entry in statement.entries
    ]
    if entries:
        lines += ["", say("command.credit.entries"), *table(entries, right=frozenset({2}))]
    return lines


def _what(session: Session, what: str) -> str:
    key = f"command.credit.what.{what}"
    return session.wording.text(key) if session.wording.has(key) else inert(what)


COMMANDS: Mapping[str, Callable[[Session], int]] = {
    "method": method,
    "void": void,
    "open": open_refunds,
    "credit": credit,
}
