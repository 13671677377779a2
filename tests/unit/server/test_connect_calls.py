"""Who may call, what every answer carries, and what is looked for."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend_client.domain.caller import Caller
from backend_client.domain.problems import PROBLEMS, Kind, Refused
from backend_client.domain.scopes import Scope, ScopeWord
from backend_client.server.connect_codes import http_status, result_code
from backend_client.server.connect_face import BASE
from tests.unit.importing.answers import SAMPLE
from tests.unit.server.served import (
    ADMIN,
    BOOKING,
    PAYMENT,
    SEARCH,
    SESSION,
    TOKEN,
    KnownTokens,
    Served,
    fixture,
    place,
    sample,
    serving,
    unpaid,
)

CALL = {"CinemaId": "0001", "BookingId": "WPM8TS9"}
CANARY = "4556737586899855"
SALE = fixture("order-payment-external-sale")


def code_of(said: dict[str, Any]) -> int:
    found: int = said["ResultCode"] if "ResultCode" in said else said["Result"]
    return found


@pytest.mark.parametrize(
    ("token", "status", "code"), [("", 401, 71), ("nobody's", 401, 72), ("revoked", 401, 72)]
)
async def test_nobody_comes_in_without_a_token(
    served: Served, token: str, status: int, code: int
) -> None:
    served.clients.revoked.add("revoked")
    headers = {"connectApiToken": token}
    for path in (BOOKING, SEARCH, PAYMENT):
        answer = await served.post(path, CALL, **headers)
        assert (answer.status_code, code_of(answer.json())) == (200, code)
    for answer in (
        await served.client.get(place(), headers=headers),
        await served.refund(fixture("refund-full-matched"), **headers),
    ):
        assert (answer.status_code, answer.json()["resultCode"]) == (status, code)
        assert answer.headers["www-authenticate"] == "connectApiToken"
    assert (await served.booking())["PaymentsRefunded"] == []


async def test_the_name_of_the_token_is_taken_in_any_case(served: Served) -> None:
    del served.client.headers["connectApiToken"]
    for name in ("CONNECTAPITOKEN", "connectapitoken", "ConnectApiToken"):
        assert (await served.client.get(place(), headers={name: TOKEN})).status_code == 200


async def test_a_token_that_may_not_is_told_79(tmp_path: Path) -> None:
    scopes = {"nothing": Scope(frozenset()), "reader": Scope(frozenset({ScopeWord.BOOKINGS_READ}))}
    async with serving(tmp_path, clients=KnownTokens(scopes)) as served:
        served.sell(sample())
        for token, path, body in (
            ("nothing", BOOKING, CALL),
            ("reader", SEARCH, {"CinemaId": "0001", "FirstName": "a", "LastName": "b"}),
            ("reader", PAYMENT, SALE),
        ):
            answer = await served.post(path, body, connectApiToken=token)
            assert code_of(answer.json()) == 79, path


async def test_the_name_of_a_call_comes_back_and_is_kept(served: Served) -> None:
    answer = await served.post(BOOKING, CALL, correlationId="abc-1:2")
    assert answer.headers["correlationid"] == "abc-1:2"
    answer = await served.refund({"sequencesToRefund": []}, correlationId="abc-2")
    assert answer.headers["correlationid"] == answer.json()["correlationId"] == "abc-2"


@pytest.mark.parametrize("name", ["", "a b", "x" * 81, "<script>", CANARY, "é"])
async def test_a_call_without_a_fit_name_is_given_one(served: Served, name: str) -> None:
    headers = {b"correlationId": name.encode("latin-1"), b"connectApiToken": TOKEN.encode()}
    answer = await served.client.get(place(), headers=headers)
    assert answer.headers["correlationid"].startswith("corr-")


@pytest.mark.parametrize("path", ["/", f"{BASE}/nothing", f"{BASE}/RESTBooking.svc/booking/cancel"])
async def test_a_call_there_is_not_is_404(served: Served, path: str) -> None:
    for answer in (await served.client.get(path), await served.post(path, {})):
        assert (answer.status_code, answer.json()["code"]) == (404, "call-unknown")
        assert "resultCode" not in answer.json(), "no booking is said to be missing"


async def test_a_call_of_another_method_is_404_too(served: Served) -> None:
    assert (await served.client.get(BOOKING)).status_code == 404


async def test_a_call_is_no_larger_than_a_megabyte(served: Served) -> None:
    large = b'{"more": "' + b"x" * 1_000_000 + b'"}'

    async def in_pieces() -> Any:
        for start in range(0, len(large), 65_536):
            yield large[start : start + 65_536]

    for content in (large, in_pieces()):
        answer = await served.client.post(f"{place()}/refund", content=content)
        assert (answer.status_code, answer.json()["code"]) == (413, "request-too-large")
    assert code_of((await served.post(BOOKING, large)).json()) == 4


async def test_a_booking_there_is_not_is_78(served: Served) -> None:
    for call in (
        {"CinemaId": "0002", "BookingId": "WPM8TS9"},
        {"CinemaId": "0001", "BookingId": "NOBODY1"},
        {"CinemaId": "0001", "BookingId": "3638"},
        {"CinemaId": "0001", "BookingId": "WPM8TS9", "VistaTransNumber": "1"},
        {"CinemaId": "0001", "BookingId": "#1"},
    ):
        assert code_of((await served.post(BOOKING, call)).json()) == 78, call
    assert (await served.client.get(place("NOBODY1"))).status_code == 404
    assert (await served.refund(fixture("refund-full-matched"), "NOBODY1")).status_code == 404


async def test_an_id_used_again_is_told_apart_by_its_transaction(served: Served) -> None:
    served.sell(sample(VistaTransactionId=4711, BookingNumber=3999))
    assert code_of((await served.post(BOOKING, CALL)).json()) == 61
    assert (await served.client.get(place())).status_code == 404
    answer = await served.post(BOOKING, CALL | {"VistaTransNumber": 4711})
    assert answer.json()["Booking"]["BookingNumber"] == 3999


async def test_what_is_not_in_the_house_s_currency_is_not_told_in_cents(served: Served) -> None:
    """No call says of what its cents are: whoever asked would take them for the house's."""
    served.sell(sample(BookingId="AAA1111", BookingNumber=3999, **BETTE), currency="EUR")
    there = await served.client.get(place("AAA1111"))
    assert (there.status_code, there.json()["code"]) == (404, "booking-other-currency")
    assert code_of((await served.post(BOOKING, CALL | {"BookingId": "AAA1111"})).json()) == 78
    refund = await served.refund(fixture("refund-full-matched"), "AAA1111")
    assert (refund.status_code, refund.json()["code"]) == (404, "booking-other-currency")
    for call in ({"FirstName": "Bette", "LastName": "Davis"}, {"BookingId": "AAA1111"}):
        found = await served.post(SEARCH, {"CinemaId": "0001", **call})
        assert found.json()["BookingSearchResults"] == []


