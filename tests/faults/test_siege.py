"""The short form of the siege, for every change; `python -m tests.faults` is the long one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.hostile import Manners
from tests.faults.siege import Plan, besiege

pytestmark = pytest.mark.faults

SEED = 20_260_314


def test_two_thousand_refunds_thirty_kills_keys_honoured(tmp_path: Path) -> None:
    verdict = besiege(tmp_path, Plan(2_000, 30, SEED))
    print(verdict)
    assert verdict.is_sound, str(verdict)
    assert verdict.kills >= 20


@pytest.mark.parametrize(
    ("name", "manners"),
    [
        ("look-up alone", Manners(honours_keys=False)),
        ("key alone", Manners(sees=False)),
        ("both, no faults", Manners(faults=False)),
    ],
)
def test_each_net_holds_without_the_other(tmp_path: Path, name: str, manners: Manners) -> None:
    verdict = besiege(tmp_path, Plan(500, 10, SEED, manners))
    print(name, verdict)
    assert verdict.is_sound, f"{name}: {verdict}"
    if not manners.sees:
        assert verdict.replayed, "the key was never needed"


@pytest.mark.parametrize("honours_keys", [True, False])
def test_the_siege_sees_what_a_naive_dispatcher_does(tmp_path: Path, honours_keys: bool) -> None:
    plan = Plan(300, 6, SEED, Manners(honours_keys=honours_keys), naive=True)
    verdict = besiege(tmp_path, plan)
    print(verdict)
    assert verdict.doubles > 0
    assert verdict.extra_minor > 0
