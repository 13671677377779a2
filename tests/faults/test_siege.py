"""The short form of the siege, for every change; `python -m tests.faults` is the long one.

What it is about begins when the refunds are committed: a larger store goes on from a smaller one,
made in memory, and every siege has its own copy on the disk.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.hostile import Manners
from tests.faults.siege import Plan, Verdict, besiege, commit

pytestmark = pytest.mark.faults

SEED = 20_260_314
Besieged = Callable[[Plan], Verdict]


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """A store with so many refunds that nobody has sent."""
    made: dict[int, Path] = {}

    def committed(refunds: int) -> Path:
        if refunds not in made:
            folder = tmp_path_factory.mktemp("committed")
            there = max((fewer for fewer in made if fewer < refunds), default=0)
            if there:
                shutil.copytree(made[there], folder, dirs_exist_ok=True)
            commit(folder, refunds, there)
            made[refunds] = folder
        return made[refunds]

    return committed


@pytest.fixture
def besieged(committed: Callable[[int], Path], tmp_path: Path) -> Besieged:
    def besieged(plan: Plan) -> Verdict:
        shutil.copytree(committed(plan.refunds), tmp_path, dirs_exist_ok=True)
        verdict = besiege(tmp_path, plan)
        print(verdict)  # the same seed meets the same faults
        return verdict

    return besieged


@pytest.mark.parametrize("honours_keys", [True, False])
def test_the_siege_sees_what_a_naive_dispatcher_does(
    besieged: Besieged, honours_keys: bool
) -> None:
    verdict = besieged(Plan(300, 6, SEED, Manners(honours_keys=honours_keys), naive=True))
    assert verdict.doubles > 0
    assert verdict.extra_minor > 0


@pytest.mark.parametrize(
    ("name", "manners"),
    [
        ("look-up alone", Manners(honours_keys=False)),
        ("key alone", Manners(sees=False)),
        ("both, no faults", Manners(faults=False)),
    ],
)
def test_each_net_holds_without_the_other(besieged: Besieged, name: str, manners: Manners) -> None:
    verdict = besieged(Plan(500, 10, SEED, manners))
    assert verdict.is_sound, f"{name}: {verdict}"
    if not manners.sees:
        assert verdict.replayed, "the key was never needed"


def test_two_thousand_refunds_thirty_kills_keys_honoured(besieged: Besieged) -> None:
    verdict = besieged(Plan(2_000, 30, SEED))
    assert verdict.is_sound, str(verdict)
    assert verdict.kills >= 20
