"""`refund`: preview a refund, or commit exactly what a preview showed, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from backend_client.answers import BookingView, RefundOutcome
from backend_client.backend import Backend
from backend_client.domain.caller import Caller
from backend_client.domain.external_details import EXTERNAL_DETAILS
from backend_client.domain.parts import lacking
from backend_client.domain.plan import RefundPlan, RefundRequest
from backend_client.domain.problems import Refused
from backend_client.domain.refund import RefundStatus
from backend_client.domain.refundability import LineVerdict
from tui.commands.numbers import read_number
from tui.commands.outcome import tell
from tui.commands.plan_words import PlanWords
from tui.commands.session import Session
from tui.commands.shapes import plan_json
from tui.commands.to import card_of, parse_parts, whole_minor
from tui.text.problems import verdict_text

UNFINISHED = frozenset(
    {RefundStatus.TO_BE_SENT, RefundStatus.ON_ITS_WAY, RefundStatus.BEING_CHECKED}
)


def refund(session: Session) -> int:
    """0 previewed or committed, 1 with the plan when something has to be looked at first."""
    if session.args.plan and not session.args.commit:
        raise session.usage("plan_with_preview")
    with session.backend() as backend:
        caller = session.caller()
        view = backend.booking(caller, session.args.booking)
        done = _done(session, backend, caller, view)
        if done is None:
            try:
                return _fresh(session, backend, caller, view)
            except Refused:
                # The same command elsewhere may have been faster since the first look.
                done = _done(session, backend, caller, view)
                if done is None:
                    raise
        return _again(session, backend, caller, done)


def _done(
    session: Session, backend: Backend, caller: Caller, view: BookingView
) -> RefundOutcome | None:
    """What an earlier commit of the plan asked for came to, if there was one."""
    wanted: str | None = session.args.plan
    done = backend.already_done(caller, wanted) if wanted else None
    if done is None or done.booking.id != view.booking.id:
        return None
    lines = {line.sequence for line in done.refund.lines}
    if not session.args.all and lines != set(session.args.lines):
        changed = session.wording.text("command.plan.other_lines", refund=done.refund.number)
        raise Refused("plan-stale", changed=changed)
    return done


def _fresh(session: Session, backend: Backend, caller: Caller, view: BookingView) -> int:
    if card_of(session) and not backend.capabilities().external_details:
        raise session.usage("card_not_kept")
    plan = backend.preview_refund(caller, _request(session, view))
    if session.args.commit:
        return _commit(session, backend, caller, view, plan)
    return _preview(session, view, plan)


def _again(session: Session, backend: Backend, caller: Caller, done: RefundOutcome) -> int:
    """The refund of an earlier commit as it stands now. What a crash kept from being sent, or
    whose answer was lost, is finished here: a script that repeats itself waits for that."""
    if done.refund.status in UNFINISHED:
        backend.recover(caller)
        done = backend.refund(caller, done.refund.number)
    said = session.wording.text("command.outcome.already_done", refund=done.refund.number)
    return tell(session, replace(done, already_done=True), said)


def _request(session: Session, view: BookingView) -> RefundRequest:
    args, currency = session.args, view.booking.currency
    parts = parse_parts(session, args.to, currency)
    retained = 0 if args.retain is None else whole_minor(args.retain, currency)
    return RefundRequest(
        booking_id=view.booking.id,
        sequences=_everything(session, view) if args.all else args.lines,
        reason=args.reason,
        parts=parts,
        retained_minor=retained,
        acknowledged=frozenset(args.acknowledge),
    )


def _everything(session: Session, view: BookingView) -> tuple[int, ...]:
    """All lines that may go back; those sold lines that may not are named, never silently left."""
    lines = view.booking.lines
    sold = [line.sequence for line in lines if line.is_sold] or [line.sequence for line in lines]
    verdicts = {sequence: _verdict(view.verdicts, sequence) for sequence in sold}
    blocked = [verdict for verdict in verdicts.values() if not verdict.refundable]
    if blocked and len(blocked) == len(sold):
        same = [verdict.sequence for verdict in blocked if verdict.code == blocked[0].code]
        raise Refused(blocked[0].code, **{**blocked[0].details, "sequences": same})
    if not session.console.json:
        for verdict in blocked:
            why = verdict_text(session.wording, verdict)
            text = session.wording.text("command.plan.left_out", line=verdict.sequence, why=why)
            session.console.say(text)
    return tuple(sequence for sequence in sold if verdicts[sequence].refundable)


def _verdict(verdicts: Mapping[int, LineVerdict], sequence: int) -> LineVerdict:
    return verdicts.get(sequence) or LineVerdict(sequence)


def _preview(session: Session, view: BookingView, plan: RefundPlan) -> int:
    unseen = _unacknowledged(plan)
    if unseen:
        return _show_and_refuse(session, view, plan, unseen)
    if session.console.json:
        session.console.value(plan_json(plan, view.booking, session.wording))
        return 0
    _print(session, view, plan)
    say = session.wording.text
    session.console.say(say("command.plan.preview"))
    if plan.missing:
        needed = ", ".join(say(f"command.missing.{what}") for what in plan.missing)
        session.console.say(say("command.plan.missing", what=needed))
    session.console.say(say("command.plan.commit_with", fingerprint=plan.fingerprint))
    return 0


def _commit(
    session: Session, backend: Backend, caller: Caller, view: BookingView, plan: RefundPlan
) -> int:
    wanted: str = session.args.plan or ""
    unseen = _unacknowledged(plan)
    if unseen:
        return _show_and_refuse(session, view, plan, unseen)
    for what in plan.missing:
        if what != "number":
            raise _missing(plan, what)
    if wanted and not _is_as_seen(backend, caller, plan, wanted):
        done = _done(session, backend, caller, view)
        if done:
            return _again(session, backend, caller, done)
        changed = session.wording.text("command.plan.differs")
        stale = Refused("plan-stale", changed=changed, fingerprint=plan.fingerprint)
        return _show_and_refuse(session, view, plan, stale)
    try:
        keyed = replace(plan, commit_key=wanted or plan.commit_key)
        number = read_number(session) if "number" in plan.missing else None
        outcome = backend.execute_refund(caller, keyed, number)
    except Refused as refused:
        if refused.code != "plan-stale" or _done(session, backend, caller, view):
            raise
        now = backend.preview_refund(caller, plan.request)
        return _show_and_refuse(session, view, now, refused)
    key = "already_done" if outcome.already_done else "done"
    if outcome.refund.status is RefundStatus.AWAITING_APPROVAL:
        key = "waits"
    said = session.wording.text(f"command.outcome.{key}", refund=outcome.refund.number)
    return tell(session, outcome, said)


def _is_as_seen(backend: Backend, caller: Caller, plan: RefundPlan, wanted: str) -> bool:
    """Is this what the preview showed? One that stopped at a warning showed the same plan, only
    without its acknowledgement."""
    if plan.fingerprint == wanted:
        return True
    if not plan.request.acknowledged:
        return False
    before = backend.preview_refund(caller, replace(plan.request, acknowledged=frozenset()))
    return before.fingerprint == wanted


def _unacknowledged(plan: RefundPlan) -> Refused | None:
    codes = [notice.code for notice in plan.unacknowledged]
    return Refused("acknowledgement-required", codes=codes) if codes else None


def _missing(plan: RefundPlan, what: str) -> Refused:
    if what in EXTERNAL_DETAILS:
        return lacking(what, plan.legs)
    if what == "reason":
        return Refused("reason-required")
    methods = sorted({leg.method.value for leg in plan.legs if not leg.reference})
    return Refused("reference-required", method=methods)


def _show_and_refuse(
    session: Session, view: BookingView, plan: RefundPlan, refused: Refused
) -> int:
    """The plan as data and the refusal beside it: both are needed to decide again."""
    if not session.console.json:
        _print(session, view, plan)
        if plan.unacknowledged:
            codes = " --acknowledge ".join(notice.code for notice in plan.unacknowledged)
            say = session.wording.text("command.plan.acknowledge_with", codes=codes)
            session.console.say(say)
    return session.console.refuse(refused, beside=plan_json(plan, view.booking, session.wording))


def _print(session: Session, view: BookingView, plan: RefundPlan) -> None:
    session.console.data(PlanWords(session.wording).plan(plan, view.booking))
    fingerprint = session.wording.text("command.plan.fingerprint", fingerprint=plan.fingerprint)
    session.console.data(("", fingerprint))
