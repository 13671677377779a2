"""What every part of the local backend works with, given once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar

from backend_client.domain.problems import Refused

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from backend_client.domain.booking import Booking
    from backend_client.domain.caller import Caller
    from backend_client.domain.circumstances import Circumstances
    from backend_client.domain.driving import DriveReport, Pause
    from backend_client.domain.policy import Policy
    from backend_client.domain.reach import RefundLimits
    from backend_client.domain.reconciliation import Reconciliation, TheirRefund
    from backend_client.domain.run_limits import RunLimits
    from backend_client.domain.settlement import Reversible
    from backend_client.domain.stored_value import SealedNumber, StoredValueNumber
    from backend_client.local.house_limits import SettingsInForce
    from backend_client.local.outbox import MailRules
    from backend_client.local.store import Store
    from backend_client.ports import Clock, TokenSource
    from backend_client.settings import Settings


T = TypeVar("T")


class PaymentDirectory(Protocol):
    """Which provider can reverse a payment now, where, and how long the money takes."""

    @property
    def environment(self) -> str: ...

    def provider_of(self, payment: Reversible, channel: str = "") -> str | None: ...

    def loads_gift_cards(self, channel: str = "") -> str:
        """The provider that loads a gift card by its number; empty where none does."""
        ...

    def arrival_days(self) -> Mapping[str, tuple[int, int]]: ...

    def limits(self) -> Mapping[str, RefundLimits]: ...


class Driver(Protocol):
    """Who carries out what was committed, and compares it with what providers list."""

    def drive(self, *, patient: bool = False) -> DriveReport: ...

    def send(
        self,
        supply: Callable[[Mapping[str, Pause]], Sequence[int] | None],
        keep: Callable[[], bool] = lambda: True,
        come_back: Callable[[], bool] = lambda: True,
    ) -> DriveReport:
        """Send the legs `supply` gives until it gives None; see `Settler.send`."""
        ...

    def stop(self) -> None: ...

    def let_go(self) -> None: ...

    def reconcile(self, since: datetime | None) -> Reconciliation: ...

    def compare(self, since: datetime | None, theirs: Iterable[TheirRefund]) -> Reconciliation: ...


class Nobody:
    """Drives nothing: for a backend that only reads or takes in."""

    def drive(self, *, patient: bool = False) -> DriveReport:
        raise Refused("no-provider")

    def send(
        self,
        supply: Callable[[Mapping[str, Pause]], Sequence[int] | None],
        keep: Callable[[], bool] = lambda: True,
        come_back: Callable[[], bool] = lambda: True,
    ) -> DriveReport:
        raise Refused("no-provider")

    def stop(self) -> None:
        """Nothing runs."""

    def let_go(self) -> None:
        """Nothing is held."""

    def reconcile(self, since: datetime | None) -> Reconciliation:
        raise Refused("no-provider")

    def compare(self, since: datetime | None, theirs: Iterable[TheirRefund]) -> Reconciliation:
        raise Refused("no-provider")


@dataclass(frozen=True, slots=True)
class Context:
    """Store, settings, providers, time and identity; `settle` sends legs that wait to be sent,
    `load` those that go to a gift card whose number was just given."""

    store: Store
    in_force: SettingsInForce
    directory: PaymentDirectory
    clock: Clock
    tokens: TokenSource
    settle: Callable[[Sequence[int]], None]
    load: Callable[[Mapping[int, SealedNumber]], None]

    @property
    def settings(self) -> Settings:
        """With the limits as they are in force now."""
        return self.in_force.now

    @property
    def policy(self) -> Policy:
        return self.settings.policy

    @property
    def run_limits(self) -> RunLimits:
        """What runs may do by themselves, and from where on they need another supervisor."""
        from backend_client.domain.run_limits import RunLimits

        runs = self.settings.runs
        return RunLimits(
            currency=self.settings.house.currency,
            unattended_items=runs.unattended_items,
            unattended_minor=runs.unattended_minor,
            four_eyes_minor=runs.four_eyes_minor,
        )

    @property
    def mail(self) -> MailRules | None:
        from backend_client.local.outbox import mail_rules

        return mail_rules(self.settings)

    def serves(self, provider: str) -> bool:
        """Is a provider of this name configured?"""
        return provider in self.directory.arrival_days()

    def commit(self, job: Callable[[Connection, datetime], T], *, label: str) -> T:
        """Do `job` in a write transaction, at the instant it was asked for."""
        now = self.now()
        return self.store.write(lambda connection: job(connection, now), label=label)

    def now(self) -> datetime:
        return self.clock.now()

    def sealed(
        self, connection: Connection, number: StoredValueNumber | None
    ) -> SealedNumber | None:
        """The number with its seal, under the key that lies beside the store."""
        return number.seal(self.store.audit_key.require(connection)) if number else None

    def circumstances(self, booking: Booking, caller: Caller, now: datetime) -> Circumstances:
        """What a plan for this booking depends on besides the booking itself."""
        from backend_client.domain.circumstances import Circumstances

        able = {
            payment.id: self.directory.provider_of(payment, booking.channel)
            for payment in booking.payments
        }
        return Circumstances(
            policy=self.policy,
            now=now,
            caller=caller,
            provider_of={payment_id: name for payment_id, name in able.items() if name},
            provider_environment=self.directory.environment,
            limits_of=self.directory.limits(),
            loads_gift_cards=self.directory.loads_gift_cards(booking.channel),
        )
