"""One run: what a simulation froze, how its live run goes, and the log of what came of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from backend_client.backend import Backend
from backend_client.domain.problems import Refused
from backend_client.domain.run_parameters import DispatchParameters
from backend_client.domain.run_totals import TotalName
from backend_client.domain.runs import (
    CARRYING_OUT,
    SIMULATING,
    Differences,
    PartRole,
    Run,
    RunItem,
    RunMode,
)
from tui.keys import bindings
from tui.screens import run_approval
from tui.screens.run_followed import FollowedRunScreen
from tui.screens.run_head import RunHead, merged
from tui.screens.run_list import RunList
from tui.screens.run_steps import asks, parameters_of, step_after
from tui.text.money import money
from tui.text.run_export import save
from tui.text.run_pace import progress_of
from tui.text.run_words import RunWords
from tui.widgets.frame_lines import Level, header_room
from tui.widgets.parts import Part
from tui.widgets.virtual_list import VirtualList

MOVING = (PartRole.CARD, PartRole.CREDIT, PartRole.REQUESTED, PartRole.WAITING_ACCOUNT)
"""Parts of a plan that are money on its way to somebody; the rest of it stays where it is."""


class RunScreen(FollowedRunScreen):
    """F9 goes live or goes on, F8 stops or gives up, F5 leads to the next simulation.

    The run itself belongs to the window: leaving this screen changes nothing about it.
    """

    NAME = "run"
    CSS_PATH = "run.tcss"
    FOOTER: ClassVar[tuple[str, ...]] = ("help", "preview", "export", "commit", "back")
    AUTO_FOCUS = "VirtualList"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(),
        Binding("left", "filter(-1)", show=False),
        Binding("right", "filter(1)", show=False),
    ]

    def __init__(self, run: Run | int) -> None:
        """A run just made, or the number of one to read."""
        super().__init__(run)
        self.differences: Differences | None = None
        self._shown: tuple[int, str, int | None] | None = None

    # ------------------------------------------------------------ the frame

    def compose_main(self) -> ComposeResult:
        yield Static("", id="head")
        known = self.window.capabilities
        usual = known.currency if known else self.window.settings.house.currency
        yield RunList(self.window.wording, self.words_of_runs, usual)

    @property
    def words_of_runs(self) -> RunWords:
        return RunWords(self.window.wording, self.window.dates)

    def where(self) -> tuple[str, tuple[str, ...]]:
        if self.run is None:
            return self.words("title"), (self.words("number", run=self.run_id),)
        window = self.window
        environment = window.wording.text(f"screen.environment.{window.environment}")
        room = header_room(self.app.size.width, environment)
        return self.words_of_runs.title(self.run, room)

    def on_mount(self) -> None:
        self.say(self.words("reading"), Level.HINT)
        if self.run is not None:
            self.take(self.run)

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.call_after_refresh(self._head)

    def footer(self) -> tuple[str, ...]:
        if self.phase == "simulated" and self._is_used_up:
            return tuple(one for one in self.FOOTER if one != "commit")
        if self.phase == "simulated" and self.run is not None and run_approval.waits(self.run):
            return ("help", "preview", "export", "approve", "commit", "back")
        return {
            "starting": ("help", "stop", "open_refunds", "back"),
            "live": ("help", "stop", "open_refunds", "back"),
            "halted": ("help", "commit", "stop", "export", "open_refunds", "back"),
            "done": ("help", "preview", "export", "open_refunds", "back"),
        }.get(self.phase, self.FOOTER)

    @property
    def _is_used_up(self) -> bool:
        """Will it never go live: because it did, or because there is nothing in it to do?"""
        run = self.run
        return run is not None and (run.live_id is not None or not run.taken)

    def key_label(self, action: str) -> str:
        own = f"{self.phase}.{action}"
        if action == "preview" and self.phase == "done":
            own = f"done.preview.{self._next_name()}"
        key = f"screen.run.keys.{own}"
        wording = self.window.wording
        return wording.text(key) if wording.has(key) else super().key_label(action)

    # ------------------------------------------------------------ reading

    def take(self, run: Run) -> None:
        """Show the run as it is; where it came to another phase its rows are others too."""
        approved = self.run is not None and self.run.approval != run.approval
        self.run, self.run_id = run, run.id
        if self._shown != (run.id, self.phase, run.live_id):
            self._show_phase()
        elif approved:
            self._say_phase()
        if self.phase == "simulated" and run.live_id is None:
            self._ask_differences()
        self._head()
        self.refresh_frame()

    def _ask_differences(self) -> None:
        caller, run_id = self.window.caller, self.run_id
        self.ask("since", lambda backend: backend.differences(caller, run_id), self._differ)

    def _differ(self, differences: Differences) -> None:
        self.differences = differences
        self.rows.differ(differences)
        self._head()

    def _show_phase(self) -> None:
        """The run came to another phase: its rows are others too."""
        assert self.run is not None
        self._shown = (self.run.id, self.phase, self.run.live_id)
        self.differences = None
        self.rows.show(self.run, follows=self.phase in ("starting", "live"))
        self._say_phase()

    def _say_phase(self) -> None:
        """What can be done now; it stays until something is."""
        run = self.run
        assert run is not None
        if self.phase == "simulated":
            reason = self._why_no_live(run)
            until = self.window.dates.time(run.expires_at) if run.expires_at else "–"
            text = reason or self.words("said.simulated", until=until)
            self.say(text, Level.WARNING if reason else Level.HINT)
            return
        levels = {"done": Level.DONE, "halted": Level.WARNING}
        self.say(self.words(f"said.{self.phase}"), levels.get(self.phase, Level.HINT))

    # ------------------------------------------------------------ showing

    def _head(self) -> None:
        run = self.run
        if run is None or not self.is_mounted:
            return
        head = RunHead(self.window.wording, self.words_of_runs, self.size.width - 1)
        lines = []
        approval = self.words_of_runs.approval(run, self.window.clock.now())
        if approval and self.phase not in ("starting", "live"):
            lines.append(head.approval(run, approval))
        if self.phase in ("live", "halted"):
            lines += head.progress(run, self.pace.rate if self.phase == "live" else None)
        if self.phase == "halted":
            lines.append(head.why_not_running(run))
        if self.phase == "done":
            lines += head.counters(run)
        if self.phase not in ("live", "starting"):
            lines += head.totals(run, self.differences if self.phase == "simulated" else None)
        self.query_one("#head", Static).update(Content("\n").join(lines))

    def action_filter(self, step: int) -> None:
        self.rows.step(step)

    # ------------------------------------------------------------ why not

    def why_not(self, action: str) -> str:
        reason = super().why_not(action)
        run = self.run
        if reason or action not in ("preview", "commit", "stop", "export", "approve"):
            return reason
        if run is None:
            return self.words("reading")
        if action == "commit":
            return self._why_no_commit(run)
        if action == "approve":
            return self._why_no_approval(run)
        if action == "stop" and self.phase in ("simulated", "done"):
            return self.words(f"not.stop.{self.phase}")
        if action == "stop" and self.phase == "halted":
            return self.not_theirs(CARRYING_OUT[run.kind])
        if action == "preview" and self.phase == "simulated":
            return self.not_theirs(SIMULATING[run.kind])
        if action == "preview" and self.phase == "done" and self._next() is None:
            return self.words("not.next.asking" if asks(run) else "not.next.through")
        return ""

    def _why_no_commit(self, run: Run) -> str:
        if self.phase == "halted":
            return self.not_theirs(CARRYING_OUT[run.kind])
        if self.phase == "simulated":
            return self._why_no_live(run)
        return self.words(f"not.commit.{self.phase}")

    def _why_no_approval(self, run: Run) -> str:
        if self.phase != "simulated":
            return self.words("not.approve.phase")
        return self._why_unusable(run) or run_approval.why_not(self, run)

    def _why_no_live(self, run: Run) -> str:
        reason = self._why_unusable(run) or self.not_theirs(CARRYING_OUT[run.kind])
        if not reason and run_approval.waits(run):
            return run_approval.waits_for(self, run)
        return reason

    def _why_unusable(self, run: Run) -> str:
        """Why nobody can carry it out any more."""
        if run.live_id is not None:
            return self.words("not.used", live=run.live_id)
        if run.expires_at is not None and run.expires_at <= self.window.clock.now():
            return self.words("not.expired", until=self.window.dates.short(run.expires_at))
        if not run.taken:
            return self.words("not.nothing")
        if self.differences is not None and self.differences.changed_count:
            return self.words("not.changed")
        return ""

    # ------------------------------------------------------------ the next simulation

    def _next(self) -> DispatchParameters | None:
        assert self.run is not None
        return step_after(self.run, self.window.dates, self.window.clock.now())

    def _next_name(self) -> str:
        assert self.run is not None
        step = self._next()
        if step is None:
            return "nothing"
        return f"{self.run.kind.value}_{step.credit.value}"

    def do_preview(self) -> None:
        """To the next simulation: the same once more, or the next prescribed step."""
        assert self.run is not None
        if self.phase == "simulated":
            self.simulate(parameters_of(self.run))
        elif self.phase == "done":
            from tui.screens.dispatch import DispatchScreen

            self.window.push_screen(DispatchScreen(self._next(), after=self.run))
        else:
            self.rows.read()
            self.read()

    def simulated(self, run: Run) -> None:
        """It takes the place of the one that is shown."""
        self.take(run)

    # ------------------------------------------------------------ live

    def do_commit(self) -> None:
        """Go live after the count was typed, or go on with what was begun."""
        assert self.run is not None
        if self.phase == "halted":
            self._begin(self.window.live_runs.resume)
            return
        from tui.dialogs.confirm_run import ConfirmRunDialog, when_confirmed

        run = self.run
        title = self.window.wording.text(f"dialog.confirm_run.title.{run.kind.value}")
        dialog = ConfirmRunDialog(title, self._about(run), run.taken)
        go = self.window.live_runs.go_live
        self.window.push_screen(dialog, when_confirmed(lambda: self._begin(go)))

    def _about(self, run: Run) -> list[Part]:
        """What is about to happen, with the figures that were shown, one for each destination."""
        wording = self.window.wording
        moved = [
            wording.text(
                f"dialog.confirm_run.to.{role.value}", amount=money(one.amount_minor, one.currency)
            )
            for role in MOVING
            for one in merged(run.totals, role)
        ]
        text = wording.count(f"dialog.confirm_run.about.{run.kind.value}", run.taken)
        about: list[Part] = [f"{self.words_of_runs.told(run)}\n\n", text]
        if moved:
            about += [" ", (", ".join(moved), "bold"), "."]
        declined = sum(one.count for one in run.totals if one.name == TotalName.DECLINED_BEFORE)
        if declined:
            about += [" ", wording.count("dialog.confirm_run.declined", declined)]
        return about

    def do_approve(self) -> None:
        """Another supervisor looks at it, here or at their own window, and says yes."""
        assert self.run is not None
        run_approval.ask(self, self.run, self._about(self.run), self.take)

    def _begin(self, begin: Callable[[Run], None]) -> None:
        assert self.run is not None
        if self.window.live_runs.carries_out(self.run):
            return
        begin(self.run)
        self.pace.clear()
        self.take(self.run)

    def do_stop(self) -> None:
        """Stop what runs; what is stopped already is given up, which is asked first."""
        run = self.run
        assert run is not None
        if self.phase == "halted":
            from tui.dialogs.confirm_run import EndRunDialog, when_confirmed

            done, whole = progress_of(run)
            dialog = EndRunDialog(run.id, whole - done)
            self.window.push_screen(dialog, when_confirmed(lambda: self._end(run)))
            return
        if run.mode is RunMode.SIMULATION:
            self.say(self.words("not.stop.starting"), Level.WARNING)
            return
        caller = self.window.caller
        self.say(self.words("said.stopping"), Level.WARNING)
        self.ask("stop", lambda backend: backend.stop_run(caller, run.id), lambda _run: None)

    def _end(self, run: Run) -> None:
        caller = self.window.caller
        self.ask("end", lambda backend: backend.end_run(caller, run.id), self.take)

    def run_is_over(self, simulation_id: int, result: Run | Refused) -> None:
        run = self.run
        if run is None or simulation_id not in (run.id, run.simulation_id):
            super().run_is_over(simulation_id, result)
            return
        self.pull_no_more()
        if isinstance(result, Refused):
            self.refuse_problem(result)
            self.window.show_problem(result)
            self.read()
        else:
            self.take(result)

    # ------------------------------------------------------------ the log

    def do_export(self) -> None:
        """Two files in the working folder, named by the run."""
        caller, run_id, wording = self.window.caller, self.run_id, self.window.wording

        def write(backend: Backend) -> tuple[Path, Path]:
            records = backend.export_run(caller, run_id)
            return save(records, Path.cwd(), f"run-{run_id}", f"runs {run_id} --csv", wording)

        self.ask("save", write, self._saved)

    def _saved(self, paths: tuple[Path, Path]) -> None:
        table, whole = paths
        names = {"table": table.name, "whole": whole.name, "folder": table.parent}
        self.say(self.words("saved", **names), Level.DONE)

    @on(VirtualList.Opened)
    def _opened(self, message: VirtualList.Opened) -> None:
        item = self.rows.items.row(message.index)
        if not isinstance(item, RunItem):
            return
        if item.refund_number:
            self.window.show_refund(item.refund_number)
        elif item.booking_id:
            self.window.open_booking(item.booking_id, item.booking_reference, item.customer)
