"""Where nobody signs in: a name the settings do not list gives money back as a cashier, no more."""

from __future__ import annotations

import json

from tests.functional.desk import Desk

REFUND = ("refund", "WPM8TS9", "--all", "--reason", "goodwill", "--commit")
STRANGER = ("--operator", "N. Obody")


def limited(desk: Desk) -> None:
    settings = desk.config.read_text(encoding="utf-8")
    desk.config.write_text(f"{settings}\n[policy]\nlimit_minor = 1449\n", encoding="utf-8")


def test_a_stranger_gives_back_what_a_cashier_may_under_the_name_typed(sample: Desk) -> None:
    assert sample(*REFUND, *STRANGER).code == 0
    records = [json.loads(line) for line in sample("audit", "export").out.splitlines()]
    made = next(one for one in records if one["action"] == "refund")
    assert (made["operator"], made["role"]) == ("N. Obody", "cashier")
    assert sample("doctor").code == 0


def test_a_cashier_s_limits_are_a_stranger_s(sample: Desk) -> None:
    limited(sample)
    waits = sample(*REFUND, *STRANGER)
    assert waits.code == 0
    assert "awaits approval" in waits.err
    assert sample("approve", "R-10001", *STRANGER, "--json").problem == "not-allowed"
    assert sample("approve", "R-10001", "--operator", "B. Keller").code == 0


def test_what_is_not_a_cashier_s_is_not_a_stranger_s(sample: Desk) -> None:
    requested = ("--to", "requested", "--operator", "A. Rochat")
    assert sample(*REFUND, *requested).code == 0
    refused = sample("void", "R-10001", "--reason", "by mistake", *STRANGER)
    assert refused.code == 1
    assert "(not-allowed)" in refused.err
    records = [json.loads(line) for line in sample("audit", "export").out.splitlines()]
    denied = [one["operator"] for one in records if one["action"] == "denied"]
    assert denied == ["N. Obody"], "and it is on record"


def test_where_nobody_is_listed_whoever_sits_here_is_a_supervisor(sample: Desk) -> None:
    settings = sample.config.read_text(encoding="utf-8")
    nobody = settings[: settings.index("[operators]")]
    sample.config.write_text(f"{nobody}\n[policy]\nlimit_minor = 1449\n", encoding="utf-8")
    done = sample(*REFUND, *STRANGER)
    assert done.code == 0
    assert "awaits approval" not in done.err
