"""What a run came to: in words or as one JSON value, with its exit code and the command that comes
next."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from backend_client.domain.dispatch import REFUSED
from backend_client.domain.permissions import allowed
from backend_client.domain.problems import Kind, Refused
from backend_client.domain.refund import LegState
from backend_client.domain.run_parameters import DispatchParameters
from backend_client.domain.run_record import record
from backend_client.domain.run_totals import TotalName
from backend_client.domain.runs import (
    CARRYING_OUT,
    TAKEN,
    Differences,
    ItemOutcome,
    ItemPage,
    ItemPlan,
    Run,
    RunItem,
    RunKind,
    RunMode,
    RunState,
)
from backend_client.domain.texts import clean_text
from tui.commands.running_words import RunLines
from tui.commands.session import Session
from tui.commands.signals import Told
from tui.screens.run_steps import ASKING, asks, step_after
from tui.text.inert import inert
from tui.text.program import called
from tui.text.who_may import whose

if TYPE_CHECKING:
    from backend_client.backend import Backend
    from backend_client.domain.caller import Caller

UNSURE = 4
LISTED = 20
"""So many exceptions are shown; all of them are in the log."""
COMMANDS = {RunKind.CANCELLATION: "cancel-performance", RunKind.DISPATCH: "dispatch"}
LEFT_OUT = (
    frozenset({ItemPlan.PERSON}),
    frozenset({ItemPlan.STAYS, ItemPlan.CARDS_AND_STAYS, ItemPlan.SKIP}),
)
NOT_THROUGH = (
    ASKING,
    frozenset({ItemOutcome.DECLINED, ItemOutcome.CHANGED})
    | {ItemOutcome.PARTLY, ItemOutcome.STAYS, ItemOutcome.SKIPPED, ItemOutcome.LEFT},
)
"""What is listed of a simulation and of a live run, what needs a person first."""
Kinds: TypeAlias = "frozenset[ItemPlan] | frozenset[ItemOutcome]"


class Report:
    """Tells of runs; figures on stdout, what to do about them on stderr."""

    def __init__(self, session: Session, backend: Backend, caller: Caller) -> None:
        self._session = session
        self._backend = backend
        self._caller = caller
        self._lines = RunLines(session.wording, session.dates, session.clock.now())
        self._since: Differences | None = None
        self._before: Run | None = None

    def _say(self, key: str, **values: object) -> None:
        if not self._session.console.json:
            self._session.console.say(
                self._session.wording.text(f"command.running.{key}", **values)
            )

    def ready(self, *words: str, by_another: bool = False) -> str:
        """A command as it can be typed, for the same store and settings as this one; `by_another`
        leaves out who asks, because they may not be the one who does it."""
        args = self._session.args
        options = [
            word
            for name in ("store", "config", "operator")
            if getattr(args, name, None) is not None and not (by_another and name == "operator")
            for word in (f"--{name}", getattr(args, name))
        ]
        told = [clean_text(word, len(word)) for word in (*words, *options)]
        return f"{called()} {shlex.join(told)}"

    # ------------------------------------------------------------ showing

    def what(self, run: Run) -> str:
        return self._lines.words.told(run)

    def stand(self, run: Run) -> None:
        """What it is and how it stands."""
        self._session.console.data(self._lines.head(run))

    def show(self, run: Run) -> None:
        """Its figures, then what a provider refused before and is taken along, then what was left
        out or is not through; of each list the first."""
        self._session.console.data(self._lines.run(run))
        if any(one.name == TotalName.DECLINED_BEFORE for one in run.totals):
            again = self._page(run, TAKEN, LISTED, seen=REFUSED)
            self._list("declined_before", run, again.items, again.total)
        self._list("exceptions", run, *self._exceptions(run))

    def _list(self, what: str, run: Run, items: Sequence[RunItem], count: int) -> None:
        console, wording = self._session.console, self._session.wording
        key = f"command.running.{what}"
        if count:
            console.data(["", wording.count(key, count)])
            console.data(self._lines.items(items))
        if count > len(items):
            more = f"{count - len(items):,}"
            command = self.ready("runs", str(run.id), "--csv")
            console.data([wording.text(f"{key}.more", count=more, command=command)])

    def _exceptions(self, run: Run) -> tuple[Sequence[RunItem], int]:
        """The first of them, and how many there are."""
        items: list[RunItem] = []
        count = 0
        for kinds in LEFT_OUT if run.mode is RunMode.SIMULATION else NOT_THROUGH:
            page = self._page(run, kinds, LISTED)
            items += page.items[: LISTED - len(items)]
            count += page.total
        return items, count

    def _page(
        self, run: Run, kinds: Kinds, limit: int, seen: frozenset[LegState] = frozenset()
    ) -> ItemPage:
        plans = frozenset(one for one in kinds if isinstance(one, ItemPlan))
        outcomes = frozenset(one for one in kinds if isinstance(one, ItemOutcome))
        return self._backend.run_items(
            self._caller, run.id, plans=plans, outcomes=outcomes, seen=seen, limit=limit
        )

    def since(self, differences: Differences) -> None:
        """What is not as it was simulated; what only appeared is left for the next run."""
        self._since = differences
        for one in differences.changed:
            why = self._lines.words.why(one.why)
            self._say("changed", booking=inert(one.booking_reference), why=why)
        if differences.appeared_count:
            count = f"{differences.appeared_count:,}"
            named = ", ".join(map(inert, differences.appeared))
            self._say("appeared", count=count, bookings=named)

    # ------------------------------------------------------------ simulations

    def simulated(self, run: Run) -> int:
        self._told(run)
        if run.state is not RunState.SIMULATED:
            self._say("not_simulated", run=run.id)
            return UNSURE
        self._say("nothing_changed")
        if run.taken:
            self._say_live(run)
        else:
            self._say("nothing_to_do")
        return 0

    def _say_live(self, simulation: Run) -> None:
        """How it goes live; where another supervisor comes first, how they do."""
        if simulation.needs_approval and simulation.approval is None:
            words = ("runs", f"{simulation.id}", "--approve")
            self._say("approve", command=self.ready(*words, by_another=True))
        self._say_command("go_live", simulation, *_live_words(simulation))

    def _say_command(self, key: str, run: Run, *words: str) -> None:
        """A command that carries a run out; who may not is told who may."""
        action = CARRYING_OUT[run.kind]
        if allowed(self._caller, action):
            self._say(key, command=self.ready(*words))
            return
        theirs = whose(self._session.wording, self._caller, action)
        self._say(f"theirs.{key}", command=self.ready(*words, by_another=True), **theirs)

    def approved(self, run: Run) -> int:
        """Another supervisor said yes to what was shown."""
        if self._session.console.json:
            self._session.console.value(self._value(run))
        else:
            self.stand(run)
            self.what_now(run)
        return 0

    def nothing_to_do(self, run: Run) -> int:
        """Unattended and nothing to carry out: well, unless something needs a person."""
        self._told(run)
        self._say("nothing_to_do")
        asked = self._page(run, frozenset({ItemPlan.PERSON}), 1).total
        return UNSURE if asked else 0

    def refused(self, refused: Refused, run: Run) -> int:
        """Why it did not go live, or got no further, with the run beside; what is too much for
        nobody to look at is shown to whoever does."""
        console = self._session.console
        if refused.code == "run-over-ceiling" and not console.json:
            self.show(run)
        code = console.refuse(refused, beside=self._value(run))
        if refused.code == "run-over-ceiling" or run.mode is RunMode.LIVE:
            could_not_leave = run.state is RunState.RUNNING and code == Kind.UNAVAILABLE.value
            self.what_now(replace(run, is_lost=True) if could_not_leave else run)
        if refused.code == "run-scope-taken":
            self.what_now(self._backend.run(self._caller, int(str(refused.details["other"]))))
        return code

    # ------------------------------------------------------------ what an earlier night left

    def goes_on(self, run: Run) -> None:
        self._say("goes_on", run=run.id, state=self._lines.state(run))

    def went_on(self, run: Run) -> int:
        """It is done now; in JSON it stands beside what comes after it."""
        self._before = run
        if not self._session.console.json:
            self.show(run)
        if asks(run):
            self._say(f"asking.{run.kind.value}", command=self.ready("open"))
        return UNSURE if asks(run) else 0

    def not_begun(self) -> None:
        self._say("not_begun")

    # ------------------------------------------------------------ live runs

    def ended(self, run: Run, told: Told) -> int:
        """However it ended; 4 when it is not through or somebody has to see to something, the
        number of the signal that stopped it when one did."""
        self._told(run)
        self.what_now(run)
        if run.state is RunState.DONE:
            return UNSURE if asks(run) else 0
        return told.exit_code if told.number and run.state is RunState.STOPPED else UNSURE

    def what_now(self, run: Run) -> None:
        """The step that comes next, as a command."""
        number = str(run.id)
        if run.mode is RunMode.SIMULATION:
            if self._may_go_live(run):
                self._say_live(run)
            return
        if run.state is RunState.DONE:
            self._say_next(run)
        elif run.is_lost or run.state in (RunState.STOPPED, RunState.PAUSED):
            self._say_command("resume", run, "runs", number, "--resume")
            self._say_command("end", run, "runs", number, "--end")
            if run.is_left_behind:
                self._say(f"by_itself.{run.kind.value}")
        else:
            who = inert(run.carried_out_by)
            said = "told_to_stop" if run.stopping else "elsewhere"
            self._say(said, who=who, command=self.ready("runs", number, "--stop"))
        if asks(run):
            self._say(f"asking.{run.kind.value}", command=self.ready("open"))

    def _may_go_live(self, run: Run) -> bool:
        is_new = run.state is RunState.SIMULATED and run.live_id is None and run.taken > 0
        return is_new and run.expires_at is not None and self._session.clock.now() < run.expires_at

    def _say_next(self, run: Run) -> None:
        step = step_after(run, self._session.dates, self._session.clock.now())
        if step is not None:
            self._say("next", command=self.ready(*self._words_of(run, step), "--simulate"))
        elif not asks(run):
            self._say("all_done")

    def _words_of(self, before: Run, step: DispatchParameters) -> Iterator[str]:
        """The arguments that say exactly this. Whether customers are mailed is asked first where
        step 2 begins, so nothing of it is filled in after a cancellation."""
        has_mail = self._session.settings.mail is not None
        is_mailed = step.email and has_mail and before.kind is RunKind.DISPATCH
        yield from _words_of(replace(step, email=is_mailed))

    def _told(self, run: Run) -> None:
        if self._session.console.json:
            self._session.console.value(self._value(run))
        else:
            self.show(run)

    def _value(self, run: Run) -> dict[str, object]:
        """For a program; a live run with what it leaves for the next one."""
        value: dict[str, object] = {"run": record(run)}
        if self._since is not None:
            count, named = self._since.appeared_count, self._since.appeared
            value["appeared"] = {"count": count, "bookings": named}
        if self._before is not None:
            value["resumed"] = record(self._before)
        return value


def _live_words(simulation: Run) -> tuple[str, ...]:
    return COMMANDS[simulation.kind], "--live", "--simulation", f"{simulation.id}"


def _words_of(step: DispatchParameters) -> Iterator[str]:
    """The arguments that say exactly this."""
    yield "dispatch"
    yield from ("--from", step.first.isoformat(), "--to", step.last.isoformat())
    yield from ("--credit", step.credit.value.replace("_", "-"))
    for channel in step.sold_through:
        yield from ("--sold-through", f'"{channel}"' if "," in channel else channel)
    if step.email:
        yield "--email"
    if step.through.channel:
        yield from ("--through", step.through.channel)
    if step.through.desk:
        yield from ("--desk", step.through.desk)
    if step.batch:
        yield from ("--batch", str(step.batch))
