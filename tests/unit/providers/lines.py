"""A line to nobody: it keeps what is sent and gives prepared answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from backend_client.providers.http_client import Exchange, Reply, Request


class RecordingLine:
    """Answers in order; the last answer is given again and again."""

    def __init__(self, *answers: Exchange) -> None:
        self._answers: Sequence[Exchange] = answers or (reply(200, {}),)
        self.sent: list[Request] = []
        self.closed = False

    def send(self, request: Request) -> Exchange:
        self.sent.append(request)
        return self._answers[min(len(self.sent), len(self._answers)) - 1]

    def close(self) -> None:
        self.closed = True


def reply(status: int, value: Any) -> Reply:
    """A reply with a JSON body; bytes are sent as they are."""
    return Reply(status, value if isinstance(value, bytes) else json.dumps(value).encode())
