"""The pace of calls: counted with a clock that moves by sleeping."""

from __future__ import annotations

import threading

import pytest

from backend_client.providers.token_bucket import TokenBucket


class Sleeper:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.time_s = 1000.0

    def now(self) -> float:
        return self.time_s

    def sleep(self, seconds: float) -> None:
        self.time_s += seconds


def bucket(sleeper: Sleeper, rate: float = 20.0, longest_wait_s: float = 10.0) -> TokenBucket:
    return TokenBucket(rate, longest_wait_s=longest_wait_s, now=sleeper.now, sleep=sleeper.sleep)


def taken_in(pace: TokenBucket, sleeper: Sleeper, calls: int) -> float:
    start = sleeper.time_s
    assert all(pace.take() for _ in range(calls))
    return sleeper.time_s - start


def test_a_few_go_at_once_and_the_rest_at_the_rate() -> None:
    sleeper = Sleeper()
    pace = bucket(sleeper)
    assert taken_in(pace, sleeper, 5) == 0
    assert taken_in(pace, sleeper, 100) == pytest.approx(5.0)


def test_what_was_not_used_is_not_saved_up() -> None:
    sleeper = Sleeper()
    pace = bucket(sleeper)
    sleeper.time_s += 3600
    assert taken_in(pace, sleeper, 25) == pytest.approx(1.0)


def test_too_many_halves_the_rate_once_for_all_that_were_under_way() -> None:
    sleeper = Sleeper()
    pace = bucket(sleeper)
    for _ in range(16):
        pace.refused()
    assert pace.rate == 10
    sleeper.time_s += 1
    pace.refused()
    assert pace.rate == 5


def test_the_rate_never_falls_to_nothing_and_climbs_back() -> None:
    sleeper = Sleeper()
    pace = bucket(sleeper)
    for _ in range(20):
        pace.refused()
        sleeper.time_s += 1
    assert pace.rate == 0.5
    rates = []
    while pace.rate < 20:
        sleeper.time_s += 5
        pace.went_well()
        rates.append(pace.rate)
    assert rates == sorted(rates)
    assert rates[-1] == 20
    pace.went_well()
    assert pace.rate == 20


def test_a_good_answer_right_after_a_refusal_raises_nothing() -> None:
    sleeper = Sleeper()
    pace = bucket(sleeper)
    pace.refused()
    pace.went_well()
    assert pace.rate == 10


def test_it_waits_as_long_as_the_provider_asks() -> None:
    sleeper = Sleeper()
    pace = bucket(sleeper)
    pace.refused(7)
    assert taken_in(pace, sleeper, 1) == pytest.approx(7.0)


def test_too_long_a_wait_is_not_waited() -> None:
    sleeper = Sleeper()
    pace = bucket(sleeper, rate=0.1, longest_wait_s=3.0)
    assert pace.take()
    before = sleeper.time_s
    assert not pace.take()
    assert sleeper.time_s == before
    sleeper.time_s += 8
    assert pace.take()
    assert sleeper.time_s == pytest.approx(before + 10)


def test_a_provider_that_asks_for_an_hour_is_asked_again_sooner() -> None:
    sleeper = Sleeper()
    pace = bucket(sleeper, longest_wait_s=3.0)
    pace.refused(3600)
    assert taken_in(pace, sleeper, 1) == pytest.approx(3.0)


def test_nobody_waits_after_it_was_closed() -> None:
    pace = TokenBucket(0.2)
    assert pace.take()
    answers: list[bool] = []
    waiting = threading.Thread(target=lambda: answers.append(pace.take()))
    waiting.start()
    pace.close()
    waiting.join()
    assert answers == [False]


def test_many_threads_together_keep_the_rate() -> None:
    sleeper = Sleeper()
    lock = threading.Lock()
    waits: list[float] = []

    def note(seconds: float) -> None:
        with lock:
            waits.append(seconds)

    pace = TokenBucket(20.0, now=lambda: sleeper.time_s, sleep=note)
    threads = [threading.Thread(target=pace.take) for _ in range(25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == pytest.approx([number / 20 for number in range(1, 21)])
