"""What stands against giving these lines back: the selection, and the policy of the house."""

from __future__ import annotations

from backend_client.domain.problem import Kind, Problem, Retry

R = Kind.REFUSED

ROWS = (
    # what the selection breaks
    Problem("selection-empty", R, "No line is chosen.", "Choose at least one line."),
    Problem(
        "unknown-line",
        R,
        "Not in this booking: line {sequences}.",
        "Look at the booking's lines and choose from those.",
    ),
    Problem(
        "already-refunded",
        R,
        "Part of a refund already: line {sequences}.",
        "Read the booking again; the refund is in its history.",
        retry=Retry.AFTER_REREAD,
    ),
    Problem(
        "line-not-sold",
        R,
        "Line {sequences} is {state}, so nothing is left to give back.",
        "Choose other lines.",
    ),
    Problem(
        "group-incomplete",
        R,
        "Lines {required} go back as one: {chosen} alone cannot.",
        "Choose {required} together.",
    ),
    Problem(
        "group-broken",
        R,
        "Part of this package or deal (line {gone}) was already given back elsewhere.",
        "A supervisor gives back what is left of it.",
    ),
    Problem(
        "group-blocked",
        R,
        "Line {sequences} goes back only with line {blocked}, which cannot.",
        "Look at the reason on line {blocked}.",
    ),
    Problem(
        "only-fees-left",
        R,
        "Only fees are left, so the booking counts as cancelled.",
        "These fees can never be given back through the booking.",
    ),
    Problem(
        "fee-stranded",
        R,
        "Fee line {sequences} would stay and could never go back later.",
        "Give the fee back too, or acknowledge that it stays.",
    ),
    Problem(
        "price-ambiguous",
        R,
        "Line {sequences}: it is not clear whether the price is per piece or for the line.",
        "Ask the ticketing system; the amount must be known before it goes back.",
    ),
    # policy
    Problem(
        "collected",
        R,
        "Line {sequences} was collected, and collected tickets stay sold.",
        "Ask a supervisor whether the policy should change.",
    ),
    Problem(
        "cut-off",
        R,
        "Line {sequences}: the performance has begun or is about to.",
        "Refunds end {cut_off_minutes} minutes before the start.",
    ),
    Problem(
        "channel-not-refundable",
        R,
        "Bookings sold through {channel} are not refunded here.",
        "Send the customer to where the tickets were bought.",
    ),
    Problem(
        "shipment-kept",
        R,
        "Shipment (line {sequences}) goes back only with the last line.",
        "Choose all tickets and concessions, or leave the shipment.",
    ),
    Problem(
        "fee-kept-by-policy",
        R,
        "Fee line {sequences} is not given back by policy.",
        "Leave the fee out.",
    ),
    Problem(
        "cash-for-card",
        R,
        "What was paid by card is not given back in cash.",
        "Choose the card, or refund requested.",
    ),
    Problem(
        "method-not-allowed",
        R,
        "{method} is not a method this desk may use.",
        "Choose another method.",
    ),
    Problem(
        "not-paid",
        R,
        "This booking has not been paid, so there is nothing to give back.",
        "Cancel the reservation in the ticketing system.",
    ),
    Problem("not-allowed", R, "{role} {operator} may not do this ({action_name}).", "Ask {who}."),
    Problem(
        "limit-exceeded",
        R,
        "{amount} is more than the {limit} allowed without approval.",
        "Ask a supervisor.",
    ),
    Problem(
        "needs-approval",
        R,
        "This is more than {amount} at once: it waits until a supervisor approves it.",
        "Commit it, and have it approved; until then nothing is paid out.",
    ),
    Problem(
        "needs-approval-day",
        R,
        "With this more than {amount} goes back in a day: it waits until a supervisor approves it.",
        "Commit it, and have it approved; until then nothing is paid out.",
    ),
    Problem(
        "needs-approval-second",
        R,
        "This is more than {amount} at once: it waits until another supervisor approves it.",
        "Commit it, and have it approved; until then nothing is paid out.",
    ),
    Problem(
        "needs-approval-currency",
        R,
        "Limits are in the house's currency: in another one it waits until another supervisor "
        "approves it.",
        "Commit it, and have it approved; until then nothing is paid out.",
    ),
    Problem(
        "limit-other-currency",
        R,
        "Limits are in {house_currency}: {amount} is not yours to decide alone.",
        "Ask a supervisor.",
    ),
    Problem(
        "approval-own-refund",
        R,
        "{operator} made {refund}: whoever makes a refund does not approve it.",
        "Ask another supervisor.",
    ),
)
del R
