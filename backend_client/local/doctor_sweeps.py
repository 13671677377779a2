"""Invariants about the same rows, which are read once for all of them: the caps and counters.

Everything here is worked out from the legs, never from what the counters say.
"""

from __future__ import annotations

from dataclasses import dataclass

from backend_client.domain.refund import HOLDS_PAYMENT
from backend_client.local.triggers import OVER, TO_PAYMENT, in_list

_CAP = "Never more goes back than was paid"
_HOLDING = in_list(HOLDS_PAYMENT)


@dataclass(frozen=True, slots=True)
class Rule:
    """`wrong` is true of a row that breaks it, `finding` says so in words."""

    code: str
    title: str
    wrong: str
    finding: str


@dataclass(frozen=True, slots=True)
class Sweep:
    """`rows` selects the columns its rules speak of; two rules may share a code."""

    rows: str
    rules: tuple[Rule, ...]

    @property
    def statement(self) -> str:
        """A column a rule: its finding, or NULL; rows that break none are left out."""
        columns = ", ".join(
            f"CASE WHEN {rule.wrong} THEN COALESCE({rule.finding}, 'a row') END"
            for rule in self.rules
        )
        broken = " OR ".join(f"({rule.wrong})" for rule in self.rules)
        return f"SELECT {columns} FROM ({self.rows}) WHERE {broken}"


_PAYMENTS = Sweep(
    f"""
    WITH held AS (
      SELECT payment_id AS id,
        SUM(CASE WHEN method IN {TO_PAYMENT} AND state IN {_HOLDING}
          THEN amount_minor ELSE 0 END) AS taken,
        SUM(CASE WHEN method = 'waiting' AND state NOT IN {OVER}
          THEN amount_minor ELSE 0 END) AS waiting
      FROM leg WHERE payment_id IS NOT NULL GROUP BY payment_id)
    SELECT p.id, p.taken_minor, p.waiting_taken_minor,
      p.settled_minor - p.prior_refunded_minor AS most,
      COALESCE(held.taken, 0) AS taken, COALESCE(held.waiting, 0) AS waiting
    FROM payment p LEFT JOIN held ON held.id = p.id""",
    (
        Rule(
            "L4",
            _CAP,
            "taken > 0 AND taken > most",
            "'payment ' || id || ': ' || taken || ' of ' || most",
        ),
        Rule(
            "C1",
            "What is counted as taken from a payment is what its legs make",
            "taken_minor <> taken OR waiting_taken_minor <> waiting",
            "'payment ' || id || ': ' || taken_minor || ' and ' || waiting_taken_minor"
            " || ', its legs make ' || taken || ' and ' || waiting",
        ),
    ),
)

_BOOKINGS = Sweep(
    f"""
    SELECT b.id, b.promised_minor, b.waiting_minor, b.unsettled_minor,
      b.settled_minor - b.prior_refunded_minor AS most,
      COALESCE(SUM(CASE WHEN l.method <> 'waiting' THEN l.amount_minor END), 0) AS promised,
      COALESCE(SUM(CASE WHEN l.method = 'waiting' THEN l.amount_minor END), 0) AS waiting
    FROM booking b LEFT JOIN leg l ON l.booking_id = b.id AND l.state NOT IN {OVER}
    GROUP BY b.id""",
    (
        Rule(
            "L4",
            _CAP,
            "promised > 0 AND promised > most",
            "'booking ' || id || ': ' || promised || ' of ' || most",
        ),
        Rule(
            "L4",
            _CAP,
            "waiting > unsettled_minor",
            "'booking ' || id || ', waiting account: ' || waiting || ' of ' || unsettled_minor",
        ),
        Rule(
            "C2",
            "What is counted as promised for a booking is what its legs make",
            "promised_minor <> promised OR waiting_minor <> waiting",
            "'booking ' || id || ': ' || promised_minor || ' and ' || waiting_minor"
            " || ', its legs make ' || promised || ' and ' || waiting",
        ),
    ),
)

SWEEPS = (_PAYMENTS, _BOOKINGS)
