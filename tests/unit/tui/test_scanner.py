"""The collector of scans, key by key."""

from __future__ import annotations

import pytest

from tui.scanner import LONGEST_SCAN, NOTHING, TIMEOUT_S, Heard, ScanCollector, Verdict

PREFIX = "\x1e"


def hear(
    collector: ScanCollector,
    text: str,
    *,
    start_s: float = 0.0,
    gap_s: float = 0.0,
    typing: bool = False,
) -> list[Verdict]:
    """Feed a text; a newline is the Enter key."""
    verdicts = []
    for index, letter in enumerate(text):
        key = {"\n": "enter", " ": "space"}.get(letter, letter)
        character = "\r" if letter == "\n" else letter
        at_s = start_s + index * gap_s
        verdicts.append(collector.hear(key, character, at_s, typing=typing))
    return verdicts


def test_what_stands_between_prefix_and_enter_is_a_scan() -> None:
    verdicts = hear(ScanCollector(PREFIX), f"{PREFIX}WPM8TS9\n")
    assert [verdict.heard for verdict in verdicts[:-1]] == [Heard.PART] * 8
    assert verdicts[-1] == Verdict(Heard.SCAN, "WPM8TS9")
    assert all(verdict.swallowed for verdict in verdicts)


def test_keys_without_a_prefix_are_nobodys_scan() -> None:
    verdicts = hear(ScanCollector(PREFIX), "WPM8TS9\n")
    assert verdicts == [NOTHING] * 8
    assert not NOTHING.swallowed


@pytest.mark.parametrize("typing", [True, False])
def test_scans_follow_each_other_without_merging(typing: bool) -> None:
    collector = ScanCollector(PREFIX)
    text = "".join(f"{PREFIX}CODE{number}\n" for number in range(20))
    codes = [v.code for v in hear(collector, text, typing=typing) if v.heard is Heard.SCAN]
    assert codes == [f"CODE{number}" for number in range(20)]


def test_a_new_prefix_starts_over() -> None:
    verdicts = hear(ScanCollector(PREFIX), f"{PREFIX}LOST{PREFIX}KEPT\n")
    assert verdicts[-1] == Verdict(Heard.SCAN, "KEPT")


@pytest.mark.parametrize("length", [LONGEST_SCAN, LONGEST_SCAN + 1, 10_000])
def test_a_scan_has_a_longest_length(length: int) -> None:
    last = hear(ScanCollector(PREFIX), f"{PREFIX}{'x' * length}\n")[-1]
    assert last.heard is (Heard.SCAN if length <= LONGEST_SCAN else Heard.TOO_LONG)
    assert len(last.code) <= LONGEST_SCAN


def test_controls_inside_a_scan_are_dropped_with_it() -> None:
    last = hear(ScanCollector(PREFIX), f"{PREFIX}01\x1d21\t\n")[-1]
    assert last == Verdict(Heard.SCAN, "0121")


def test_an_empty_scan_is_none() -> None:
    assert hear(ScanCollector(PREFIX), f"{PREFIX}  \n")[-1].heard is Heard.PART


def test_a_scan_that_breaks_off_is_said_with_the_next_key() -> None:
    collector = ScanCollector(PREFIX)
    hear(collector, f"{PREFIX}WPM")
    verdict = collector.hear("f5", None, TIMEOUT_S + 0.01, typing=False)
    assert verdict.heard is Heard.BROKEN_OFF
    assert not verdict.swallowed
    assert collector.hear("f5", None, TIMEOUT_S + 0.02, typing=False) is NOTHING


def test_a_slow_scanner_is_heard_as_long_as_it_goes_on() -> None:
    verdicts = hear(ScanCollector(PREFIX), f"{PREFIX}WPM8TS9\n", gap_s=TIMEOUT_S - 0.01)
    assert verdicts[-1].code == "WPM8TS9"


@pytest.mark.parametrize("track", ["%B4111111111111111^A/B^3012?", ";4111111111111111=3012?"])
@pytest.mark.parametrize("prefix", ["", PREFIX])
def test_a_swipe_is_swallowed_whole_and_nothing_of_it_said(track: str, prefix: str) -> None:
    verdicts = hear(ScanCollector(PREFIX), f"{prefix}{track}\n")
    assert verdicts[-1] == Verdict(Heard.SWIPE)
    assert all(verdict.swallowed for verdict in verdicts)
    assert all(not verdict.code for verdict in verdicts)


def test_a_lone_percent_sign_is_forgotten_again() -> None:
    collector = ScanCollector(PREFIX)
    hear(collector, "%")
    assert collector.hear("f5", None, TIMEOUT_S + 0.01, typing=False) is NOTHING


def test_in_a_text_field_a_percent_sign_is_a_letter() -> None:
    assert hear(ScanCollector(PREFIX), "50 % off;", typing=True) == [NOTHING] * 9


def test_without_a_prefix_in_the_settings_nothing_is_collected() -> None:
    assert hear(ScanCollector(""), "\x1eABC\n") == [NOTHING] * 5
