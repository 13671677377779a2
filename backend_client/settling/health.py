"""Which providers are to be left alone for the rest of a run, and why."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping

from backend_client.domain.driving import Pause
from backend_client.providers.port import Answer, AnswerClass, Verdict


class Health:
    """Learns from answers; safe to use from many threads.

    A refusal about us (a key, our balance) would be the answer to every other call too; so many
    failures in a row are an outage. Who answers about something else than was asked may do so with
    every other refund: it is asked what became of it, and sent nothing more.
    """

    def __init__(self, outages: int) -> None:
        self._most = outages
        self._lock = threading.Lock()
        self._failures = Counter[str]()
        self._paused: dict[str, Pause] = {}
        self._distrusted: dict[str, Pause] = {}

    @property
    def paused(self) -> Mapping[str, Pause]:
        with self._lock:
            return {**self._distrusted, **self._paused}

    def is_paused(self, provider: str) -> bool:
        with self._lock:
            return provider in self._paused

    def takes_refunds(self, provider: str) -> bool:
        with self._lock:
            return provider not in self._paused and provider not in self._distrusted

    def distrust(self, provider: str, verdict: Verdict) -> None:
        with self._lock:
            said = Pause(verdict.outcome.value, verdict.code, verdict.text)
            self._distrusted.setdefault(provider, said)

    def learn(self, provider: str, answer: Answer) -> None:
        with self._lock:
            if answer.kind is AnswerClass.NOT_EXECUTED:
                self._failures[provider] += 1
            else:
                self._failures[provider] = 0
            out = self._failures[provider] >= self._most
            if answer.kind is AnswerClass.ABOUT_US or out:
                said = Pause(answer.kind.value, answer.code, answer.text, answer.retry_after_s > 0)
                self._paused.setdefault(provider, said)

    def learn_look(self, provider: str, *, answered: bool, text: str) -> None:
        kind = AnswerClass.FINAL if answered else AnswerClass.NOT_EXECUTED
        self.learn(provider, Answer(kind, code="no-answer", text=text))
