"""Who may come in: operators with their PINs, programs with their tokens; neither is kept plain."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Integer, UniqueConstraint

from backend_client.local.schema.columns import id_, int_, table, text_

operator = table(
    "operator",
    id_(),
    text_("name"),
    text_("name_key"),
    text_("role"),
    text_("pin_hash"),
    int_("disabled", default=0),
    int_("failures", default=0),
    int_("locked_until_us", null=True),
    int_("created_at_us"),
    int_("pin_set_at_us"),
    UniqueConstraint("name_key"),
    CheckConstraint("role IN ('cashier','supervisor','admin')", name="operator_role"),
    CheckConstraint("pin_hash LIKE '$argon2id$%'", name="operator_pin"),
    CheckConstraint("disabled IN (0,1)", name="operator_disabled"),
    CheckConstraint("failures >= 0", name="operator_failures"),
    since=7,
)
"""People; `name_key` is the name with its case ignored. `failures` counts wrong PINs in a row."""

sign_in_try = table(
    "sign_in_try",
    Column("name_hash", Integer, primary_key=True, autoincrement=False),
    int_("failures"),
    int_("locked_until_us", null=True),
    CheckConstraint("name_hash BETWEEN 0 AND 65535", name="sign_in_try_hash"),
    CheckConstraint("failures > 0", name="sign_in_try_failures"),
    since=14,
)
"""Wrong PINs under names nobody has, counted as those of operators are. What was typed for a name
may have been a PIN, so only 16 bits of its keyed hash are kept, which bounds the table too."""

house_limit = table(
    "house_limit",
    id_(),
    text_("name"),
    int_("value", null=True),
    text_("set_by"),
    int_("set_at_us"),
    int_("needs_second"),
    text_("confirmed_by"),
    int_("confirmed_at_us", null=True),
    CheckConstraint("value >= 0", name="house_limit_value"),
    CheckConstraint("needs_second IN (0,1)", name="house_limit_second"),
    CheckConstraint(
        "(confirmed_by <> '') = (confirmed_at_us IS NOT NULL)", name="house_limit_confirmed"
    ),
    Index("house_limit_by_name", "name", "id"),
    since=12,
)
"""Limits that admins set, one row a change; where there are two admins another one confirms it."""

api_client = table(
    "api_client",
    id_(),
    text_("name"),
    text_("name_key"),
    text_("token_prefix"),
    text_("token_hash"),
    text_("scope"),
    text_("made_by"),
    int_("created_at_us"),
    int_("expires_at_us", null=True),
    int_("revoked_at_us", null=True),
    int_("last_used_at_us", null=True),
    UniqueConstraint("token_prefix"),
    CheckConstraint(
        "length(token_hash) = 64 AND token_hash NOT GLOB '*[^0-9a-f]*'", name="api_client_hash"
    ),
    CheckConstraint("json_valid(scope)", name="api_client_scope"),
    since=7,
)
"""Programs; `token_prefix` finds the row and tells tokens apart in lists, the rest of a token is
kept as its SHA-256 alone. A name whose token was revoked may be given another one."""
Index(
    "api_client_name",
    api_client.c.name_key,
    unique=True,
    sqlite_where=api_client.c.revoked_at_us.is_(None),
    postgresql_where=api_client.c.revoked_at_us.is_(None),
)
