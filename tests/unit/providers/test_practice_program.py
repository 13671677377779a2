"""Inside the practice provider's program: faults by seed, and time that passes between."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlencode

import pytest

from backend_client.providers.practice_program.counter import Counter, Cut, Manners
from backend_client.providers.practice_program.dialect import Incoming
from backend_client.providers.practice_program.faults import Fault, FaultPlan, parse_faults
from backend_client.providers.practice_program.keys import STRIPE_KEY
from backend_client.providers.practice_program.ledger import Ledger
from backend_client.providers.practice_program.stripe_dialect import StripeDialect

HEADERS = {"authorization": f"Bearer {STRIPE_KEY}", "idempotency-key": "key-1"}


def refund(reference: str = "ref-1", **form: str) -> Incoming:
    given = {
        "charge": "ch_1",
        "amount": "500",
        "metadata[refund_reference]": reference,
        **form,
    }
    headers = {**HEADERS, "idempotency-key": f"key-{reference}"}
    path = "/v1/refunds"
    return Incoming("POST", path, path, {}, headers, urlencode(given).encode())


def listing(**query: str) -> Incoming:
    given = {"charge": "ch_1", **query}
    target = f"/v1/refunds?{urlencode(given)}"
    return Incoming("GET", target, "/v1/refunds", given, HEADERS, b"")


class Waits:
    """Waits for nothing, but does something meanwhile."""

    def __init__(self, *, stopped: bool = False) -> None:
        self.stopped = stopped
        self.meanwhile: list[object] = []
        self.counter: Counter | None = None

    def __call__(self, seconds: float) -> bool:
        if self.counter is not None:
            self.meanwhile += [
                self.counter.answer(refund()).status,
                json.loads(self.counter.answer(listing()).body)["data"],
            ]
        return self.stopped


def test_a_slow_refund_moves_money_only_when_it_answers() -> None:
    """Whoever looks it up meanwhile finds nothing: only waiting keeps from paying twice."""
    waits = Waits()
    counter = Counter(StripeDialect(), Ledger(":memory:"), parse_faults("slow"), Manners(), waits)
    waits.counter = counter
    answer = counter.answer(refund())
    assert answer.status == 200
    assert waits.meanwhile == [409, []]
    assert len(json.loads(counter.answer(listing()).body)["data"]) == 1


def test_a_slow_refund_that_is_broken_off_moves_nothing() -> None:
    ledger = Ledger(":memory:")
    counter = Counter(StripeDialect(), ledger, parse_faults("slow"), Manners(), Waits(stopped=True))
    with pytest.raises(Cut):
        counter.answer(refund())
    with ledger.transaction():
        assert ledger.refunds_of("ch_1") == []


def test_answers_take_as_long_as_the_seed_says() -> None:
    waited: list[float] = []

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        return False

    counter = Counter(
        StripeDialect(),
        Ledger(":memory:"),
        FaultPlan(seed=5),
        Manners(latency_ms=(50, 300)),
        wait,
    )
    for number in range(50):
        counter.answer(refund(f"ref-{number}"))
    assert len(set(waited)) > 40
    assert all(0.05 <= seconds <= 0.3 for seconds in waited)


def test_a_storm_is_twenty_requests_long() -> None:
    counter = Counter(
        StripeDialect(),
        Ledger(":memory:"),
        parse_faults("storm=0.5", seed=4),
        Manners(),
        lambda seconds: False,
    )
    statuses = [counter.answer(refund(f"ref-{number}")).status for number in range(400)]
    blocks = [set(statuses[start : start + 20]) for start in range(0, 400, 20)]
    assert all(len(block) == 1 for block in blocks)
    assert {429} in blocks
    assert {200} in blocks


def test_the_list_is_newest_first_ten_at_a_time() -> None:
    counter = Counter(
        StripeDialect(), Ledger(":memory:"), FaultPlan(), Manners(), lambda seconds: False
    )
    ids = [json.loads(counter.answer(refund(f"ref-{n}")).body)["id"] for n in range(25)]
    first = json.loads(counter.answer(listing()).body)
    assert [one["id"] for one in first["data"]] == ids[:14:-1]
    assert first["has_more"] is True
    rest = json.loads(counter.answer(listing(limit="100", starting_after=ids[15])).body)
    assert [one["id"] for one in rest["data"]] == ids[14::-1]
    assert rest["has_more"] is False


@pytest.mark.parametrize(
    "request_",
    [
        refund(amount="0"),
        refund(amount="-5"),
        refund(amount="1e3"),
        refund(amount="٥"),
        refund(charge=""),
        refund(color="red"),
        listing(limit="0"),
        listing(limit="101"),
        listing(starting_after="re_nobody"),
        listing(created="1"),
    ],
)
def test_what_stripe_would_not_understand_is_refused(request_: Incoming) -> None:
    counter = Counter(
        StripeDialect(), Ledger(":memory:"), FaultPlan(), Manners(), lambda seconds: False
    )
    assert counter.answer(request_).status == 400


def test_shares_of_faults_are_kept() -> None:
    plan = parse_faults("lost=0.1,html=0.1", seed=1)
    seen = [plan.of_refund(f"ref-{number}", 0) for number in range(5_000)]
    assert 400 < seen.count(Fault.LOST) < 600
    assert 350 < seen.count(Fault.HTML) < 600
    assert set(seen) == {None, Fault.LOST, Fault.HTML}


def test_a_second_try_has_a_fate_of_its_own() -> None:
    plan = parse_faults("lost=0.5", seed=1)
    fates = [(plan.of_refund(f"ref-{n}", 0), plan.of_refund(f"ref-{n}", 1)) for n in range(50)]
    assert any(first is not second for first, second in fates)


def test_a_plan_is_written_in_words() -> None:
    plan = parse_faults(" lost=0.02, dead ,", seed=9)
    assert plan == FaultPlan(9, {Fault.LOST: 0.02, Fault.DEAD: 1.0})
    assert parse_faults("") == FaultPlan(0, {})


@pytest.mark.parametrize("text", ["gone=1", "lost=2", "lost=-0.1", "lost=x", "lost=nan", "=1"])
def test_a_wrong_plan_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"fault|share"):
        parse_faults(text)


def test_its_ledger_is_a_plain_file(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    Ledger(str(path)).close()
    assert path.read_bytes().startswith(b"SQLite format 3")
