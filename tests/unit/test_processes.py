"""Names of programs tell whether their bearer has surely ended; what cannot be seen has not."""

from __future__ import annotations

import pytest

from backend_client import processes
from backend_client.processes import has_ended, own_token


def test_whoever_runs_has_not_ended_and_a_later_one_of_that_number_is_another() -> None:
    own = own_token()
    host, pid, start, nonce = own.split(":")
    assert not has_ended(own)
    assert has_ended(f"{host}:{pid}:{start}1:{nonce}")
    assert not has_ended(f"elsewhere:{pid}:{start}1:{nonce}")


def test_where_the_system_hides_other_people_s_processes_they_still_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else two would drive one store, or carry one run out."""
    own = own_token()
    monkeypatch.setattr(processes, "_stat_of", lambda _pid: [])
    assert not has_ended(own)
