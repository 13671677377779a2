"""The rows of the catalogue of problems; texts in English, translations are keyed by code."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from backend_client.domain.problem import Kind, MoneyMoved, Problem, Retry


def _catalogue(*rows: Problem) -> Mapping[str, Problem]:
    table = {row.code: row for row in rows}
    assert len(table) == len(rows), "a code stands twice in the catalogue"
    return MappingProxyType(table)


R, U, N, X, A = Kind.REFUSED, Kind.USAGE, Kind.NOT_FOUND, Kind.UNSURE, Kind.UNAVAILABLE

PROBLEMS: Mapping[str, Problem] = _catalogue(
    # what the selection breaks
    Problem("selection-empty", R, "No line is chosen.", "Choose at least one line."),
    Problem(
        "unknown-line",
        R,
        "Line {sequences} is not in this booking.",
        "Look at the booking's lines and choose from those.",
    ),
    Problem(
        "already-refunded",
        R,
        "Line {sequences} is already part of a refund.",
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
        "A supervisor acknowledges group-broken to give back what is left of it.",
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
        "Give the fee back too, or acknowledge fee-stranded to keep it.",
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
    Problem(
        "not-allowed", R, "{role} {operator} may not do this ({action_name}).", "Ask a supervisor."
    ),
    Problem(
        "limit-exceeded",
        R,
        "{amount} is more than the {limit} allowed without approval.",
        "Ask a supervisor.",
    ),
    # money
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
        "retained-too-much",
        R,
        "{retained} withheld is more than the {value} given back.",
        "Withhold at most {value}.",
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
        "Type at most the first six and last four digits.",
    ),
    Problem(
        "text-invalid",
        U,
        "{field} cannot contain that.",
        "Type plain text of at most {limit} letters.",
    ),
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
        "not-in-review",
        R,
        "Payment {leg} is {state}; only what is in review is decided by a person.",
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
        "void-not-possible",
        R,
        "Refund {refund} cannot be taken back: {why}.",
        "What has left stays given back.",
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
        "Check --store, or import bookings first.",
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
        "{count} checks of the store failed.",
        "Do not pay out from this store until they are cleared up.",
        money_moved=MoneyMoved.UNKNOWN,
    ),
    Problem(
        "reconcile-red",
        X,
        "{count} refunds are not the same here and at the provider.",
        "Do not pay any of them another way until each is cleared up.",
        money_moved=MoneyMoved.UNKNOWN,
    ),
    Problem(
        "audit-broken",
        X,
        "The audit chain is broken at record {seq}.",
        "Keep the store as it is and call whoever looks after it.",
        money_moved=MoneyMoved.UNKNOWN,
    ),
    # unavailable
    Problem(
        "store-locked",
        A,
        "Another program has held the store for {seconds} s.",
        "Try again; nothing was changed.",
        retry=Retry.NOW,
    ),
    Problem(
        "store-read-only",
        A,
        "The store cannot be written to ({store}).",
        "Check the file's permissions and the disk.",
    ),
    Problem(
        "store-corrupt",
        A,
        "The store is damaged ({detail}).",
        "Stop, keep the file, and restore a backup.",
    ),
    Problem(
        "store-newer",
        A,
        "The store was made by a newer version ({found}, this is {known}).",
        "Install the newer ticket-window.",
    ),
    Problem(
        "store-full",
        A,
        "The disk is full.",
        "Free some space; nothing was changed.",
        retry=Retry.NOW,
    ),
    Problem(
        "sqlite-too-old",
        A,
        "SQLite {found} is too old for a store; {needed} or newer is needed.",
        "Install a newer Python or SQLite.",
    ),
    Problem(
        "store-refused",
        A,
        "A guard of the store refused this ({detail}). Nothing was changed.",
        "Read the booking again; if it is refused again, call whoever looks after the store.",
        retry=Retry.AFTER_REREAD,
    ),
    Problem(
        "store-gone",
        A,
        "The store has vanished ({store}).",
        "Check the disk. Nothing more is written until it is back.",
    ),
    Problem(
        "store-unsupported",
        U,
        "{store} is not a store this version can open.",
        "Use sqlite:///path/to/store.db.",
    ),
    Problem(
        "audit-key-missing",
        A,
        "The audit key of this store is missing ({path}).",
        "Put the key file back; nothing is written without it.",
    ),
    Problem(
        "settling-held",
        A,
        "{holder} is already sending for this store, until {until} unless it goes on.",
        "Leave it to that program, or end it first.",
        retry=Retry.NOW,
    ),
    Problem(
        "export-unreadable",
        U,
        "{file}, line {line}: {reason}.",
        "Export again with reference, amount in the smallest unit, currency and state.",
    ),
    Problem(
        "import-refused",
        R,
        "{file}, line {line}: {field}: {reason}.",
        "Nothing of this file was kept. Mend it and import again.",
    ),
    Problem(
        "import-interrupted",
        R,
        "{file} changed while it was being stored, at line {line}.",
        "What came before stays; import the file again, nothing is stored twice.",
        retry=Retry.NOW,
    ),
    Problem("config-invalid", U, "{path}: {detail}.", "Mend the configuration file."),
    Problem(
        "config-red",
        U,
        "Mistakes in the configuration: {count}.",
        "Mend what is listed, then check again.",
    ),
    Problem(
        "provider-misconfigured",
        U,
        "Provider {provider}: {detail}.",
        "Mend the configuration file; config check shows all of it.",
    ),
    Problem(
        "environment-mixed",
        U,
        "Provider {provider} is not for a {environment} house: {detail}.",
        "Never mix test and live: put the right address and key in place.",
    ),
    Problem(
        "secret-missing",
        U,
        "There is no secret {name}.",
        "Put it into {path}, readable by its owner alone, or into the keyring.",
    ),
    Problem(
        "secret-exposed",
        U,
        "The secret in {path} cannot be trusted: {why}.",
        "Make it a file that only its owner can read, and change the key at the provider.",
    ),
    Problem(
        "secret-unusable",
        U,
        "The secret {name} is not one line of plain letters.",
        "Write it again, as the provider gave it.",
    ),
    # mail
    Problem(
        "mail-off",
        U,
        "This house sends no mail.",
        "Write a [mail] section into the configuration file to have it sent.",
    ),
    Problem(
        "mail-server",
        A,
        "The mail server {host} cannot be used: {detail}.",
        "The mail waits and refunds are as they were; try again later.",
        retry=Retry.NOW,
    ),
    Problem(
        "mail-login",
        A,
        "The mail server {host} does not let us in: {detail}.",
        "Mend user or secret in the configuration; the mail waits and refunds are as they were.",
    ),
    # the command line
    Problem("usage", U, "{detail}.", "See {command} --help."),
    Problem(
        "terminal-needed",
        U,
        "The window needs a terminal to draw on, and this is none.",
        "Use the commands instead: {program} --help lists them.",
    ),
    Problem(
        "demo-directory",
        R,
        "{path} holds something else than a practice venue.",
        "Name an empty or new directory with --dir.",
    ),
    Problem(
        "internal",
        A,
        "Something unexpected went wrong ({detail}).",
        "Look the booking up again before doing anything else.",
        money_moved=MoneyMoved.UNKNOWN,
        retry=Retry.AFTER_REREAD,
    ),
)
del R, U, N, X, A
