"""The calls of the Vista Connect document over HTTP, answered by any `Backend`.

The first generation of calls (`RESTBooking.svc`, `RESTTicketing.svc`) always answers 200 with a
result code; the second (`/cinemas/…`) with statuses of HTTP. Beside the document's calls stands one
of our own, `GET /cinemas/{cinemaId}/bookings/{bookingId}`, which carries an `ETag`; the refund call
takes it in `If-Match`, and an `Idempotency-Key`. Nothing here blocks the event loop: the backend is
asked in threads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backend_client.answers import BookingView, RefundOutcome
from backend_client.backend import Backend
from backend_client.domain.caller import Caller
from backend_client.domain.card_numbers import mask_card_numbers
from backend_client.domain.problems import Refused
from backend_client.domain.sale_payment import SaleTaken
from backend_client.ports import TokenSource
from backend_client.server.connect_codes import OK, http_status, result_code
from backend_client.server.connect_finding import find, find_named, search
from backend_client.server.connect_reading import read_booking, read_sale, read_search
from backend_client.server.connect_refunds import (
    RefundCalled,
    begin,
    conclude,
    etag,
    is_settled,
    unknown,
)
from backend_client.server.connect_writing import booking_json, refund_json, sale_json
from backend_client.server.http_calls import body_of, correlation_id, json_answer
from backend_client.server.ports import Clients

BASE = "/WSVistaWebClient"
TOKEN, CORRELATION = "connectApiToken", "correlationId"
LOOKS, LOOK_S = 80, 0.25
"""How often, and how far apart, a refund is looked at whose payments are not through yet."""

T = TypeVar("T")
Saying = Callable[[Refused], Mapping[str, Any]]


class ConnectFace:
    """The routes of the face. `report` is told of mistakes nobody foresaw; `wait` paces looks."""

    def __init__(
        self,
        backend: Backend,
        clients: Clients,
        tokens: TokenSource,
        *,
        report: Callable[[BaseException], object] = lambda _mistake: None,
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._backend = backend
        self._clients = clients
        self._tokens = tokens
        self._report = report
        self._wait = wait

    def app(self) -> Starlette:
        booking = BASE + "/cinemas/{cinema_id}/bookings/{booking_id}"
        app = Starlette(
            routes=[
                Route(f"{BASE}/RESTBooking.svc/booking", self.booking, methods=["POST"]),
                Route(f"{BASE}/RESTBooking.svc/booking/search", self.search, methods=["POST"]),
                Route(f"{BASE}/RESTTicketing.svc/order/payment", self.payment, methods=["POST"]),
                Route(booking, self.read, methods=["GET"]),
                Route(f"{booking}/refund", self.refund, methods=["POST"]),
            ],
            exception_handlers={404: self._unknown, 405: self._unknown},
        )
        # A refund that is sent somewhere else may be sent twice: a wrong address is just wrong.
        app.router.redirect_slashes = False
        return app

    async def booking(self, request: Request) -> Response:
        """GetSingleBooking."""

        def work(caller: Caller, body: bytes) -> dict[str, Any]:
            view = find_named(self._backend, caller, read_booking(body))
            return {"ResultCode": OK, "Booking": self._written(view)}

        return await self._old(request, work, _booking_refused)

    async def search(self, request: Request) -> Response:
        def work(caller: Caller, body: bytes) -> dict[str, Any]:
            found = [self._named(view) for view in search(self._backend, caller, read_search(body))]
            said: dict[str, Any] = {"ResultCode": OK, "ErrorDescription": None}
            if len(found) == 1:
                said["SingleBookingMatch"] = found[0]
            return said | {"BookingSearchResults": found}

        return await self._old(request, work, _booking_refused)

    async def payment(self, request: Request) -> Response:
        """CompleteOrder, for sales whose money was taken elsewhere."""

        def work(caller: Caller, body: bytes) -> dict[str, Any]:
            currency = self._backend.capabilities().currency
            sale = replace(read_sale(body), currency=currency)
            return _sale(self._backend.take_sale_payment(caller, sale))

        return await self._old(request, work, _sale_refused)

    async def read(self, request: Request) -> Response:
        """The same booking as GetSingleBooking, with its version as `ETag`: an extension."""

        async def work(caller: Caller) -> Response:
            place = request.path_params
            view = await run_in_threadpool(
                find, self._backend, caller, place["cinema_id"], booking_id=place["booking_id"]
            )
            said = {"ResultCode": OK, "Booking": await run_in_threadpool(self._written, view)}
            return json_answer(said, headers={"ETag": etag(view.booking)})

        return await self._new(request, work)

    async def refund(self, request: Request) -> Response:
        async def work(caller: Caller) -> Response:
            called = RefundCalled(
                request.path_params["cinema_id"],
                request.path_params["booking_id"],
                await body_of(request),
                request.headers.get("idempotency-key", ""),
                request.headers.get("if-match", ""),
            )
            outcome = await run_in_threadpool(begin, self._backend, caller, called)
            outcome = await self._settled(caller, outcome)
            headers = {"Idempotency-Replayed": "true"} if outcome.already_done else {}
            await run_in_threadpool(conclude, self._backend, caller, outcome)
            return json_answer(refund_json(outcome), headers=headers)

        return await self._new(request, work)

    async def _settled(self, caller: Caller, outcome: RefundOutcome) -> RefundOutcome:
        """The outcome once its payments are through, or as far as they are after a while."""
        replayed, number = outcome.already_done, outcome.refund.number
        for _ in range(LOOKS):
            if is_settled(outcome):
                break
            await self._wait(LOOK_S)
            try:
                outcome = await run_in_threadpool(self._backend.refund, caller, number)
            except Refused:
                # It is committed: a plain no would say that nothing was done.
                raise unknown(outcome) from None
        return replace(outcome, already_done=replayed)

    def _written(self, view: BookingView) -> dict[str, Any]:
        return booking_json(view, ZoneInfo(self._backend.capabilities().zone))

    def _named(self, view: BookingView) -> dict[str, Any]:
        """A booking that was looked for, with its cinema."""
        return {"CinemaId": view.booking.key.site} | self._written(view)

    async def _old(
        self,
        request: Request,
        work: Callable[[Caller, bytes], Mapping[str, Any]],
        refused_as: Saying,
    ) -> Response:
        """A call of the first generation: 200, whatever came of it."""
        correlation = correlation_id(request, CORRELATION, self._tokens)
        headers = {CORRELATION: correlation}
        try:
            caller = await self._caller(request, correlation)
            body = await body_of(request)
            return json_answer(await run_in_threadpool(work, caller, body), headers=headers)
        except Refused as refused:
            return json_answer(refused_as(refused), headers=headers)
        except Exception as mistake:
            return json_answer(refused_as(self._unforeseen(mistake)), headers=headers)

    async def _new(
        self, request: Request, work: Callable[[Caller], Awaitable[Response]]
    ) -> Response:
        """A call of the second generation: a status of HTTP says what came of it."""
        correlation = correlation_id(request, CORRELATION, self._tokens)
        try:
            answer = await work(await self._caller(request, correlation))
        except Refused as refused:
            answer = problem_answer(refused, correlation)
        except Exception as mistake:
            answer = problem_answer(self._unforeseen(mistake), correlation)
        answer.headers[CORRELATION] = correlation
        return answer

    async def _caller(self, request: Request, correlation: str) -> Caller:
        token = request.headers.get(TOKEN, "").strip()
        address = request.client.host if request.client else ""
        return await run_in_threadpool(self._clients.caller_of, token, correlation, address)

    def _unforeseen(self, mistake: Exception) -> Refused:
        """Told by its kind alone: its words may be a customer's."""
        self._report(mistake)
        return Refused("internal", detail=type(mistake).__name__)

    async def _unknown(self, request: Request, _error: Exception) -> Response:
        correlation = correlation_id(request, CORRELATION, self._tokens)
        answer = problem_answer(Refused("call-unknown"), correlation)
        answer.headers[CORRELATION] = correlation
        return answer


