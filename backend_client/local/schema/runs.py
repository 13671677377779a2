"""Runs: parameters, frozen items, what became of them, and counters that are always true."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Text,
    UniqueConstraint,
)

from backend_client.local.schema.columns import id_, int_, ref, table, text_

run = table(
    "run",
    id_(),
    text_("kind"),
    text_("mode"),
    text_("state"),
    ref("simulation_id", "run.id", null=True),
    text_("parameters"),
    text_("fingerprint"),
    text_("operator"),
    text_("role"),
    text_("desk"),
    text_("channel"),
    text_("entrance"),
    text_("correlation_id"),
    int_("email", default=1),
    int_("started_at_us"),
    int_("ended_at_us", null=True),
    int_("expires_at_us", null=True),
    int_("candidates", default=0),
    int_("items", default=0),
    int_("taken", default=0),
    int_("done", default=0),
    int_("stop_requested", default=0),
    text_("owner"),
    text_("owner_name"),
    int_("owner_until_us", null=True),
    text_("note"),
    UniqueConstraint("simulation_id"),
    CheckConstraint("kind IN ('cancellation','dispatch')", name="run_kind"),
    CheckConstraint("mode IN ('simulation','live')", name="run_mode"),
    CheckConstraint(
        "state IN ('simulating','simulated','running','stopped','paused','done')", name="run_state"
    ),
    CheckConstraint("(mode = 'live') = (simulation_id IS NOT NULL)", name="run_names_simulation"),
    since=5,
)
"""A simulation is used once: a live run names it, and no two name the same."""

run_item = table(
    "run_item",
    Column("run_id", Integer, ForeignKey("run.id"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    ref("booking_id", "booking.id"),
    ref("leg_id", "leg.id", null=True),
    int_("version"),
    text_("state_seen"),
    text_("plan"),
    text_("reason"),
    int_("amount_minor"),
    text_("currency"),
    text_("body"),
    text_("outcome"),
    ref("refund_id", "refund.id", null=True),
    CheckConstraint("amount_minor >= 0", name="run_item_amount"),
    Index("run_item_by_plan", "run_id", "plan", "ordinal"),
    without_rowid=True,
    since=5,
)
"""Items belong to the simulation that froze them (`run_id`); `outcome` and `refund_id` are what the
live run that names it made of them. `body` is canonical JSON: parts, lines, kept fees."""
Index(
    "run_item_by_outcome",
    run_item.c.run_id,
    run_item.c.outcome,
    run_item.c.ordinal,
    sqlite_where=run_item.c.outcome != "",
)
Index(
    "run_item_by_refund",
    run_item.c.refund_id,
    sqlite_where=run_item.c.refund_id.is_not(None),
)

run_total = table(
    "run_total",
    Column("run_id", Integer, ForeignKey("run.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("detail", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    int_("count"),
    int_("amount_minor"),
    without_rowid=True,
    since=5,
)
run_count = table(
    "run_count",
    Column("run_id", Integer, ForeignKey("run.id"), primary_key=True),
    Column("outcome", Text, primary_key=True),
    int_("items"),
    without_rowid=True,
    since=5,
)
"""Items of a simulation by what its live run made of them, kept by a trigger."""

run_scope = table(
    "run_scope",
    Column("scope", Text, primary_key=True),
    ref("run_id", "run.id"),
    without_rowid=True,
    since=5,
)
"""What a live run works on, for as long as it does: `dispatch`, or `performance:17`."""

run_leg = table(
    "run_leg",
    Column("leg_id", Integer, ForeignKey("leg.id"), primary_key=True),
    ref("run_id", "run.id"),
    int_("ordinal"),
    text_("role"),
    text_("state"),
    int_("over", default=0),
    Index("run_leg_by_item", "run_id", "ordinal"),
    without_rowid=True,
    since=5,
)
"""Which legs a live dispatch run made (`run_id`), for which item of its simulation. `state` is what
each is counted as, kept by triggers: that of the leg, but what was refused stays so when it is
closed. `over` is set where another leg of the run stands in its place."""

run_approval = table(
    "run_approval",
    Column("run_id", Integer, ForeignKey("run.id"), primary_key=True),
    text_("fingerprint"),
    text_("operator"),
    text_("desk"),
    text_("entrance"),
    int_("at_us"),
    CheckConstraint("entrance IN ('window','command_line')", name="run_approval_by_a_person"),
    without_rowid=True,
    since=11,
)
"""The yes of another supervisor to exactly this simulation."""

run_limit = table(
    "run_limit",
    Column("run_id", Integer, ForeignKey("run.id"), primary_key=True),
    text_("currency"),
    int_("unattended_items"),
    int_("unattended_minor"),
    int_("four_eyes_minor", null=True),
    without_rowid=True,
    since=11,
)
"""What was allowed when a live run began: what it may do is judged by that for ever."""
