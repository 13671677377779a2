"""What came of asking a provider is told in words, never by names out of a program."""

from __future__ import annotations

import pytest

from tui.text.attempts import attempt_word, provider_words
from tui.text.names import provider_name
from tui.text.wording import Wording

WORDS = Wording()


@pytest.mark.parametrize(
    ("outcome", "code", "text", "said"),
    [
        ("final", "8", "REFUNDED refunded", ""),
        ("accepted", "81", "REFUND_REQUESTED", ""),
        ("found", "8", "REFUNDED refunded", ""),
        ("declined", "43", "card closed by issuer", "card closed by issuer, 43"),
        ("declined", "43", "", "43"),
        (
            "declined",
            "7",
            "CARD_CLOSED_BY_ISSUER card closed by issuer",
            "card closed by issuer, 7",
        ),
        ("declined", "7", "CARD_CLOSED", "CARD_CLOSED, 7"),
        ("declined", "7", "VISA refused it", "VISA refused it, 7"),
        ("unknown", "cut", "RemoteProtocolError", "the connection broke off"),
        ("unknown", "timeout", "ReadTimeout", "no answer in time"),
        ("not_executed", "connect", "ConnectError", "no connection"),
        ("unknown", "adapter", "KeyError", "its answer could not be read"),
        ("resolved", "not_found", "called them", "not found at the provider · called them"),
        ("noted", "other", "called them", "still open · called them"),
        ("not_found", "still-unclear", "", "asked often enough without a clear answer"),
        ("unknown", "", "", ""),
    ],
)
def test_trouble_is_in_our_words_and_a_refusal_in_the_providers(
    outcome: str, code: str, text: str, said: str
) -> None:
    assert provider_words(WORDS, outcome, code, text) == said


def test_an_outcome_without_a_word_is_told_by_its_name_made_inert() -> None:
    assert attempt_word(WORDS, "final") == "refunded"
    assert attempt_word(WORDS, "odd\x1b[2Jone") == "oddone"


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("connect", "Connect"),
        ("practice", "the practice provider"),
        ("worldline", "Worldline"),
        ("psp", "PSP"),
        ("psp-practice", "the practice provider"),
        ("worldline-test", "Worldline"),
        ("old-psp", "Old-psp"),
        ("", ""),
    ],
)
def test_a_provider_is_called_as_people_call_it(name: str, called: str) -> None:
    assert provider_name(WORDS, name) == called
