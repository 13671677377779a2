"""Items as they are frozen: one spelling, and back again."""

from __future__ import annotations

import json
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from backend_client.domain.runs import FrozenItem, ItemPart, ItemPlan, PartRole
from backend_client.local.run_triggers import ITEM_FIXED
from backend_client.local.running.items import Fingerprint, frozen_of, packed, row_of

PARTS = st.builds(
    ItemPart,
    st.sampled_from(PartRole),
    st.integers(1, 2**53),
    st.none() | st.integers(1),
    st.none() | st.integers(1),
    st.text(),
    st.text(),
)
ITEMS = st.builds(
    FrozenItem,
    st.integers(1),
    st.integers(1),
    st.integers(1),
    st.sampled_from(ItemPlan),
    st.integers(0),
    st.just("EUR"),
    st.lists(PARTS, max_size=3).map(tuple),
    body=st.dictionaries(st.sampled_from(["kept", "lines", "retained"]), st.integers()),
)


@given(ITEMS)
def test_what_is_frozen_comes_back(item: FrozenItem) -> None:
    row = SimpleNamespace(**dict(zip(ITEM_FIXED, (1, *row_of(item)), strict=True)))
    assert frozen_of(row) == item


@given(ITEMS)
def test_there_is_one_spelling(item: FrozenItem) -> None:
    told = {**item.body, "parts": [list(part) for part in item.parts]}
    spelt = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert packed(item.parts, item.body) == spelt


def test_the_fingerprint_is_of_every_item_and_the_parameters() -> None:
    item = FrozenItem(1, 2, 3, ItemPlan.CARDS, 100, "EUR", (ItemPart(PartRole.CARD, 100, 7),))
    seen = set()
    for parameters, items in (
        ("{}", [item]),
        ('{"batch":1}', [item]),
        ("{}", [item._replace(version=4)]),
        ("{}", [item._replace(parts=(ItemPart(PartRole.CARD, 100, 8),))]),
        ("{}", [item, item._replace(ordinal=2)]),
    ):
        fingerprint = Fingerprint(parameters)
        fingerprint.add(map(row_of, items))
        seen.add(fingerprint.text)
    assert len(seen) == 5
