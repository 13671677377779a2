"""Who may do what at Connect, and what is not there for anybody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from backend_client.domain.caller import PEOPLE, Caller, Entrance, Role
from backend_client.domain.permissions import PERMISSION_CODES
from backend_client.domain.plan import CreditSpend, MethodChange
from backend_client.domain.problems import Refused
from backend_client.domain.run_parameters import CreditMode, DispatchParameters
from tests.clocks import START
from tests.connect_offices import (
    ConnectOffice,
    sound_office,
)
from tests.contract.offices import (
    ADMIN,
    STOCK,
    SUPERVISOR,
    caller,
    sale,
)
from tests.unit.refusing import refused

office = sound_office()


Asked = Callable[[ConnectOffice, Caller], object]
DISPATCH = DispatchParameters(START.date(), START.date(), CreditMode.NEVER, ())
NOT_THERE: list[tuple[str, Asked, str]] = [
    ("runs", lambda o, c: o.backend.runs(c), "connect-no-runs"),
    ("performances", lambda o, c: o.backend.performances(c), "connect-no-runs"),
    ("dispatch", lambda o, c: o.backend.simulate_dispatch(c, DISPATCH), "connect-no-runs"),
    (
        "method",
        lambda o, c: o.backend.preview_method_change(c, MethodChange("R-10001.1", (), "")),
        "connect-no-changes",
    ),
    ("retry", lambda o, c: o.backend.preview_retry(c, "R-10001.1", ""), "connect-no-changes"),
    ("credit", lambda o, c: o.backend.credit(c, "C-1"), "connect-no-accounts"),
    (
        "spend",
        lambda o, c: o.backend.spend_credit(c, CreditSpend("C-1", 1, "CHF", "x")),
        "connect-no-accounts",
    ),
    ("reconcile", lambda o, c: o.backend.reconcile(c), "connect-not-here"),
    (
        "import",
        lambda o, c: o.backend.import_bookings(c, STOCK, lambda _count: None),
        "connect-not-here",
    ),
    ("mail", lambda o, c: o.backend.send_mail(c), "mail-off"),
]


@pytest.mark.parametrize(("what", "ask", "code"), NOT_THERE, ids=[row[0] for row in NOT_THERE])
def test_what_is_not_there_says_why(
    office: ConnectOffice, what: str, ask: Asked, code: str
) -> None:
    with refused(code):
        ask(office, SUPERVISOR)


ALLOWED: dict[str, tuple[Asked, frozenset[Role]]] = {
    "lookup": (lambda o, c: o.backend.lookup(c, "davis"), frozenset(PEOPLE)),
    "recent": (lambda o, c: o.backend.recent(c), frozenset(PEOPLE)),
    "booking": (lambda o, c: o.backend.booking(c, "WPM8TS9"), frozenset(PEOPLE)),
    "open refunds": (lambda o, c: o.backend.open_refunds(c), frozenset(PEOPLE)),
    "settle": (lambda o, c: o.backend.settle(c), frozenset(PEOPLE)),
    "doctor": (lambda o, c: o.backend.doctor(c), frozenset(PEOPLE)),
    "preview": (
        lambda o, c: o.plan(o.request(2), c),
        frozenset({Role.CASHIER, Role.SUPERVISOR}),
    ),
    "refund": (
        lambda o, c: o.backend.execute_refund(c, o.plan(o.request(2))),
        frozenset({Role.CASHIER, Role.SUPERVISOR}),
    ),
    "import": (
        lambda o, c: o.backend.import_bookings(c, STOCK, lambda _count: None),
        frozenset({Role.SUPERVISOR, Role.ADMIN}),
    ),
    "verify": (
        lambda o, c: o.backend.audit_verify(c),
        frozenset({Role.SUPERVISOR, Role.ADMIN}),
    ),
}


@pytest.mark.parametrize("asked", sorted(ALLOWED))
@pytest.mark.parametrize("role", PEOPLE)
def test_every_role_may_do_its_own_and_nothing_else(
    office: ConnectOffice, asked: str, role: Role
) -> None:
    """By whichever entrance: the right is the person's."""
    office.sell(sale())
    ask, roles = ALLOWED[asked]
    for entrance in Entrance:
        by = replace(caller(role), entrance=entrance)
        if role not in roles:
            with refused("not-allowed"):
                ask(office, by)
            assert '"denied"' in list(office.backend.audit_export(ADMIN))[-1]
        else:
            assert _code_of(ask, office, by) not in PERMISSION_CODES


def _code_of(ask: Asked, office: ConnectOffice, by: Caller) -> str:
    """Why it was refused, empty where it was not; whether anything else is in the way (the line
    went back a moment ago) is not asked here."""
    try:
        ask(office, by)
    except Refused as refusal:
        return refusal.code
    return ""
