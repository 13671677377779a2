"""What changed meanwhile, what is not found, and what nobody is sure of."""

from __future__ import annotations

from backend_client.domain.problem import Kind, MoneyMoved, Problem, Retry

R, N, X = Kind.REFUSED, Kind.NOT_FOUND, Kind.UNSURE

ROWS = (
    # what changed meanwhile
    Problem(
        "plan-stale",
        R,
        "The booking has changed since this preview ({changed}).",
        "Look at the new preview, then decide again.",
        retry=Retry.AFTER_REREAD,
    ),
    Problem(
        "being-refunded",
        R,
        "Already given back by {operator}, {at} at desk {desk} ({refund}).",
        "Look at refund {refund}.",
        retry=Retry.AFTER_REREAD,
    ),
    Problem(
        "method-not-changeable",
        R,
        "Payment {leg} is {state}; its method stays as it is.",
        "Only what is requested, declined or due can be changed.",
    ),
    Problem(
        "already-decided",
        R,
        "{operator} decided about {refund} already: it was {decision}.",
        "Look at the refund again.",
        retry=Retry.AFTER_REREAD,
    ),
    Problem(
        "not-awaiting-approval",
        R,
        "{refund} does not wait for approval; it is {status}.",
        "Look at the refund again.",
    ),
    Problem(
        "not-due",
        R,
        "Payment {leg} is {state}; only what is due is handed over.",
        "Look at it again: it may have been ticked off already.",
    ),
    Problem(
        "nothing-proposed",
        R,
        "Nobody said yet what became of payment {leg}, so there is nothing to confirm.",
        "Look at the payment again.",
    ),
    Problem(
        "resolution-own",
        R,
        "{operator} said what became of {leg}: whoever says it does not confirm it.",
        "Ask another supervisor.",
    ),
    Problem(
        "not-in-review",
        R,
        "Payment {leg} is {state}; a person decides what is in review or has no provider left.",
        "Look at the payment again.",
        retry=Retry.AFTER_REREAD,
    ),
    Problem(
        "provider-reference-used",
        R,
        "{reference} is the provider's name of payment {leg}.",
        "Look again at the provider: each of its refunds pays once.",
    ),
    Problem(
        "evidence-required",
        R,
        "It has not been said what was found out.",
        "Write down where you looked and what you saw.",
    ),
    Problem(
        "more-than-paid",
        R,
        "With this refund more than was paid has gone back or is promised: {gone} of {paid}.",
        "Look whether it is a payment recorded by hand, and take back what is open; acknowledge "
        "more-than-paid to accept it all the same.",
    ),
    Problem(
        "void-not-possible",
        R,
        "Refund {refund} cannot be taken back: {why}.",
        "Look at it and its booking: only what is whole in the house still is taken back.",
    ),
    Problem(
        "already-voided",
        R,
        "Refund {refund} has been taken back already.",
        "There is nothing left of it to take back.",
        retry=Retry.AFTER_REREAD,
    ),
    Problem(
        "seat-taken", R, "Seat {seat} has been sold again.", "The refund stays; sell another seat."
    ),
    # not found
    Problem(
        "booking-not-found", N, "No booking “{text}”.", "Check the number, or look for the name."
    ),
    Problem(
        "booking-not-unique",
        N,
        "“{text}” fits several bookings: {bookings}.",
        "Name one of them by site:booking:transaction.",
    ),
    Problem("refund-not-found", N, "No refund “{text}”.", "Check the number."),
    Problem(
        "receipt-none",
        N,
        "Nothing of booking {text} was given back here: there is no receipt.",
        "show without --receipt tells what can go back.",
    ),
    Problem("leg-not-found", N, "No refund payment “{text}”.", "It looks like R-10001.1."),
    Problem(
        "found-refund-unknown",
        N,
        "No refund {reference} of {payment} was found at a provider that is not in our books.",
        "Reconcile first; it lists the payment and the refund.",
    ),
    Problem("contact-not-found", N, "No contact “{text}”.", "Check the number."),
    Problem(
        "store-not-found",
        N,
        "There is no store at {store}.",
        "Import bookings first, or build the practice venue with the command demo and name it by "
        "the --config it prints, or its --store.",
    ),
    Problem("file-not-found", N, "There is no file {path}.", "Check the path."),
    # not sure
    Problem(
        "outcome-unknown",
        X,
        "The provider did not answer clearly; {amount} is being checked.",
        "Do not pay it another way. Refund {refund} shows the outcome.",
        money_moved=MoneyMoved.UNKNOWN,
    ),
    Problem(
        "commit-unknown",
        X,
        "It is not certain that the store kept this.",
        "Look the booking up again before doing anything else.",
        money_moved=MoneyMoved.UNKNOWN,
        retry=Retry.AFTER_REREAD,
    ),
    Problem("needs-person", X, "{what} needs a person to decide.", "Ask a supervisor."),
    Problem(
        "number-needed",
        X,
        "{what} waits for the number of its gift card.",
        "Give the number of the same gift card again, or choose another method for it.",
    ),
    Problem(
        "partly-paid-out",
        X,
        "{what} needs a person to decide; {paid} of this refund has been paid out.",
        "Pay only what is left another way, or ask a supervisor.",
        money_moved=MoneyMoved.YES,
    ),
    Problem(
        "outcome-in-review",
        X,
        "{what} needs a person to decide.",
        "Do not pay it another way. A supervisor decides with the provider's evidence.",
        money_moved=MoneyMoved.UNKNOWN,
    ),
    Problem(
        "doctor-red",
        X,
        "Checks of the store that failed: {count}.",
        "Do not pay out from this store until they are cleared up.",
        money_moved=MoneyMoved.UNKNOWN,
    ),
    Problem(
        "reconcile-red",
        X,
        "Refunds that are not the same here and at the provider: {count}.",
        "Do not pay any of them another way until each is cleared up.",
        money_moved=MoneyMoved.UNKNOWN,
    ),
    Problem(
        "reconcile-unanswered",
        X,
        "Not every list of refunds could be read; nothing is proved about those of {providers}.",
        "Reconcile again later; until then pay none of them another way.",
        money_moved=MoneyMoved.UNKNOWN,
    ),
    Problem(
        "audit-broken",
        X,
        "The audit chain is broken at record {seq}.",
        "Keep the store as it is and call whoever looks after it.",
        money_moved=MoneyMoved.UNKNOWN,
    ),
)
del R, N, X
