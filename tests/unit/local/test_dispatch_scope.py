"""What a dispatch takes up and through whom: days, channels, a batch, a contract, a desk.

The numbers of the traps are those of the list of traps.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from backend_client.domain.problems import Refused
from backend_client.domain.run_parameters import CancellationParameters, DispatchParameters, Through
from backend_client.domain.runs import ItemOutcome, ItemPlan
from backend_client.domain.settlement import Reversible
from backend_client.local.rooms import Rooms
from backend_client.providers.directory import ProviderDirectory
from backend_client.settings import House, Settings
from tests.shop import SUPERVISOR, sale
from tests.unit.local.dispatch_house import (
    ALWAYS,
    DAY,
    NEVER,
    dispatch,
    house,
    items,
    outcomes,
    request,
    sell,
    simulate,
)

CARD = "4111111111111111"


def test_the_days_are_those_of_the_house_and_of_the_request(tmp_path: Path) -> None:
    """Trap 18: requested on the 14th at 23:30 and on the 15th at 00:30 in Paris, 22:30 and 23:30
    in the store; both ends of the range count, the day of the sale does not."""
    settings = Settings(house=House(zone="Europe/Paris"))
    with house(tmp_path, settings=settings) as shop:
        for number in (1, 2):
            sell(shop, number, (f"pay-{number}", 1000 * number))
        shop.clock.move(hours=12.5)
        request(shop, 1)
        shop.clock.move(hours=1)
        request(shop, 2)
        days = [DAY, DAY + timedelta(days=1)]
        found = [
            [
                item.amount_minor
                for item in items(
                    shop,
                    shop.backend.simulate_dispatch(
                        SUPERVISOR, DispatchParameters(first, last, NEVER)
                    ),
                )
            ]
            for first, last in ((days[0], days[0]), (days[1], days[1]), (days[0], days[1]))
        ]
        assert found == [[1000], [2000], [1000, 2000]]
        backwards = DispatchParameters(days[1], days[0], NEVER)
        with pytest.raises(Refused, match="run-dates"):
            shop.backend.simulate_dispatch(SUPERVISOR, backwards)
        ever = DispatchParameters(date.min, date.max, NEVER)
        assert shop.backend.simulate_dispatch(SUPERVISOR, ever).items == 2


@pytest.mark.parametrize(
    "told",
    [
        DispatchParameters(DAY, DAY, NEVER, sold_through=("internet", CARD)),
        DispatchParameters(DAY, DAY, NEVER, through=Through(channel=CARD)),
        DispatchParameters(DAY, DAY, NEVER, through=Through(desk=CARD)),
        CancellationParameters((1,), "moved", contacts=("4111 1111 1111 1111",)),
        CancellationParameters((1,), CARD),
    ],
)
def test_no_parameter_keeps_a_card_number(
    tmp_path: Path, told: DispatchParameters | CancellationParameters
) -> None:
    with house(tmp_path) as shop:
        sell(shop, 1, ("pay-1", 1000))
        simulate_ = (
            shop.backend.simulate_dispatch
            if isinstance(told, DispatchParameters)
            else shop.backend.simulate_cancellation
        )
        with pytest.raises(Refused, match="full-card-number"):
            simulate_(SUPERVISOR, told)  # type: ignore[arg-type]
        assert shop.backend.runs(SUPERVISOR).runs == ()


def test_what_replaces_inherits_the_date_of_its_request(tmp_path: Path) -> None:
    with house(tmp_path) as shop:
        sell(shop, 1, ("dead-1", 2900))
        request(shop, 1)
        shop.clock.move(days=3)
        dispatch(shop)
        assert simulate(shop).items == 1, "declined three days later, requested on the first"


def test_a_batch_takes_the_first_in_order_and_says_so(tmp_path: Path) -> None:
    """Traps 5 and 46: payments are counted, by date of request and number."""
    with house(tmp_path) as shop:
        for number in (3, 1, 2):
            sell(shop, number, (f"pay-{number}", 1000 * number))
            shop.clock.move(minutes=1)
            request(shop, number)
        run = simulate(shop, batch=2)
        assert (run.candidates, run.items) == (3, 2)
        assert [item.amount_minor for item in items(shop, run)] == [3000, 1000]
        assert outcomes(shop.backend.go_live(SUPERVISOR, run.id)) == {ItemOutcome.REFUNDED: 2}
        assert [item.amount_minor for item in items(shop, simulate(shop))] == [2000]


def test_sold_through_filters_bookings(tmp_path: Path) -> None:
    with house(tmp_path) as shop:
        for number, channel in enumerate(("web", "phone", "web"), 1):
            shop.sell([replace(sale(number), channel=channel)])
            request(shop, number)
        assert (simulate(shop, sold_through=("web",)).candidates) == 2
        assert simulate(shop, sold_through=("phone", "web")).candidates == 3
        with pytest.raises(Refused, match="run-filter-unknown") as refused:
            simulate(shop, sold_through=("web", "nowhere"))
        told = {"field": "channel", "value": "nowhere", "known": ["phone", "web"]}
        assert refused.value.details == told


def test_a_channel_with_nothing_open_is_no_mistake(tmp_path: Path) -> None:
    with house(tmp_path) as shop:
        shop.sell([replace(sale(1), channel="web")])
        assert simulate(shop, sold_through=("web",)).candidates == 0


def test_refunded_through_books_at_its_desk(tmp_path: Path) -> None:
    """Trap 45 in our words: no desk is opened; what a run credits is booked at the desk it names,
    else at that of whoever carries it out."""
    with house(tmp_path) as shop:
        for number, through in ((1, Through("", "back office")), (2, Through())):
            sell(shop, number, (f"pay-{number}", 1000))
            request(shop, number)
            dispatch(shop, ALWAYS, through=through)
        with shop.store.read() as connection:
            desks = connection.exec_driver_sql(
                "SELECT desk FROM book_entry WHERE kind = 'settled' ORDER BY id"
            ).all()
        assert [desk for (desk,) in desks] == ["back office", SUPERVISOR.desk]


class ByChannel(ProviderDirectory):
    """Only the web shop has a contract."""

    def provider_of(self, payment: Reversible, channel: str = "") -> str | None:
        return super().provider_of(payment, channel) if channel == "web" else None


def test_refunded_through_names_the_contract(tmp_path: Path) -> None:
    """Sold by phone there is no contract; refunded through the web shop there is one. Without a
    channel given each sale's own counts, as at the window."""
    with house(tmp_path) as shop:
        for number, channel in ((1, "phone"), (2, "web")):
            shop.sell([replace(sale(number), channel=channel)])
            request(shop, number)
        shop.backend._context = replace(shop.backend._context, directory=ByChannel(shop.provider))
        shop.backend._rooms = Rooms(shop.backend._context, shop.settler)
        assert [item.plan for item in items(shop, simulate(shop))] == [
            ItemPlan.STAYS,
            ItemPlan.CARDS,
        ]
        through = simulate(shop, through=Through("web"))
        assert [item.plan for item in items(shop, through)] == [ItemPlan.CARDS, ItemPlan.CARDS]
