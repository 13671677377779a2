"""Times as Connect writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from backend_client.importing.instants import has_offset, instant

ZURICH = ZoneInfo("Europe/Zurich")
EVENING = datetime(2025, 11, 22, 19, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2025-11-22T19:00:00Z",
        "2025-11-22T20:00:00+01:00",
        "2025-11-22T19:00:00.0000000+00:00",
        "/Date(1763838000000)/",
        "/Date(1763838000000+0100)/",
        "/Date(1763838000000-0500)/",
        "2025-11-22T20:00:00",
    ],
)
def test_one_instant_in_many_forms(text: str) -> None:
    assert instant(text, ZURICH) == EVENING


def test_summer_time_is_that_of_the_site() -> None:
    assert instant("2025-07-01T20:00:00", ZURICH) == datetime(2025, 7, 1, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "0001-01-01T00:00:00", "/Date(-62135596800000)/"])
def test_not_set_is_no_time(text: str) -> None:
    assert instant(text, ZURICH) is None


@pytest.mark.parametrize(
    "text",
    ["soon", "2025-13-01T00:00:00", "/Date(99999999999999999)/", "9999-12-31T23:59:59-12:00"],
)
def test_what_is_no_time_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        instant(text, ZURICH)


def test_without_a_zone_an_offset_is_needed() -> None:
    with pytest.raises(ValueError, match="no offset"):
        instant("2025-11-22T20:00:00", None)
    assert has_offset("/Date(0)/")
    assert not has_offset("2025-11-22T20:00:00")
