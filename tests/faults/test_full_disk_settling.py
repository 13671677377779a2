"""A46: the disk is full while payments are being sent. The run stops before the next call, nothing
is lost, and when there is room again each payment is made exactly once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.faults

LEGS = 90
CHILD = """
import json, resource, sys
from collections import Counter
from pathlib import Path
from backend_client.domain.problems import Refused
from backend_client.local.rows import fetch
from backend_client.providers.practice import PracticeProvider
from tests.shop import SUPERVISOR, open_shop, sale
from tests.unit.local.venue import findings

class Counting(PracticeProvider):
    calls = ()
    def refund(self, order):
        self.calls += (order.our_reference,)
        return super().refund(order)

legs, room = int(sys.argv[2]), int(sys.argv[3])
provider = Counting()
shop = open_shop(Path(sys.argv[1]), provider=provider, settles=False)
shop.sell(sale(number) for number in range(1, legs + 1))
for number in range(1, legs + 1):
    shop.refund(number, 1)

def states():
    with shop.store.read() as connection:
        return Counter(row.state for row in fetch(connection, "SELECT state FROM leg"))

def claimed():
    with shop.store.read() as connection:
        rows = fetch(connection, "SELECT our_reference FROM leg WHERE attempts > 0")
        return {row.our_reference for row in rows}

def drive():
    try:
        shop.backend.settle(SUPERVISOR)
    except Refused as refusal:
        return refusal.code, refusal.message
    return "", ""

shop.store.close()
shop = open_shop(Path(sys.argv[1]), provider=provider, settles=False)
resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
code, message = drive()
again, _ = drive()
full = {
    "code": code, "message": message, "again": again, "calls": len(provider.calls),
    "unclaimed": len(set(provider.calls) - claimed()), "states": states(),
}
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
drive()
shop.clock.move(seconds=61)
code, _ = drive()
with provider._transaction() as ledger:
    paid = ledger.execute("SELECT COUNT(*), COUNT(DISTINCT our_reference) FROM refund").fetchone()
free = {"code": code, "states": states(), "paid": list(paid), "findings": findings(shop.store)}
shop.backend.close()
print(json.dumps([full, free]))
"""


@pytest.mark.parametrize("room", [60_000, 150_000, 250_000, 350_000])
def test_a46_a_full_disk_stops_the_run_and_every_payment_is_made_once(
    tmp_path: Path, room: int
) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path), str(LEGS), str(room)],
        check=True,
        capture_output=True,
        text=True,
    )
    full, free = json.loads(answer.stdout)
    assert (full["code"], full["message"]) == ("store-full", "The disk is full.")
    assert full["again"] == "store-full"
    assert full["unclaimed"] == 0, "no call without its intent on the disk"
    assert full["calls"] < LEGS
    assert free == {
        "code": "",
        "states": {"succeeded": LEGS},
        "paid": [LEGS, LEGS],
        "findings": [],
    }
