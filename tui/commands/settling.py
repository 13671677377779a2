"""`settle`: carry out what was committed; `resolve`: decide what no program can."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from backend_client.backend import Backend
from backend_client.domain.caller import Caller
from backend_client.domain.driving import DriveReport
from backend_client.domain.findings import Finding, Resolution
from backend_client.domain.problems import Refused
from backend_client.domain.refund import LegState
from tui.commands.called import called_leg
from tui.commands.outbox import send_beside
from tui.commands.outcome import tell
from tui.commands.session import Session
from tui.commands.signals import Told, told_to_end
from tui.deciding import plan_confirmation
from tui.driving import EVERY_S
from tui.text.dates import machine
from tui.text.inert import inert
from tui.text.problems import refusal_text
from tui.text.program import called

POLL_S = 0.05
UNSURE = 4
UNAVAILABLE = 5
NEED_A_PERSON = (LegState.REVIEW, LegState.UNKNOWN, LegState.FAILED_LATE)
NO_PROVIDER = "no_provider"
"""What waits for a provider that is configured no more, whatever its state: for a person."""


def settle(session: Session) -> int:
    """Once: 0 when all that could be done is done, also by another program that drives; 4 when
    something needs a person, 5 when a provider does not serve us or the other program still has
    something to send. Watching: 0 when told to end."""
    if session.args.watch and session.console.json:
        raise session.usage("watch_json")
    with session.backend() as backend, told_to_end(backend.stop_settling) as told:
        if session.args.watch:
            return watch(session, backend, told, time.sleep)
        report = backend.settle(session.caller())
        if report.held_by is None and not told.number:
            _say_mail(session, send_beside(session, backend, session.caller()))
        left = None if report.held_by is None else _left(session, backend)
    if session.console.json:
        session.console.value({**report_json(report), "left": left})
    elif report.held_by is None or report.looked:
        session.console.data(report_lines(session, report))
    if left is not None:
        return _beside_another(session, report, left)
    if told.number:
        return UNSURE if report.abandoned else told.exit_code
    return _code(report)


def watch(session: Session, backend: Backend, told: Told, wait: Callable[[float], object]) -> int:
    """Again and again until told to end; whatever goes wrong is said, and tried again later."""
    caller = session.caller()
    said = ""
    abandoned = 0
    session.console.say(session.wording.text("command.settle.watching", seconds=int(EVERY_S)))
    while not told.number:
        text, report = _one_round(session, backend, caller)
        abandoned += report.abandoned
        if text != said or (report.states and not report.held_by):
            session.console.data([text] if text else ())
        said = text
        left = EVERY_S
        while left > 0 and not told.number:
            wait(POLL_S)
            left -= POLL_S
    session.console.say(session.wording.text("command.settle.ended"))
    return UNSURE if abandoned else 0


def _one_round(session: Session, backend: Backend, caller: Caller) -> tuple[str, DriveReport]:
    try:
        report = backend.settle(caller, patient=True)
    except Refused as refused:
        return refusal_text(session.wording, refused).message, DriveReport()
    if report.held_by is not None:
        return refusal_text(session.wording, held(session, report)).message, report
    at = session.dates.full(session.clock.now())
    lines = report_lines(session, report) if _did(report) else []
    mail = send_beside(session, backend, caller)
    told = [f"{at}  {line}" for line in lines]
    return "\n".join([*told, mail] if mail else told), report


def _left(session: Session, backend: Backend) -> dict[str, int]:
    """How many payments are open in each state, without those nobody sends without their number;
    those whose provider is gone by themselves."""
    counts: dict[str, int] = {}
    for total in backend.open_refunds(session.caller(), limit=1).totals:
        if not total.needs_number:
            name = NO_PROVIDER if total.no_provider else total.state.value
            counts[name] = counts.get(name, 0) + total.count
    return counts


def _beside_another(session: Session, report: DriveReport, left: Mapping[str, int]) -> int:
    """Another program drives, as an open window does: is there anything it has yet to send?"""
    if left.get(LegState.PENDING) or left.get(LegState.SENDING):
        refused = held(session, report)
        return UNAVAILABLE if session.console.json else session.console.refuse(refused)
    assert report.held_by is not None
    if not session.console.json:
        holder = inert(report.held_by.name)
        session.console.say(session.wording.text("command.settle.beside", holder=holder))
    return UNSURE if any(left.get(name) for name in (*NEED_A_PERSON, NO_PROVIDER)) else 0


def _say_mail(session: Session, text: str) -> None:
    if text:
        session.console.say(text)


def held(session: Session, report: DriveReport) -> Refused:
    assert report.held_by is not None
    until = session.dates.full(report.held_by.until)
    return Refused("settling-held", holder=inert(report.held_by.name), until=until)


def _did(report: DriveReport) -> bool:
    done = any(report.states.values())
    return bool(done or report.paused or report.discrepancies or report.no_provider)


def _code(report: DriveReport) -> int:
    if report.discrepancies or any(report.states.get(state) for state in NEED_A_PERSON):
        return UNSURE
    if report.no_provider:
        return UNSURE
    return UNAVAILABLE if report.paused else 0


def report_lines(session: Session, report: DriveReport) -> list[str]:
    say = session.wording.text
    lines = [
        say("command.settle.state", count=f"{count:,}", state=say(f"leg_state.{state.value}"))
        for state, count in sorted(report.states.items())
        if count
    ]
    if report.checked:
        lines.append(say("command.settle.checked", count=f"{report.checked:,}"))
    if report.discrepancies:
        key = "command.settle.discrepancies"
        lines.append(session.wording.count(key, report.discrepancies, program=called()))
    for provider, pause in sorted(report.paused.items()):
        lines.append(
            say(
                "command.settle.paused",
                provider=inert(provider),
                why=say(f"attempt.{pause.outcome}"),
                said=inert(" ".join(part for part in (pause.code, pause.text) if part)),
            )
        )
    for provider, count in sorted(report.no_provider.items()):
        key, name = "command.settle.no_provider", inert(provider)
        lines.append(session.wording.count(key, count, provider=name, program=called()))
    if report.abandoned:
        lines.append(session.wording.count("command.settle.abandoned", report.abandoned))
    return lines or [say("command.settle.no_news" if report.looked else "command.settle.nothing")]


def report_json(report: DriveReport) -> dict[str, Any]:
    held_by = report.held_by
    return {
        "looked": report.looked,
        "states": {state.value: count for state, count in report.states.items() if count},
        "paused": {
            provider: {"outcome": pause.outcome, "code": pause.code, "text": pause.text}
            for provider, pause in report.paused.items()
        },
        "no_provider": dict(report.no_provider),
        "checked": report.checked,
        "discrepancies": report.discrepancies,
        "abandoned": report.abandoned,
        "stopped": report.stopped,
        "held_by": held_by and {"name": held_by.name, "until": machine(held_by.until)},
    }


def resolve(session: Session) -> int:
    """A supervisor decides about a payment in review, or says what another one confirms; what was
    found is kept as evidence. 4 while it is not decided."""
    args = session.args
    number, refund = called_leg(args.leg)
    if args.found is not None:
        resolution = Resolution(number, Finding.FOUND, args.found, args.evidence or "")
    elif args.other is not None:
        evidence = " ".join(part for part in (args.other, args.evidence) if part)
        resolution = Resolution(number, Finding.OTHER, evidence=evidence)
    else:
        resolution = Resolution(number, Finding.NOT_FOUND, evidence=args.evidence or "")
    with session.backend() as backend:
        caller = session.caller()
        if args.confirm:
            legs = backend.refund(caller, refund).refund.legs
            seen = next((one for one in legs if one.number == number), None)
            if seen is None:
                raise Refused("leg-not-found", text=number)
            plan = plan_confirmation(backend, caller, seen, args.evidence or "")
        else:
            plan = backend.preview_resolution(caller, resolution)
        outcome = backend.execute_resolution(caller, plan)
    leg = next(one for one in outcome.refund.legs if one.id == plan.leg_id)
    clear = plan.shown is not None and plan.shown.is_clear
    said = session.wording.text(
        "command.resolve.shown" if clear else f"command.resolve.{plan.step.value}",
        leg=number,
        state=session.wording.text(f"leg_state.{leg.state.value}"),
    )
    return tell(session, outcome, said)
