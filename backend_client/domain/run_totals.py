"""What the totals of a run are called; a dispatch besides names them by what its parts are for."""

from __future__ import annotations

from enum import StrEnum


class TotalName(StrEnum):
    """Rows of a cancellation's totals. A live run has the same rows for what it really did, so
    that both can be laid beside each other; only `SKIP` and `PERSON` are the simulation's alone."""

    CANCEL = "cancel"
    """Bookings, and what is given back for them in all."""
    TICKETS = "tickets"
    CONCESSIONS = "concessions"
    FEES = "fees"
    """Fees given back; the detail is their kind."""
    KEPT_FEES = "kept_fees"
    """Fees that stay although their ticket goes; the detail is their kind."""
    RETAINED = "retained"
    FREE = "free"
    """Bookings that are cancelled with nothing to give back."""
    REQUESTED = "requested"
    """Parts that wait for a dispatch."""
    WAITING_ACCOUNT = "waiting_account"
    """Parts by which a debt got smaller."""
    SKIP = "skip"
    """The detail is the reason, a code of the catalogue."""
    PERSON = "person"
