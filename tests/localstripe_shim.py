"""localstripe, made as strict as Stripe: a test program in a process of its own.

`python -m tests.localstripe_shim` prints its address, on loopback, and forgets everything at the
end. By itself localstripe ignores keys and caps, listens everywhere and keeps a file. A charge
described as `dead-…` cannot be refunded, one described as `lost-…` loses the first answer.
"""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Awaitable, Callable

from aiohttp import web
from localstripe import resources
from localstripe.server import app, get_post_data

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def refusal(
    status: int, code: str, message: str, kind: str = "invalid_request_error"
) -> web.Response:
    error = {"type": kind, "message": message, **({"code": code} if code else {})}
    return web.json_response({"error": error}, status=status)


class Strictness:
    """Keys, and the cap of each charge."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, int, bytes]] = {}
        self._at_work: set[str] = set()
        self._lost: set[str] = set()

    async def refund(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        key = request.headers.get("Idempotency-Key", "")
        payload = hashlib.sha256(await request.read()).hexdigest()
        if key in self._at_work:
            return refusal(409, "idempotency_key_in_use", "This key is in use")
        if key in self._known:
            known, status, body = self._known[key]
            if known != payload:
                text = "Keys for idempotent requests can only be used with the same parameters"
                return refusal(400, "", text, "idempotency_error")
            return web.Response(status=status, body=body, content_type="application/json")
        self._at_work.add(key)
        try:
            answer = await self._first(request, handler)
        finally:
            self._at_work.discard(key)
        assert isinstance(answer, web.Response)
        assert isinstance(answer.body, bytes)
        if key and answer.status < 500:
            self._known[key] = (payload, answer.status, answer.body)
        return self._maybe_lost(request, answer)

    async def _first(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        asked = await get_post_data(request)
        charge = resources.store.get(f"charge:{asked.get('charge')}")
        if charge is None:
            return refusal(404, "resource_missing", "No such charge")
        left = charge.amount - sum(
            refund.amount
            for name, refund in resources.store.items()
            if name.startswith("refund:")
            and refund.charge == charge.id
            and refund.status != "failed"
        )
        if left == 0:
            return refusal(400, "charge_already_refunded", "Already refunded")
        if int(asked.get("amount", left)) > left:
            text = f"Refund amount is greater than unrefunded amount on charge ({left})"
            return refusal(400, "", text)
        done = await handler(request)
        if str(charge.description).startswith("dead-"):
            return self._failed(done)
        return done

    def _failed(self, done: web.StreamResponse) -> web.Response:
        assert isinstance(done, web.Response)
        said = json.loads(done.text or "")
        facts = {"status": "failed", "failure_reason": "lost_or_stolen_card"}
        refund = resources.store[f"refund:{said['id']}"]
        for name, value in facts.items():
            setattr(refund, name, value)
        return web.json_response({**said, **facts})

    def _maybe_lost(self, request: web.Request, answer: web.Response) -> web.Response:
        said = json.loads(answer.text or "{}")
        charge = resources.store.get(f"charge:{said.get('charge')}")
        if charge is None or not str(charge.description).startswith("lost-"):
            return answer
        if said["id"] not in self._lost and request.transport is not None:
            self._lost.add(said["id"])
            request.transport.abort()
        return answer


STRICT = Strictness()


@web.middleware
async def strictness(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.method == "POST" and request.path == "/v1/refunds":
        return await STRICT.refund(request, handler)
    return await handler(request)


def main() -> None:
    resources.Store.dump_to_disk = lambda self: None
    app.middlewares.append(strictness)
    line = socket.create_server(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{line.getsockname()[1]}", flush=True)
    web.run_app(app, sock=line, print=None, access_log=None)


if __name__ == "__main__":
    main()
