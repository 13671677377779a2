"""The main job on the command line, on the Vista sample, from file to proof."""

from __future__ import annotations

import json

import pytest

from backend_client.answers import RefundOutcome
from backend_client.domain.caller import Caller
from backend_client.domain.plan import RefundPlan, RefundRequest
from backend_client.local.backend import LocalBackend
from tests.functional.desk import SAMPLE, Desk
from tui.text.columns import cells

CHOSEN = ("refund", "WPM8TS9", "--lines", "1,2", "--reason", "goodwill")
SEEN = ("--acknowledge", "fee-stranded")


def test_from_a_file_to_money_given_back_and_proved(desk: Desk) -> None:
    taken = desk("import", str(SAMPLE))
    assert taken.code == 0
    assert "1 read, 1 added, 0 updated, 0 unchanged (connect)" in taken.out
    assert "currency was taken to be CHF" in taken.out

    found = desk("lookup", "WPM8TS9", "--json").json
    assert found["exact"]
    assert [hit["booking"] for hit in found["hits"]] == ["WPM8TS9"]
    assert found["hits"][0]["left_minor"] == 1450

    warned = desk(*CHOSEN, "--preview", "--json")
    assert (warned.code, warned.problem) == (1, "acknowledgement-required")
    assert warned.json["unacknowledged"] == ["fee-stranded"]
    assert warned.json["amount_minor"] == 1350

    seen = desk(*CHOSEN, *SEEN, "--preview", "--json")
    assert seen.code == 0
    plan = seen.json
    assert [leg["method"] for leg in plan["legs"]] == ["matched"]
    assert plan["kept_fees"][0]["amount_minor"] == 100

    committed = desk(*CHOSEN, *SEEN, "--commit", "--plan", plan["fingerprint"], "--json")
    assert committed.code == 0
    refund = committed.json
    assert refund["refund"] == "R-10001"
    assert refund["status"] == "done"
    assert refund["commit_key"] == plan["fingerprint"]
    assert not refund["already_done"]

    again = desk(*CHOSEN, *SEEN, "--commit", "--plan", plan["fingerprint"], "--json")
    assert again.code == 0
    assert again.json == {**refund, "already_done": True}

    receipt = desk("show", "R-10001", "--receipt")
    assert receipt.code == 0
    assert "TOTAL CHF                            13.50" in receipt.out
    assert "(booking fee kept                    1.00)" in receipt.out
    assert desk("show", "R-10001", "--receipt").out == receipt.out

    doctor = desk("doctor", "--json")
    assert doctor.code == 0
    assert doctor.json["ok"]
    assert all(check["ok"] for check in doctor.json["checks"])


def test_a_plan_seen_with_its_warning_may_be_committed_acknowledged(sample: Desk) -> None:
    warned = sample(*CHOSEN, "--preview", "--json").json
    done = sample(*CHOSEN, *SEEN, "--commit", "--plan", warned["fingerprint"], "--json")
    assert done.code == 0
    again = sample(*CHOSEN, *SEEN, "--commit", "--plan", warned["fingerprint"], "--json")
    assert again.json["already_done"]
    assert again.json["refund"] == done.json["refund"]


def test_the_text_says_what_the_json_says(sample: Desk) -> None:
    warned = sample(*CHOSEN, "--preview")
    assert warned.code == 1
    assert "Fee line 3 would stay and could never go back later. [fee-stranded]" in warned.out
    assert "--acknowledge fee-stranded" in warned.err
    seen = sample(*CHOSEN, *SEEN, "--preview")
    assert seen.code == 0
    assert "To give back  13.50  CHF" in seen.out
    assert "nothing has been written or sent" in seen.err
    done = sample(*CHOSEN, *SEEN, "--commit")
    assert done.code == 0
    assert done.out.startswith("R-10001 · WPM8TS9 · 13.50 CHF · done\n")
    assert "Refund R-10001 is committed." in done.err


def test_without_a_plan_a_commit_previews_and_commits_in_one_step(sample: Desk) -> None:
    done = sample("refund", "WPM8TS9", "--all", "--reason", "illness", "--commit", "--json")
    assert done.code == 0
    assert [line["sequence"] for line in done.json["lines"]] == [1, 2, 3]
    once_more = sample("refund", "WPM8TS9", "--all", "--reason", "illness", "--commit", "--json")
    assert (once_more.code, once_more.problem) == (1, "already-refunded")


def test_a_preview_writes_nothing(sample: Desk) -> None:
    before = sample("show", "WPM8TS9", "--json").json
    assert sample(*CHOSEN, *SEEN, "--preview").code == 0
    assert sample("show", "WPM8TS9", "--json").json == before
    assert sample("open", "--json").json == {"legs": [], "totals": []}


def test_another_plan_than_the_one_seen_is_shown_not_done(sample: Desk) -> None:
    seen = sample(*CHOSEN, *SEEN, "--preview", "--json").json["fingerprint"]
    other = sample(*CHOSEN, *SEEN, "--retain", "50", "--commit", "--plan", seen, "--json")
    assert (other.code, other.problem) == (1, "plan-stale")
    assert other.json["amount_minor"] == 1300
    assert other.json["fingerprint"] != seen
    assert sample("show", "WPM8TS9", "--json").json["refunds"] == []


