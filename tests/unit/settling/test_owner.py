"""A name for who is sending tells afterwards whether its bearer still lives."""

from __future__ import annotations

import os
import subprocess
import sys

from backend_client.settling.owner import ProcessOwner


def test_this_process_is_alive_to_others_and_knows_what_it_holds() -> None:
    one, other = ProcessOwner(), ProcessOwner()
    assert one.token != other.token
    assert not other.is_gone(one.token, 1)
    with one.holding([1]):
        assert not one.is_gone(one.token, 1)
        assert one.is_gone(one.token, 2)
    assert one.is_gone(one.token, 1)


def test_a_process_that_ended_is_gone() -> None:
    script = "from backend_client.settling.owner import ProcessOwner; print(ProcessOwner().token)"
    ran = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert ProcessOwner().is_gone(ran.stdout.strip(), 1)


def test_a_later_process_with_the_same_pid_is_another() -> None:
    mine = ProcessOwner()
    host, pid, start, nonce = mine.token.split(":")
    assert pid == str(os.getpid())
    earlier = f"{host}:{pid}:{int(start) - 1}:{nonce}0"
    assert ProcessOwner().is_gone(earlier, 1)


def test_what_cannot_be_seen_counts_as_alive() -> None:
    one = ProcessOwner()
    assert not one.is_gone("elsewhere:1:1:abcd", 1)
    assert not one.is_gone("", 1)
    assert not one.is_gone("nonsense", 1)


def test_an_owner_is_short_and_plain() -> None:
    assert ProcessOwner().token.isascii()
