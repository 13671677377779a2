"""Every result code of Connect that is known, and what it says by itself about a refund."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from backend_client.domain.connect_outcome import (
    Became,
    Intended,
    IntendedPayment,
    SeenRefund,
    Signal,
    Snapshot,
    classify,
    signal_of_code,
)

KNOWN: Mapping[Signal, Mapping[int, str]] = {
    Signal.CLEAN: {0: "OK"},
    Signal.INVALID: {
        4: "InvalidRequestData",
        69: "PaymentValueNotEqualOrderTotal",
        80: "BookingPaymentDataMismatch",
        81: "PaymentDoesNotExist",
    },
    Signal.DECLINED: {12: "PaymentDeclined", 13: "PaymentSystemError", 57: "PaymentErrorPreCommit"},
    Signal.AFTER_PAYMENT: {
        14: "PostChargeCommitError",
        24: "PaymentSuccessWithErrors",
        56: "PaymentsProcessed",
    },
    Signal.ALREADY: {49: "BookingAlreadyCancelled", 63: "OrderHasBeenRefunded"},
    Signal.WRONG_BOOKING: {
        47: "booking not identified",
        61: "OrderCannotBeUniquelyIdentified",
        62: "OrderDoesNotExist",
        73: "SiteNotFound",
        78: "BookingNotFound",
    },
    Signal.FORBIDDEN: {
        45: "ExternalPaymentsDisabled",
        66: "PerformPaymentDisallowed",
        71: "ConnectApiTokenNotSpecified",
        72: "ConnectApiTokenInvalid",
        79: "ConnectApiTokenForbidden",
    },
    Signal.UNSURE: {
        1: "UnexpectedError",
        2: "DBError",
        3: "MembershipError",
        5: "CinemaConnectError",
        6: "LoyaltyConnectError",
        7: "InsufficientPoints",
        8: "SeatsUnavailable",
        9: "FailedSeatDataRetrieve",
        10: "FailedOrderValueProcess",
        11: "PrepareOrderForCompleteError",
        15: "UnpaidBookingsDisallowed",
        16: "VouchersDisallowed",
        17: "MemberNotFound",
        18: "MemberPasswordIncorrect",
        19: "LoyaltyTimeout",
        20: "LoyaltyUserNameAlreadyExists",
        21: "LoyaltyNotSupportedAtCinema",
        22: "MemberEmailIncorrect",
        23: "MemberLoginResetDisallowed",
        25: "PaymentVoidSuccessPostCommit",
        26: "PaymentVoidSuccessPreCommit",
        27: "PaymentVoidSuccessPayTotalMismatch",
        28: "FailedToAllocateCard",
        31: "CouldNotAllocateContiguousSeats",
        36: "OrderInitFailed",
        37: "CardWalletAccessTokenInvalid",
        39: "RefundBookingFailed",
        48: "booking not cancellable because paid",
        50: "SessionUnavailable",
        51: "TicketsNotOnSale",
        64: "override disallowed",
        65: "override disallowed",
        70: "of no known name",
        82: "WebPaymentModuleConnectionFailed",
        83: "OrderIsAlreadyBeingCompleted",
        92: "OrderLockedForAsynchronousCompletion",
        98: "ExternalCardWalletUnavailable",
    },
}
"""What is about sales and members, and never said of a refund, is unsure as well: whoever is not
sure reads the booking again, and nothing is sent twice."""
CODES = [(code, signal) for signal, codes in KNOWN.items() for code in codes]
MEANT = Intended(frozenset({1, 2}), (IntendedPayment(1000, "OPH-1"), IntendedPayment(450, "OPH-2")))
BEFORE = Snapshot({1: False, 2: False})
FIRST, SECOND = SeenRefund(1000, "OPH-1"), SeenRefund(450, "OPH-2")
ALL = {1: True, 2: True}
SAY_NO = {Signal.INVALID, Signal.DECLINED, Signal.WRONG_BOOKING, Signal.FORBIDDEN}


@pytest.mark.parametrize(("code", "signal"), CODES)
def test_every_known_code_says_one_thing(code: int, signal: Signal) -> None:
    assert signal_of_code(code) is signal


def test_none_is_listed_twice_and_the_rest_is_unsure() -> None:
    codes = [code for code, _ in CODES]
    assert len(codes) == len(set(codes))
    others = set(range(-1, 1000)) - set(codes)
    assert {signal_of_code(code) for code in others} == {Signal.UNSURE}


@pytest.mark.parametrize(("code", "signal"), CODES)
def test_no_code_is_believed_against_what_the_booking_shows(code: int, signal: Signal) -> None:
    said = signal_of_code(code)
    nothing = classify(MEANT, BEFORE, BEFORE, said).became
    assert nothing is (Became.NOT_DONE if signal in SAY_NO else Became.UNKNOWN)
    half = classify(MEANT, BEFORE, Snapshot(BEFORE.gone, (FIRST,)), said).became
    assert half is Became.SECOND_FAILED
    paid = classify(MEANT, BEFORE, Snapshot(BEFORE.gone, (FIRST, SECOND)), said).became
    assert paid is Became.AFTER_PAYMENT
    less = classify(MEANT, BEFORE, Snapshot(ALL, (FIRST,)), said).became
    assert less is Became.UNDERPAID
    whole = classify(MEANT, BEFORE, Snapshot(ALL, (FIRST, SECOND)), said).became
    assert whole is Became.SUCCEEDED
    assert classify(MEANT, BEFORE, None, said).became is Became.UNREAD
