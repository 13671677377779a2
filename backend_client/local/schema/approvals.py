"""What a second person said yes to: a refund above a limit, and what became of a payment in review.

The keys are names as `person_key` tells people apart, so that the database itself refuses one
person in two spellings.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, text

from backend_client.domain.findings import Finding
from backend_client.local.schema.columns import id_, int_, ref, table, text_

SINCE = 14
_FINDINGS = ", ".join(repr(finding.value) for finding in sorted(Finding))


def _approval(name: str, key: str, of: str, since: int) -> Table:
    """The yes of another person than the maker to exactly what was fingerprinted."""
    return table(
        name,
        Column(key, Integer, ForeignKey(of), primary_key=True),
        text_("fingerprint"),
        text_("operator"),
        text_("operator_key"),
        text_("maker_key"),
        text_("desk"),
        text_("entrance"),
        int_("at_us"),
        CheckConstraint("operator_key <> maker_key", name=f"{name}_by_another"),
        CheckConstraint("entrance IN ('window','command_line')", name=f"{name}_by_a_person"),
        without_rowid=True,
        since=since,
    )


refund_approval = _approval("refund_approval", "refund_id", "refund.id", SINCE)
"""The yes of another supervisor to exactly this refund; without it nothing of one that waits
leaves."""

connect_approval = _approval("connect_approval", "intent_id", "connect_intent.id", since=16)
"""The same of a refund call to Connect, which is not made without it."""

resolution = table(
    "resolution",
    id_(),
    text_("leg_number"),
    text_("finding"),
    text_("reference"),
    text_("evidence"),
    text_("fingerprint"),
    text_("operator"),
    text_("operator_key"),
    text_("desk"),
    int_("at_us"),
    int_("needs_second"),
    ref("confirms_id", "resolution.id", null=True),
    CheckConstraint(f"finding IN ({_FINDINGS})", name="resolution_finding"),
    CheckConstraint("needs_second IN (0,1)", name="resolution_second"),
    CheckConstraint("confirms_id IS NULL OR needs_second", name="resolution_confirms"),
    Index("resolution_by_leg", "leg_number", "id"),
    Index(
        "resolution_confirmed_once",
        "confirms_id",
        unique=True,
        sqlite_where=text("confirms_id IS NOT NULL"),
        postgresql_where=text("confirms_id IS NOT NULL"),
    ),
    since=SINCE,
)
"""What a supervisor said about a payment in review, by its number, wherever it is kept. Where one
is not enough it waits for another supervisor who says the same: `confirms_id`."""
