"""Widgets alone: lists of any size, amounts like on a till, lines that fit their cells."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from textual.app import App, ComposeResult
from textual.content import Content
from textual.events import Key, Paste

from tui.text.columns import cells
from tui.text.money import figure_beside
from tui.widgets.amount_field import AmountField
from tui.widgets.bursts import BurstWatch
from tui.widgets.parts import Part, cut, rule, spread
from tui.widgets.virtual_list import PAGE_ROWS, PAGES_KEPT, VirtualList

PATIENCE = 2000


class ListApp(App[None]):
    """A list alone on the screen; `fetched` are the pages asked for, in order."""

    def __init__(self, total: int, *, paged: bool, every: int = 1) -> None:
        super().__init__()
        self.total = total
        self.paged = paged
        self.every = every
        self.fetched: list[int] = []
        self.opened: list[int] = []
        self.failures: list[Exception] = []
        self.broken: set[int] = set()

    def compose(self) -> ComposeResult:
        def draw(row: int, _width: int, marked: bool) -> Content:
            return Content(f"{'>' if marked else ' '} row {row}")

        rows: VirtualList[int] = VirtualList(draw, selectable=lambda row: row % self.every == 0)
        yield rows

    @property
    def rows(self) -> VirtualList[int]:
        return self.query_one(VirtualList)

    def fetch(self, page: int) -> Sequence[int]:
        self.fetched.append(page)
        if page in self.broken:
            raise ValueError(page)
        start = page * PAGE_ROWS
        return range(start, min(start + PAGE_ROWS, self.total))

    def on_mount(self) -> None:
        if self.paged:
            self.rows.show_pages(self.total, self.fetch)
        else:
            self.rows.show(range(self.total))
        self.rows.focus()

    def on_virtual_list_opened(self, message: VirtualList.Opened) -> None:
        self.opened.append(message.index)

    def on_virtual_list_page_failed(self, message: VirtualList.PageFailed) -> None:
        self.failures.append(message.error)

    @property
    def text(self) -> str:
        strips = self.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


async def test_a_million_rows_fetch_only_what_is_in_sight() -> None:
    app = ListApp(1_000_000, paged=True)
    async with app.run_test(size=(40, 10)) as pilot:
        for _ in range(3):
            await pilot.pause()
            await app.workers.wait_for_complete()
        assert "> row 0" in app.text
        await pilot.press("end")
        for _ in range(3):
            await pilot.pause()
            await app.workers.wait_for_complete()
        assert "> row 999999" in app.text
        assert set(app.fetched) <= {0, 9998, 9999}
        await pilot.press("home", "pagedown")
        for _ in range(3):
            await pilot.pause()
            await app.workers.wait_for_complete()
        assert "> row 9" in app.text


async def test_pages_no_longer_near_are_forgotten() -> None:
    app = ListApp(100_000, paged=True)
    async with app.run_test(size=(40, 10)) as pilot:
        for page in range(30):
            app.rows.go(page * PAGE_ROWS)
            await pilot.pause()
            await app.workers.wait_for_complete()
        await pilot.pause()
        assert len(app.rows._pages) <= PAGES_KEPT


async def test_a_page_that_cannot_be_read_is_reported_and_asked_for_again() -> None:
    app = ListApp(1000, paged=True)
    app.broken = {0}
    async with app.run_test(size=(40, 10)) as pilot:
        for _ in range(3):
            await pilot.pause()
            await app.workers.wait_for_complete()
        assert app.failures
        assert "…" in app.text
        app.broken = set()
        app.rows.refresh()
        for _ in range(3):
            await pilot.pause()
            await app.workers.wait_for_complete()
        assert "> row 0" in app.text


async def test_the_failure_of_a_list_shown_before_concerns_nobody() -> None:
    app = ListApp(1000, paged=True)
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        await app.workers.wait_for_complete()
        stale = VirtualList.PageFailed(0, 3, ValueError())
        app.rows.post_message(stale)
        await pilot.pause()
        assert app.failures == []


async def test_rows_that_cannot_be_chosen_are_passed_over() -> None:
    app = ListApp(30, paged=False, every=3)
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("down", "down")
        assert app.rows.cursor == 6
        await pilot.press("up")
        assert app.rows.cursor == 3
        await pilot.press("end")
        assert app.rows.cursor == 27
        await pilot.press("down")
        assert app.rows.cursor == 27
        await pilot.press("pageup")
        assert app.rows.cursor % 3 == 0
        await pilot.press("home")
        assert app.rows.cursor == 0


async def test_enter_opens_the_row_and_nothing_else_does() -> None:
    app = ListApp(5, paged=False)
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("down", "space", "x", "enter")
        assert app.opened == [1]


async def test_an_empty_list_takes_every_key_calmly() -> None:
    app = ListApp(0, paged=False)
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("down", "up", "pagedown", "pageup", "home", "end", "enter")
        assert app.opened == []
        assert app.rows.current is None


async def test_a_list_to_read_scrolls_by_lines() -> None:
    app = ListApp(50, paged=False, every=1000)
    app.every = 1000
    async with app.run_test(size=(40, 10)) as pilot:
        app.rows.show(range(1, 51))
        await pilot.press("down", "down")
        await pilot.pause()
        assert "row 3" in app.text.splitlines()[0]
        await pilot.press("pagedown")
        await pilot.pause()
        assert "row 12" in app.text.splitlines()[0]


class AmountApp(App[None]):
    """One amount; keys come as far apart as `gap_s` says."""

    def __init__(self) -> None:
        super().__init__()
        self.gap_s = 0.2
        self.now_s = 0.0
        self.edits: list[str] = []
        self.bursts = 0

    def key_time(self, _event: Key) -> float:
        self.now_s += self.gap_s
        return self.now_s

    def compose(self) -> ComposeResult:
        yield AmountField("14.50", key_time=self.key_time)

    @property
    def field(self) -> AmountField:
        return self.query_one(AmountField)

    def on_mount(self) -> None:
        self.field.focus()

    def on_amount_field_edited(self, message: AmountField.Edited) -> None:
        self.edits.append(message.text)

    def on_amount_field_burst_refused(self) -> None:
        self.bursts += 1


async def test_the_first_digit_replaces_as_on_a_till() -> None:
    app = AmountApp()
    async with app.run_test() as pilot:
        await pilot.press("1", "0", "full_stop", "5")
        assert app.field.text == "10.5"
        assert app.edits == ["1", "10", "10.", "10.5"]


async def test_backspace_takes_the_last_digit_and_delete_everything() -> None:
    app = AmountApp()
    async with app.run_test() as pilot:
        await pilot.press("backspace")
        assert app.field.text == "14.5"
        await pilot.press("delete")
        assert app.field.text == ""


async def test_enter_does_nothing_to_an_amount() -> None:
    app = AmountApp()
    async with app.run_test() as pilot:
        await pilot.press("enter")
        assert app.field.text == "14.50"
        assert app.edits == []


async def test_a_burst_leaves_what_was_there() -> None:
    app = AmountApp()
    async with app.run_test() as pilot:
        app.gap_s = 0.001
        await pilot.press(*"4006381333931", "enter")
        assert app.field.text == "14.50"
        assert app.bursts > 0
        app.gap_s = 0.2
        await pilot.press("7")
        assert app.field.text == "7"


async def test_an_amount_has_a_longest_length() -> None:
    app = AmountApp()
    async with app.run_test() as pilot:
        await pilot.press(*("9" * 40))
        assert len(app.field.text) == 15


@pytest.mark.parametrize(
    ("pasted", "kept"), [("12.50\n", "12.50"), ("R-1", "14.50"), ("", "14.50")]
)
async def test_only_amounts_can_be_pasted(pasted: str, kept: str) -> None:
    app = AmountApp()
    async with app.run_test() as pilot:
        app.field.post_message(Paste(pasted))
        await pilot.pause()
        assert app.field.text == kept


def test_a_burst_is_more_than_three_keys_within_30_ms_each() -> None:
    watch = BurstWatch()
    assert [watch.key(at_s) for at_s in (0.0, 0.02, 0.04, 0.06, 0.08)] == [False] * 3 + [True] * 2
    assert not watch.key(0.2)
    assert watch.first


@pytest.mark.parametrize("width", [10, 20, 40, 80])
@pytest.mark.parametrize(
    "left", [["short"], ["張偉" * 30], [("a" * 100, "$muted"), "tail"], ["[red]x[/red]"], [""]]
)
def test_lines_never_exceed_their_cells(width: int, left: Sequence[Part]) -> None:
    for right in ([], ["14.50"], ["x" * 200]):
        assert cells(spread(width, left, right).plain) <= width


def test_text_is_never_markup() -> None:
    assert spread(40, ["[red]x[/red]"]).plain.startswith("[red]x[/red]")


def test_a_cut_says_that_it_cut() -> None:
    assert cut(["abcdef", "ghi"], 7) == ["abcdef", "…"]
    assert cut(["abc"], 3) == ["abc"]


def test_a_rule_leaves_one_cell_free() -> None:
    line = rule(40, "Lines", "paid").plain
    assert cells(line) == 39
    assert line.startswith(" ─ Lines ─")
    assert line.endswith(" paid")


@pytest.mark.parametrize(
    ("minor", "currency", "room", "shown"),
    [
        (123_456, "CHF", 10, "1,234.56"),
        (13_550, "EUR", 10, "135.50 EUR"),
        (123_456, "EUR", 11, "1234.56 EUR"),
        (123_456, "EUR", 10, "1,234.56"),
        (123_456_789, "KWD", 10, "123456.789"),
        (86_000, "JPY", 10, "86000 JPY"),
    ],
)
def test_a_figure_names_its_currency_where_it_fits_and_never_loses_a_digit(
    minor: int, currency: str, room: int, shown: str
) -> None:
    assert figure_beside(minor, currency, "CHF", room) == shown


@pytest.mark.parametrize("right", ["", "paid"])
@pytest.mark.parametrize("width", range(-1, 81))
def test_a_title_never_stands_without_its_line(width: int, right: str) -> None:
    """Before a screen is laid out it has no width yet, and may be drawn so."""
    line = rule(width, "History", right).plain
    assert "History" not in line or " ─ History ─" in line
    assert cells(line) <= max(width - 1, 1)
    assert ("History" in line) or width < 30
