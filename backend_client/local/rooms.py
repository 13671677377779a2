"""The parts of the local backend that write, each loaded when it is first asked for something.

A window that looks a booking up needs none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend_client.local.accepting import Accepting
    from backend_client.local.approving import Approving
    from backend_client.local.context import Context, Driver
    from backend_client.local.credit import Credit
    from backend_client.local.gift_cards import GiftCards
    from backend_client.local.handing_over import HandingOver
    from backend_client.local.method_changes import MethodChanges
    from backend_client.local.refunding import Refunding
    from backend_client.local.resolving import Resolving
    from backend_client.local.restoring import Restoring
    from backend_client.local.running.room import RunRoom
    from backend_client.local.taking_payment import TakingPayment
    from backend_client.local.voiding import Voiding


class Rooms:
    """Every part works with the one context; none keeps anything of its own."""

    def __init__(self, context: Context, driver: Driver) -> None:
        self._context = context
        self._driver = driver

    @property
    def refunding(self) -> Refunding:
        from backend_client.local.refunding import Refunding

        return Refunding(self._context)

    @property
    def method_changes(self) -> MethodChanges:
        from backend_client.local.method_changes import MethodChanges

        return MethodChanges(self._context)

    @property
    def gift_cards(self) -> GiftCards:
        from backend_client.local.gift_cards import GiftCards

        return GiftCards(self._context)

    @property
    def voiding(self) -> Voiding:
        from backend_client.local.voiding import Voiding

        return Voiding(self._context)

    @property
    def credit(self) -> Credit:
        from backend_client.local.credit import Credit

        return Credit(self._context)

    @property
    def resolving(self) -> Resolving:
        from backend_client.local.resolving import Resolving

        return Resolving(self._context)

    @property
    def taking_payment(self) -> TakingPayment:
        from backend_client.local.taking_payment import TakingPayment

        return TakingPayment(self._context)

    @property
    def accepting(self) -> Accepting:
        from backend_client.local.accepting import Accepting

        return Accepting(self._context)

    @property
    def approving(self) -> Approving:
        from backend_client.local.approving import Approving

        return Approving(self._context)

    @property
    def handing_over(self) -> HandingOver:
        from backend_client.local.handing_over import HandingOver

        return HandingOver(self._context)

    def finish_runs(self) -> None:
        """What was settled may have been the last that a run waited for."""
        from backend_client.local.running.through import paused_through

        with self._context.store.read() as connection:
            through = paused_through(connection)
        if through is not None:
            self.running.finish(through)

    @property
    def restoring(self) -> Restoring:
        from backend_client.local.restoring import Restoring

        return Restoring(self._context)

    @property
    def running(self) -> RunRoom:
        from backend_client.local.running.room import RunRoom

        return RunRoom(self._context, self._driver)
