"""Our legs beside what their providers list now, payment by payment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from backend_client.domain.reconciliation import (
    OurRefund,
    Reconciliation,
    TheirRefund,
    TheirState,
    reconcile,
)
from backend_client.domain.refund import COMPARED, LegState
from backend_client.domain.settlement import LegToSend
from backend_client.providers.port import Found, LookUp
from backend_client.settling.caution import list_refunds
from backend_client.settling.checker import Checker
from backend_client.settling.crew import Crew, Job, Pace, Task
from backend_client.settling.health import Health
from backend_client.settling.run import Tools
from backend_client.settling.sender import ask, order_of


class Reconciler:
    """Asks for each payment once, and writes down what it finds as every other check does."""

    def __init__(self, tools: Tools, stopped: Callable[[], bool]) -> None:
        self._tools = tools
        self._stopped = stopped
        self._health = Health(tools.limits.outages)
        self._checker = Checker(tools.directory, tools.clock, tools.limits, self._health)
        self._crew: Crew[LookUp] = Crew(self._ask, tools.limits.connections)
        self._ours: list[OurRefund] = []
        self._theirs: list[TheirRefund] = []
        self._silent: set[str] = set()

    def with_providers(self, since: datetime | None) -> Reconciliation:
        """Every leg first sent at `since` or later, and all that was given back beside it."""
        try:
            for page in pages(self._tools, since):
                if self._stopped():
                    self._silent.update(leg.provider for leg in page)
                    break
                self._page(page)
        finally:
            self._crew.stop(self._tools.limits.stop_s)
        return reconcile(self._ours, self._theirs, self._silent)

    def _page(self, page: Sequence[LegToSend]) -> None:
        together: dict[int | str, list[LegToSend]] = {}
        for leg in page:
            together.setdefault(_listed_under(leg), []).append(leg)
        self._crew.give(Job(Task.CHECK, legs[0]) for legs in together.values())
        answers: list[tuple[Job, LookUp]] = []
        while len(self._crew):
            answers += self._crew.take(self._tools.limits.gather_s)
            if broken := self._crew.broken():
                raise broken
        # Read after the lists: what was sent meanwhile is ours, too.
        payments = sorted(one for one in together if isinstance(one, int))
        references = self._tools.legs.references(payments)
        checks = []
        for job, listed in answers:
            legs = together[_listed_under(job.leg)]
            known = references.get(job.leg.payment_id or 0, frozenset())
            self._keep(job, legs, listed, known)
            checks += [
                self._checker.judged(leg, listed, known)
                for leg in legs
                if leg.payment_id and leg.state in COMPARED and listed.answered
            ]
        if checks:
            self._tools.legs.checked(checks, self._tools.clock.now())

    def _is_on_the_wire(self, leg: LegToSend) -> bool:
        """Somebody waits for its answer: that it is listed already is no difference."""
        since = self._tools.clock.now() - leg.changed_at
        return leg.state is LegState.SENDING and since <= self._tools.limits.call

    def _keep(
        self, job: Job, legs: Sequence[LegToSend], listed: LookUp, known: frozenset[str]
    ) -> None:
        if not listed.answered:
            self._silent.add(job.leg.provider)
            return
        legs = [leg for leg in legs if not self._is_on_the_wire(leg)]
        asked = {leg.our_reference for leg in legs}
        self._ours += map(our_refund, legs)
        self._theirs += [
            _theirs(job.leg, one)
            for one in listed.found
            if one.our_reference in asked or one.our_reference not in known
        ]

    def _ask(self, job: Job) -> tuple[LookUp, Pace]:
        provider = self._tools.directory.get(job.leg.provider)
        if provider is None or self._health.is_paused(job.leg.provider):
            return LookUp(answered=False), Pace.SAME
        listing = list_refunds if job.leg.payment_id else ask
        listed = listing(provider, order_of(job.leg))
        self._health.learn_look(job.leg.provider, answered=listed.answered, text=listed.text)
        return listed, Pace.MORE if listed.answered else Pace.LESS


def _listed_under(leg: LegToSend) -> int | str:
    """Its payment; what loaded a gift card has none and is found by our own reference."""
    return leg.payment_id or leg.our_reference


def with_export(
    tools: Tools, since: datetime | None, theirs: Iterable[TheirRefund]
) -> Reconciliation:
    """Beside a file the provider made: nobody is asked, and nothing is written down."""
    listed = list(theirs)
    providers = {one.provider for one in listed}
    ours = [
        our_refund(leg)
        for page in pages(tools, since)
        for leg in page
        if leg.provider in providers or not providers
    ]
    return reconcile(ours, listed)


def pages(tools: Tools, since: datetime | None) -> Iterator[Sequence[LegToSend]]:
    after = 0
    while page := tools.legs.since(after, tools.limits.page, since):
        after = page[-1].leg_id
        yield page


def our_refund(leg: LegToSend) -> OurRefund:
    return OurRefund(
        leg.number,
        leg.provider,
        leg.our_reference,
        leg.payment_reference,
        leg.amount_minor,
        leg.currency,
        leg.state,
        leg.provider_refund_id,
    )


def _theirs(leg: LegToSend, one: Found) -> TheirRefund:
    return TheirRefund(
        leg.provider,
        one.provider_refund_id,
        one.our_reference,
        leg.payment_reference,
        one.amount_minor,
        one.currency,
        TheirState(one.state.value),
    )