def _booking_refused(refused: Refused) -> dict[str, Any]:
    return {"ResultCode": result_code(refused), "ErrorDescription": _words(refused)}


def _sale_refused(refused: Refused) -> dict[str, Any]:
    code = result_code(refused)
    return {"Result": code, "ExtendedResultCode": code, "ErrorDescription": _words(refused)}


def _sale(taken: SaleTaken) -> dict[str, Any]:
    return {"Result": OK, "ExtendedResultCode": OK} | sale_json(taken)


def _words(refused: Refused) -> str:
    return mask_card_numbers(f"{refused.message} {refused.action}")


def _connect_code(refused: Refused) -> dict[str, int]:
    """None for a call there is not: its caller must not take a wrong address for a missing
    booking."""
    return {} if refused.code == "call-unknown" else {"resultCode": result_code(refused)}


def problem_answer(refused: Refused, correlation: str) -> Response:
    """RFC 9457, with Connect's own code beside ours."""
    problem, status = refused.problem, http_status(refused)
    said = {
        "type": f"urn:ticket-window:problem:{refused.code}",
        "title": mask_card_numbers(refused.message),
        "status": status,
        "detail": mask_card_numbers(refused.action),
        "code": refused.code,
        **_connect_code(refused),
        "moneyMoved": problem.money_moved.value,
        "retry": problem.retry.value,
        "correlationId": correlation,
        "details": {
            name: mask_card_numbers(value) if isinstance(value, str) else value
            for name, value in refused.details.items()
        },
    }
    headers = {"WWW-Authenticate": TOKEN} if status == 401 else {}
    if status == 503:
        headers["Retry-After"] = "5"
    return json_answer(said, status, headers=headers, media_type="application/problem+json")