async def test_a_sale_in_another_currency_is_not_taken(served: Served) -> None:
    served.sell(unpaid(BookingId="AAA1111"), currency="EUR")
    assert code_of((await served.post(PAYMENT, SALE)).json()) == 78


async def test_the_same_id_at_another_site_is_another_booking(served: Served) -> None:
    served.sell(sample(CinemaId="0002", BookingNumber=3999))
    answer = await served.post(BOOKING, CALL | {"CinemaId": "0002"})
    assert answer.json()["Booking"]["BookingNumber"] == 3999
    assert (await served.booking())["BookingNumber"] == 3638


async def test_what_a_token_does_not_reach_stands_in_nobodys_way(tmp_path: Path) -> None:
    scopes = {TOKEN: Scope(frozenset({ScopeWord.BOOKINGS_READ}), frozenset({"0001"}))}
    async with serving(tmp_path, clients=KnownTokens(scopes)) as served:
        served.sell(sample(), sample(CinemaId="0002", BookingNumber=3999))
        assert (await served.booking())["BookingNumber"] == 3638
        assert code_of((await served.post(BOOKING, CALL | {"CinemaId": "0002"})).json()) == 79


BETTE = {
    "FirstName": "Bette",
    "LastName": "Davis",
    "Email": "bette@example.org",
    "MemberId": "77",
    "BookingDateUtc": "2026-03-01T09:30:00Z",
}
FOUND: list[tuple[dict[str, Any], list[str]]] = [
    ({"FirstName": "bette", "LastName": "DAVIS"}, ["AAA1111"]),
    ({"LastName": "Davis", "BookingDate": "2026-03-01"}, ["AAA1111"]),
    ({"LastName": "Davis", "BookingDate": "2026-03-02"}, []),
    ({"LastName": "Davis", "MemberId": "77"}, ["AAA1111"]),
    ({"LastName": "Davis", "MemberId": "78"}, []),
    ({"LastName": "Davis", "CardInfo": {"CardFirst6Digits": "411111"}}, ["AAA1111"]),
    ({"LastName": "Davis", "CardInfo": {"CardLast4Digits": "1112"}}, []),
    ({"MovieName": "Hamlet", "SessionDate": "2026-03-20T00:00:00"}, ["AAA1111"]),
    ({"MovieName": "Hamlet", "SessionDate": "2026-03-21"}, []),
    ({"BookingId": "WPM8TS9"}, ["WPM8TS9"]),
    ({"BookingNumber": 3638}, ["WPM8TS9"]),
    ({"BookingId": "NOBODY1"}, []),
    ({"CinemaId": "0002", "FirstName": "Bette", "LastName": "Davis"}, []),
]


