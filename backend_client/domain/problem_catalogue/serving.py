"""What other programs are told that ask us: sales taken elsewhere, and calls as they come in."""

from __future__ import annotations

from backend_client.domain.problem import Kind, MoneyMoved, Problem, Retry

R, U, N, X = Kind.REFUSED, Kind.USAGE, Kind.NOT_FOUND, Kind.UNSURE

ROWS = (
    # the sale of an order, paid elsewhere
    Problem(
        "order-not-found",
        N,
        "No order is known by this session.",
        "Bring the unpaid booking in with its session first.",
    ),
    Problem(
        "order-not-unique",
        R,
        "Several orders are known by this session ({bookings}).",
        "A session names one order; ask whoever made them.",
    ),
    Problem(
        "order-already-paid",
        R,
        "Order {booking} is paid already.",
        "Read the booking; another payment for it is not taken.",
        retry=Retry.AFTER_REREAD,
    ),
    Problem(
        "order-given-back",
        R,
        "Nothing of order {booking} is sold any more.",
        "Read the booking; its refunds are in its history.",
        retry=Retry.AFTER_REREAD,
    ),
    Problem(
        "order-amount-differs",
        R,
        "{amount} is not what order {booking} costs, which is {total}.",
        "Send what was really paid; nothing was recorded.",
    ),
    Problem(
        "booking-other-currency",
        N,
        "{text} is in {currency}, and these calls do not say which currency they count in.",
        "It is paid and given back at a window of the house.",
    ),
    # a call that cannot be understood
    Problem("request-invalid", U, "{field}: {reason}.", "Send the call again, put right."),
    Problem("request-too-large", U, "The call is larger than {limit} bytes.", "Send less."),
    Problem("call-unknown", N, "There is no such call here.", "Look at the address and method."),
    Problem(
        "key-reused",
        R,
        "This key was used for another refund ({refund}).",
        "Send a new key with a new refund, and the same key only with the same one.",
    ),
    Problem(
        "precondition-failed",
        R,
        "The booking is not as it was when you read it.",
        "Read it again, then decide again.",
        retry=Retry.AFTER_REREAD,
    ),
    # what became of the payments of a call
    Problem(
        "first-payment-failed",
        R,
        "No payment was made, and nothing was given back.",
        "Read the booking; the call may be sent again, with another payment too.",
        retry=Retry.AFTER_REREAD,
    ),
    Problem(
        "payment-failed",
        X,
        "No payment was made, but the lines of {refund} are cancelled: {amount} is owed.",
        "Do not send the call again. A person pays {refund} out of the open refunds.",
    ),
    Problem(
        "second-payment-failed",
        X,
        "Of {refund} only a part of {amount} was paid; {owed} is owed.",
        "Do not send the call again. A person pays the rest out of the open refunds.",
        money_moved=MoneyMoved.YES,
    ),
    Problem(
        "awaits-approval",
        X,
        "At this system the refund has the number {refund} and awaits approval: {amount} is not "
        "paid yet.",
        "A supervisor here approves {refund} or refuses it; the booking shows which. Do not send "
        "the call again, and do not pay it another way.",
    ),
    Problem(
        "payment-waits",
        X,
        "A payment of {refund} was not sent yet; {amount} is promised.",
        "Do not send the call again, and do not pay it another way: it is sent when it can be.",
    ),
)
del R, U, N, X