def test_a_booking_that_changes_between_plan_and_commit_is_shown_anew(
    sample: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = LocalBackend.execute_refund

    def too_late(
        backend: LocalBackend, caller: Caller, plan: RefundPlan, _number: None
    ) -> RefundOutcome:
        monkeypatch.undo()
        other = RefundRequest(plan.request.booking_id, (3,), "illness")
        backend.execute_refund(caller, backend.preview_refund(caller, other))
        return real(backend, caller, plan)

    monkeypatch.setattr(LocalBackend, "execute_refund", too_late)
    answer = sample(*CHOSEN, *SEEN, "--commit", "--json")
    assert (answer.code, answer.problem) == (1, "plan-stale")
    assert "version 1 is now" in answer.json["message"]
    assert answer.json["booking_version"] > 1
    assert answer.json["kept_fees"] == []


def test_show_tells_everything_about_a_booking(sample: Desk) -> None:
    assert sample(*CHOSEN, *SEEN, "--commit").code == 0
    text = sample("show", "WPM8TS9").out
    for part in ("Paid 14.50", "Given back 13.50", "Can go back 0.00", "VISA •••• 1111", "R-10001"):
        assert part in text
    assert "refund granted · R-10001 · lines 1, 2 · Goodwill " in text
    assert " · number 3638" in text.splitlines()[0]
    assert "  R-10001.1 → VISA •••• 1111: refunded " in text, "a sentence, no codes"
    told = sample("show", "wpm8ts9", "--json").json
    assert [line["state"] for line in told["lines"]] == ["cancelled", "cancelled", "sold"]
    assert told["lines"][2]["code"] == "only-fees-left"
    assert told["payments"][0]["masked_number"] == "411111••••••1111"
    assert [event["what"] for event in told["timeline"]][-2:] == ["refunded", "attempt"]
    assert {line["currency"] for line in told["lines"]} == {"CHF"}


@pytest.mark.parametrize("name", ["R-10001", "r-10001", "R-10001.1"])
def test_a_refund_is_found_by_its_number_or_a_payment_of_it(sample: Desk, name: str) -> None:
    assert sample(*CHOSEN, *SEEN, "--commit").code == 0
    assert sample("show", name, "--json").json["refund"] == "R-10001"
    assert sample("show", "R-10001.9", "--json").problem == "leg-not-found"


def test_the_receipts_of_a_booking_are_all_its_refunds(sample: Desk) -> None:
    nothing = sample("show", "WPM8TS9", "--receipt")
    assert nothing.code == 3
    assert "Nothing of booking WPM8TS9 was given back here: there is no receipt." in nothing.err
    fee_first = ("refund", "WPM8TS9", "--lines", "3", "--reason", "goodwill", "--commit")
    assert sample(*fee_first).code == 0
    assert sample("refund", "WPM8TS9", "--all", "--reason", "illness", "--commit").code == 0
    receipts = sample("show", "WPM8TS9", "--receipt").out
    assert receipts.count("Palais") == 2
    assert "REFUND R-10001" in receipts
    assert "REFUND R-10002" in receipts
    assert all(cells(line) <= 42 for line in receipts.splitlines())


def test_options_of_every_command_stand_before_or_after_it(sample: Desk) -> None:
    ways = (
        ("--store", sample.url, "--config", str(sample.config), "lookup", "WPM8TS9"),
        ("lookup", "--store", sample.url, "--config", str(sample.config), "WPM8TS9"),
        ("lookup", "WPM8TS9", f"--store={sample.url}", f"--config={sample.config}"),
    )
    answers = [sample.bare(*way) for way in ways]
    assert [answer.code for answer in answers] == [0, 0, 0]
    assert len({answer.out for answer in answers}) == 1


def test_what_follows_the_command_wins(sample: Desk) -> None:
    done = sample("--desk", "7", *CHOSEN, *SEEN, "--commit", "--desk", "9", "--json")
    assert done.json["desk"] == "9"


def test_the_audit_log_is_verified_and_exported(sample: Desk) -> None:
    assert sample(*CHOSEN, *SEEN, "--commit").code == 0
    assert sample("audit", "verify").out.startswith("The audit chain holds: ")
    records = [json.loads(line) for line in sample("audit", "export").out.splitlines()]
    assert "refund" in {record["action"] for record in records}
    assert {record["operator"] for record in records} >= {"B. Keller"}


def test_importing_again_changes_nothing(sample: Desk) -> None:
    again = sample("import", str(SAMPLE), str(SAMPLE))
    assert again.code == 0
    assert again.out.count("0 added, 0 updated, 1 unchanged") == 2


def test_the_default_store_and_settings_are_found_where_xdg_says(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(desk.folder / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(desk.folder / "config"))
    missing = desk.bare("lookup", "WPM8TS9", "--json")
    assert (missing.code, missing.problem) == (3, "store-not-found")
    home = desk.folder / "config" / "ticket-window"
    home.mkdir(parents=True)
    (home / "config.toml").write_text('[house]\ncurrency = "EUR"\n')
    assert desk.bare("import", str(SAMPLE)).code == 0
    assert (desk.folder / "data" / "ticket-window" / "store.db").exists()
    assert desk.bare("lookup", "WPM8TS9", "--json").json["hits"][0]["currency"] == "EUR"