@pytest.mark.parametrize(("call", "found"), FOUND, ids=[str(row[0]) for row in FOUND])
async def test_a_search_finds_what_fits_all_of_it(
    served: Served, call: dict[str, Any], found: list[str]
) -> None:
    ticket = SAMPLE["Booking"]["Tickets"][0] | {
        "MovieName": "Hamlet",
        "SessionId": 4,
        "SessionDateTimeOffset": "2026-03-20T23:15:00+01:00",
    }
    served.sell(
        sample(
            BookingId="AAA1111",
            BookingNumber=3999,
            VistaTransactionId=12,
            Tickets=[ticket],
            **BETTE,
        )
    )
    answer = (await served.post(SEARCH, {"CinemaId": "0001"} | call)).json()
    assert answer["ResultCode"] == 0
    assert [one["BookingId"] for one in answer["BookingSearchResults"]] == found
    assert ("SingleBookingMatch" in answer) is (len(found) == 1)


@pytest.mark.parametrize(
    "call", [{}, {"LastName": "Davis"}, {"SessionDate": "2026-03-20", "BookingDate": "2026-03-01"}]
)
async def test_a_search_for_anybody_is_refused(served: Served, call: dict[str, str]) -> None:
    assert code_of((await served.post(SEARCH, {"CinemaId": "0001"} | call)).json()) == 4


async def test_a_sale_is_recorded_and_can_be_reversed(served: Served) -> None:
    served.sell(unpaid(BookingId="AAA1111", BookingNumber=4887))
    answer = (await served.post(PAYMENT, SALE)).json()
    assert (answer["Result"], answer["ExtendedResultCode"]) == (0, 0)
    assert (answer["CinemaID"], answer["VistaBookingNumber"]) == ("0001", "4887")
    assert answer["VistaTransNumber"].isdecimal()
    assert (await served.post(PAYMENT, SALE)).json() == answer
    booking = await served.booking("AAA1111")
    (payment,) = booking["Payments"]
    assert "IsPaid" not in booking
    assert booking["VistaTransactionId"] == int(answer["VistaTransNumber"])
    assert payment["MaskedCardNumber"] == "4681......5478"
    assert (payment["TenderCategory"], payment["BankReference"]) == ("EXTERNAL", "094834939")
    assert payment["RefundPaymentMethod"] == "PaymentPlus"
    body = {"matchedPaymentDetails": [{"amountInCents": 1000, "paymentId": payment["PaymentId"]}]}
    answer_of_refund = await served.refund(body, "AAA1111")
    assert answer_of_refund.status_code == 200, answer_of_refund.text
    assert (await served.post(PAYMENT, SALE | {"CustomerName": "B."})).json() == answer


@pytest.mark.parametrize("missing", ["ReversalData", "RefundPaymentMethod"])
async def test_without_what_reverses_it_a_sale_goes_back_by_record_alone(
    served: Served, missing: str
) -> None:
    served.sell(unpaid(BookingId="AAA1111"))
    info = {name: value for name, value in SALE["PaymentInfo"].items() if name != missing}
    assert code_of((await served.post(PAYMENT, SALE | {"PaymentInfo": info})).json()) == 0
    (payment,) = (await served.booking("AAA1111"))["Payments"]
    body = {"matchedPaymentDetails": [{"amountInCents": 1000, "paymentId": payment["PaymentId"]}]}
    answer = await served.refund(body, "AAA1111")
    assert (answer.status_code, answer.json()["code"]) == (422, "payment-not-refundable")
    record = {"externalPaymentDetails": [{"amountInCents": 1000, "cardType": "VISA"}]}
    assert (await served.refund(record, "AAA1111")).status_code == 200


