"""What a Vista Connect system refuses, cannot do, or does not answer."""

from __future__ import annotations

from backend_client.domain.problem import Kind, MoneyMoved, Problem, Retry

R, U, A, X = Kind.REFUSED, Kind.USAGE, Kind.UNAVAILABLE, Kind.UNSURE

ROWS = (
    # what Connect does not have
    Problem(
        "connect-pays-at-once",
        R,
        "Connect gives money back at once or not at all, so nothing can be left for later.",
        "Choose a payment of the booking, or record what was paid elsewhere.",
    ),
    Problem(
        "connect-no-accounts",
        R,
        "Connect keeps no accounts of customers.",
        "Choose a payment of the booking, or record what was paid elsewhere.",
    ),
    Problem(
        "connect-records-external",
        R,
        "Connect knows money paid elsewhere only as an external payment.",
        "Pay it out, then record it as external with its receipt number.",
    ),
    Problem(
        "connect-kind-off",
        R,
        "This cinema does not take refunds of this kind through Connect.",
        "Choose another way; whoever looks after Connect knows which are allowed.",
    ),
    Problem(
        "connect-no-retention",
        R,
        "Connect gives lines back whole, so nothing can be kept back.",
        "Leave out the lines or fees that stay, or choose a reason without a fee.",
    ),
    Problem(
        "connect-no-runs",
        R,
        "Connect has no mass runs: bookings are given back one by one.",
        "Look up each booking; the whole house is cancelled in the ticketing system.",
    ),
    Problem(
        "connect-no-changes",
        R,
        "What Connect has done it does not take back or do another way.",
        "Look at the booking; what is left of it can be given back.",
    ),
    Problem(
        "connect-not-here",
        R,
        "This is done in the ticketing system that Connect belongs to, not here.",
        "Use that system, or ask whoever looks after it.",
    ),
    # what it answers
    Problem(
        "connect-unreachable",
        A,
        "Connect cannot be reached ({detail}).",
        "Nothing was sent. Try again; if it stays so, call whoever looks after it.",
        retry=Retry.NOW,
    ),
    Problem(
        "connect-not-unique",
        R,
        "This cinema has more than one booking “{text}” and does not say which is meant.",
        "Give it back in the ticketing system itself.",
    ),
    Problem(
        "connect-answer",
        A,
        "Connect answered something that cannot be understood ({detail}).",
        "Nothing was sent. Try again; if it stays so, call whoever looks after it.",
        retry=Retry.NOW,
    ),
    Problem(
        "connect-forbidden",
        R,
        "Connect does not let this window do that ({detail}).",
        "Ask whoever looks after Connect about the token and its rights.",
    ),
    Problem(
        "connect-declined",
        R,
        "The payment was refused ({detail}); nothing was given back.",
        "Look at the booking, then try again or choose another way.",
        retry=Retry.AFTER_REREAD,
    ),
    Problem(
        "connect-refused",
        R,
        "Connect refused the refund ({detail}); nothing was given back.",
        "Look at the booking again. If it is refused again, tell whoever looks after Connect.",
        retry=Retry.AFTER_REREAD,
    ),
    Problem(
        "connect-not-sent",
        A,
        "The refund did not get to Connect ({detail}); nothing was given back.",
        "Try again.",
        retry=Retry.NOW,
    ),
    Problem(
        "refund-in-progress",
        Kind.UNSURE,
        "Refund {refund} of this booking is not finished: nobody knows yet what became of it.",
        "Wait until it is known, or let a supervisor decide about it in the open refunds.",
        money_moved=MoneyMoved.UNKNOWN,
        retry=Retry.AFTER_REREAD,
    ),
    Problem(
        "refund-waits",
        R,
        "Refund {refund} of this booking by {operator} awaits approval; nothing was sent yet.",
        "Another supervisor approves or refuses it; until then nothing else of the booking goes.",
        retry=Retry.AFTER_REREAD,
    ),
    Problem(
        "shown-as-paid",
        R,
        "The ticketing system showed payment {leg} as paid back when it was last read.",
        "Say that it was found; if it is another refund, leave it open with a note.",
    ),
    Problem(
        "number-cannot-wait",
        R,
        "This refund would wait for approval, and the number of a gift card is kept nowhere.",
        "Choose another way, or give back less at once{instead}.",
    ),
    Problem(
        "connect-awaits-approval",
        X,
        "{amount} of refund {refund} is not paid yet: the system it was sent to knows it as "
        "{theirs}, and a supervisor there approves it first.",
        "Do not pay it another way. Once {theirs} is approved or refused there, refund {refund} "
        "shows it when it is read again.",
    ),
    Problem(
        "connect-mixed-kinds",
        R,
        "Several payments go out in one call: if the second fails, only a person can clear it up.",
        "Use one payment where you can.",
    ),
    # what is typed for it
    Problem(
        "cinema-unasked",
        A,
        "{text} is at no cinema that answers; not asked could be {cinemas}.",
        "Try again when it answers; until then nobody knows whether it is there.",
        retry=Retry.NOW,
    ),
    Problem(
        "booking-maybe-not-unique",
        A,
        "{text} is {bookings}, but {cinemas} could not be asked and may have one of that name too.",
        "Name the one you mean with its cinema, as it stands here.",
        retry=Retry.NOW,
    ),
    Problem(
        "search-too-little",
        R,
        "No booking is called that, and Connect wants more to search by.",
        "Type the whole booking id or number, or first name and name.",
    ),
    Problem(
        "mask-invalid",
        R,
        "That is no masked card number.",
        "Type it like 411111....1111: at most six digits, dots, the last four.",
    ),
    Problem("expiry-invalid", R, "That is no expiry of a card.", "Type it like 05/26."),
    Problem(
        "external-detail-required",
        R,
        "This cinema wants the {what} of an external payment.",
        "Type it from the receipt of the payment.",
    ),
    Problem(
        "details-not-taken",
        U,
        "Details of a card are recorded with external payments alone, not with {method}.",
        "Leave them out.",
    ),
    Problem(
        "connect-misconfigured",
        U,
        "The Connect system: {detail}.",
        "Mend the configuration file; config check shows all of it.",
    ),
)
del R, U, A, X
