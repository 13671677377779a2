"""Who asks: part of every question to the backend, and of every record it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend_client.domain.scopes import Scope


class Role(StrEnum):
    CASHIER = "cashier"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    CLIENT = "client"
    """A program with a token; what it may do is said by the token's scope."""


PEOPLE = (Role.CASHIER, Role.SUPERVISOR, Role.ADMIN)
"""The roles an operator can have."""


class Entrance(StrEnum):
    WINDOW = "window"
    COMMAND_LINE = "command_line"
    API = "api"
    UNATTENDED = "unattended"
    """A timer: nobody looks."""


class Action(StrEnum):
    """Everything a caller can ask for, named once; `may` in permissions.py decides."""

    LOOK_UP = "look_up"
    SEARCH = "search"
    BROWSE = "browse"
    PREVIEW = "preview"
    REFUND = "refund"
    RECORD_EXTERNAL = "record_external"
    LOAD_GIFT_CARD = "load_gift_card"
    CHOOSE_CREDIT = "choose_credit"
    CHANGE_METHOD = "change_method"
    HAND_OVER = "hand_over"
    VOID_OWN = "void_own"
    VOID = "void"
    REFUND_BROKEN_GROUP = "refund_broken_group"
    SPEND_CREDIT = "spend_credit"
    APPROVE_REFUND = "approve_refund"
    READ_RUNS = "read_runs"
    SIMULATE_CANCELLATION = "simulate_cancellation"
    SIMULATE_DISPATCH = "simulate_dispatch"
    APPROVE_RUN = "approve_run"
    CANCEL_PERFORMANCE = "cancel_performance"
    DISPATCH = "dispatch"
    STOP_RUN = "stop_run"
    RESOLVE = "resolve"
    RECONCILE = "reconcile"
    SETTLE = "settle"
    TAKE_SALE_PAYMENT = "take_sale_payment"
    IMPORT = "import"
    DOCTOR = "doctor"
    READ_OWN_AUDIT = "read_own_audit"
    READ_AUDIT = "read_audit"
    CHANGE_PIN = "change_pin"
    MANAGE_ACCESS = "manage_access"


@dataclass(frozen=True, slots=True)
class Caller:
    """`operator` is a person's name, or a client's; only what comes with a token has a scope."""

    operator: str
    role: Role
    desk: str
    channel: str
    entrance: Entrance
    correlation_id: str
    scope: Scope | None = None