async def test_a_sale_that_cannot_be_is_told_its_code(served: Served) -> None:
    served.sell(unpaid(BookingId="AAA1111"))
    other = SALE["PaymentInfo"] | {"PaymentValueCents": 999}
    more = SALE["PaymentInfo"] | {"BankTransactionNumber": "1"}
    for code, body in (
        (62, SALE | {"UserSessionId": "somebody's"}),
        (69, SALE | {"PaymentInfo": other}),
        (4, SALE | {"PerformPayment": True}),
        (0, SALE),
        (83, SALE | {"PaymentInfo": more}),
    ):
        answer = (await served.post(PAYMENT, body)).json()
        assert (answer["Result"], answer["ExtendedResultCode"]) == (code, code)
    booking = await served.booking("AAA1111")
    body = {"externalPaymentDetails": [{"amountInCents": 1000, "cardType": "VISA"}]}
    assert (await served.refund(body, "AAA1111")).status_code == 200
    assert booking["TotalValueCents"] == 1000
    assert code_of((await served.post(PAYMENT, SALE | {"PaymentInfo": more})).json()) == 63


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=lambda problem: problem.code)
def test_every_refusal_has_a_code_and_a_status(problem: Any) -> None:
    refused = Refused(problem.code)
    assert result_code(refused) > 0
    status = http_status(refused)
    assert 400 <= status < 600
    if problem.kind in (Kind.UNSURE, Kind.UNAVAILABLE):
        assert status >= 500


async def test_a_mistake_of_ours_is_told_by_its_kind_alone(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(caller: Caller, reference: str) -> Any:
        raise RuntimeError(f"no room for {CANARY}")

    monkeypatch.setattr(served.backend, "booking", broken)
    answer = await served.post(BOOKING, CALL)
    assert code_of(answer.json()) == 1
    answer = await served.client.get(place())
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert CANARY not in answer.text
    assert [type(one) for one in served.mistakes] == [RuntimeError] * 2


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.DEBUG):
        yield caplog


async def test_a_card_number_is_found_nowhere_afterwards(
    served: Served, logged: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    served.sell(unpaid(BookingId="AAA1111"))
    bodies: list[tuple[str, Any]] = [
        (
            f"{place()}/refund",
            {
                "unmatchedPaymentDetails": [
                    {
                        "amountInCents": 1450,
                        "cardNumber": CANARY,
                        "cardCVC": "Q7Z",
                        "cardType": kind,
                    }
                ]
            },
        )
        for kind in ("VISA", "SVS")
    ]
    record = {"amountInCents": 1450, "cardNumberMasked": CANARY, "cardCVC": "Q7Z"}
    sample = fixture("refund-full-external")["externalPaymentDetails"][0] | {"cardCVC": "Q7Z"}
    info = SALE["PaymentInfo"] | {"CardNumber": CANARY}
    bodies += [
        (f"{place()}/refund", {"externalPaymentDetails": [record]}),
        (f"{place()}/refund", {"externalPaymentDetails": [sample | {"amountInCents": 1}]}),
        (f"{place()}/refund", fixture("refund-full-matched") | {"refundReason": CANARY}),
        (f"{place(CANARY)}/refund", fixture("refund-full-matched")),
        (PAYMENT, SALE | {"PaymentInfo": info}),
        (PAYMENT, SALE | {"CustomerName": CANARY}),
        (BOOKING, CALL | {"BookingId": CANARY}),
        (SEARCH, CALL | {"BookingId": CANARY}),
    ]
    answers = [await served.post(path, body, correlationId=CANARY) for path, body in bodies]
    said = "".join(f"{answer.text}{answer.headers}" for answer in answers)
    kept = "".join(served.backend.audit_export(ADMIN))
    log = "".join(record.getMessage() for record in logged.records if record.name != "httpx")
    for text in (said, kept, log):
        assert CANARY not in text
        assert "Q7Z" not in text
    assert SESSION not in said
