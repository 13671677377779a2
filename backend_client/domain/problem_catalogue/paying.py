"""What stands against this amount, or against where it should go."""

from __future__ import annotations

from backend_client.domain.problem import Kind, Problem, Retry

R, U = Kind.REFUSED, Kind.USAGE

ROWS = (
    Problem(
        "amount-mismatch",
        R,
        "The parts make {placed}, but {amount} goes back.",
        "Place exactly {amount}.",
    ),
    Problem(
        "amount-invalid",
        U,
        "“{text}” is not an amount in {currency}.",
        "Type digits, with at most {exponent} decimals.",
    ),
    Problem(
        "rest-twice",
        U,
        "Only one part can take the rest.",
        "Give an amount for all parts but one.",
    ),
    Problem(
        "payment-cap-exceeded",
        R,
        "{payment} has only {left} left, less than {amount}.",
        "Place at most {left} there.",
    ),
    Problem(
        "booking-cap-exceeded",
        R,
        "Only {left} of what was paid is left, less than {amount}.",
        "Read the booking again; earlier refunds are in its history.",
        retry=Retry.AFTER_REREAD,
    ),
    Problem(
        "waiting-first",
        R,
        "{owed} is still owed on the waiting account and is reduced first.",
        "Place {owed} on the waiting account.",
    ),
    Problem(
        "waiting-cap-exceeded",
        R,
        "Only {left} is still owed on the waiting account.",
        "Place at most {left} there.",
    ),
    Problem(
        "unknown-payment",
        R,
        "Payment {payment} is not one of this booking.",
        "Choose one of the booking's payments.",
    ),
    Problem(
        "payment-not-refundable",
        R,
        "{payment} cannot be reversed here.",
        "Choose another method; refund requested always works.",
    ),
    Problem(
        "no-provider",
        R,
        "No payment provider is set up here, so no payment can be reversed.",
        "Choose another method; refund requested always works.",
    ),
    Problem(
        "payment-blocked",
        R,
        "{payment} has a refund at the provider that is not in our books.",
        "Clear it up first: reconcile, then try again.",
    ),
    Problem(
        "payment-too-old",
        R,
        "{payment} is older than its provider gives money back for.",
        "Choose another method; refund requested always works.",
    ),
    Problem(
        "payment-refunds-used",
        R,
        "{payment} has had as many refunds as its provider allows.",
        "Choose another method; refund requested always works.",
    ),
    Problem(
        "credit-needs-contact",
        R,
        "The payer is anonymous, so there is no credit account.",
        "Choose another method.",
    ),
    Problem(
        "payer-ambiguous",
        R,
        "Several people paid this booking.",
        "Name the payment whose payer gets the money.",
    ),
    Problem(
        "unmatched-disabled",
        R,
        "Refunds to a number typed in are switched off.",
        "Choose another method.",
    ),
    Problem(
        "unmatched-once",
        R,
        "One refund loads one gift card, for one payer.",
        "Place one amount on it, and name a payment if several people paid.",
    ),
    Problem(
        "number-required",
        R,
        "The number of the gift card is missing.",
        "Type or scan it; it is used once and never kept.",
    ),
    Problem(
        "number-invalid",
        R,
        "That is not the number of a gift card. It was not kept.",
        "Type its 6 to 32 letters and digits.",
    ),
    Problem(
        "payment-card-number",
        R,
        "That is the number of a payment card. It was not kept.",
        "Money goes back to a payment card only by reversing its own payment.",
    ),
    Problem(
        "number-differs",
        R,
        "Payment {leg} was made for another gift card. Nothing was sent.",
        "Give the number of that gift card, or choose another method for it.",
    ),
    Problem(
        "number-not-needed",
        R,
        "Payment {leg} is {state} and needs no number.",
        "Look at the payment again.",
    ),
    Problem(
        "number-too-late",
        R,
        "Payment {leg} was tried so long ago that the provider may have forgotten it.",
        "Choose another method for it.",
    ),
    Problem(
        "retained-too-much",
        R,
        "{retained} withheld is more than the {value} given back.",
        "Withhold at most {value}.",
    ),
    Problem(
        "fee-currency",
        R,
        "The fee for “{reason}” is {fee}, and this booking is in {currency}.",
        "Choose a reason without a fee; what is to be kept back may be typed in {currency}.",
    ),
    Problem(
        "credit-insufficient",
        R,
        "The account holds {balance}, less than {amount}.",
        "Spend at most {balance}.",
    ),
    Problem(
        "currency-mismatch",
        R,
        "{given} is not the currency of this booking ({currency}).",
        "Amounts are in {currency}.",
    ),
    Problem(
        "currency-unknown",
        U,
        "“{given}” is not a currency.",
        "Use a code of ISO 4217, such as EUR or JPY.",
    ),
    Problem(
        "method-required",
        R,
        "It has not been said how the money goes back.",
        "Choose a method and an amount.",
    ),
    Problem(
        "reference-used",
        R,
        "{reference} has already been used, for {amount}.",
        "Look at the account; another sale needs another reference.",
    ),
    Problem("reason-required", R, "A reason is missing.", "Give a reason, then commit."),
    Problem(
        "reason-unknown",
        U,
        "“{reason}” is not one of this desk's reasons.",
        "Choose one of: {reasons}.",
    ),
    Problem(
        "reference-required",
        R,
        "A reference is missing for {method}.",
        "Type the receipt number of the payment already made.",
    ),
    Problem(
        "acknowledgement-required",
        R,
        "This must be acknowledged first: {codes}.",
        "Read the warning, then acknowledge it.",
    ),
    Problem(
        "full-card-number",
        R,
        "That looks like a full card number. It was not kept.",
        "Type its last four digits at most.",
    ),
    Problem(
        "text-invalid",
        U,
        "{field} cannot contain that.",
        "Type plain text of at most {limit} letters.",
    ),
)
del R, U
