"""What customers are written: both languages whole, 72 columns, true words, nothing to act on."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.mail import MailFacts, MailKind, MailLine, MailPart
from backend_client.domain.mailing import MailToSend
from backend_client.domain.refund import BORN_AS, Method
from backend_client.domain.texts import clean_text
from backend_client.mail_settings import LANGUAGES
from backend_client.settling.mail.columns import WIDTH, cells
from backend_client.settling.mail.letter import Letterhead, message_of
from backend_client.settling.mail.texts import words
from tests.unit.builders import NOW

PROMISES = {Method.REQUESTED}
"""Methods no final payment has."""
HEAD = Letterhead("Palais", "office@palais.example", "live")
CARD = MailPart("R-10001.1", Method.MATCHED, 100_000, "VISA •••• 1111")
CREDIT = MailPart("R-10001.2", Method.CREDIT, 44_300, "Bette Davis")
FACTS = MailFacts(
    kind=MailKind.REFUNDED,
    refund="R-10001",
    booking="WPM8TS9",
    name="Bette Davis",
    currency="CHF",
    value_minor=145_000,
    retained_minor=500,
    breach_fee_minor=200,
    amount_minor=144_300,
    lines=(MailLine("Adult", 145_000, "Hamlet G 16"),),
    parts=(CARD, CREDIT),
)
HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Content-Type",
    "Content-Transfer-Encoding",
    "MIME-Version",
    "Content-Language",
]


def to_send(facts: MailFacts = FACTS, language: str = "en") -> MailToSend:
    return MailToSend(
        1, "<r-10001.1.ab@palais.example>", "bette@example.org", language, facts, NOW, 1, 0
    )


def letter(facts: MailFacts = FACTS, language: str = "en", head: Letterhead = HEAD) -> EmailMessage:
    return message_of(to_send(facts, language), head)


def text(facts: MailFacts = FACTS, language: str = "en", head: Letterhead = HEAD) -> str:
    return str(letter(facts, language, head).get_content())


def test_a_letter_in_english() -> None:
    assert (
        text()
        == """\
Hello Bette Davis,

we have refunded 1,443.00 CHF to you for booking WPM8TS9 (refund
R-10001).

Given back
  Adult Hamlet G 16                                             1,450.00
  Value                                                         1,450.00
  Withheld                                                         -5.00
  Cancellation fee                                                 -2.00
  Total                                                     1,443.00 CHF

Where the money went
  Back to VISA •••• 1111                                    1,000.00 CHF
    Your bank may take some days to show it.
  Credited to your customer account                           443.00 CHF

Please name R-10001 if you have a question.

Palais
"""
    )


def test_a_letter_in_french() -> None:
    found = text(language="fr")
    assert "nous vous avons remboursé 1\u00a0443,00 CHF pour la réservation WPM8TS9" in found
    assert "Remboursé sur VISA •••• 1111" in found
    assert letter(language="fr")["Subject"] == "Votre remboursement R-10001"


def test_a_correction_names_what_failed_and_says_that_it_is_owed() -> None:
    facts = replace(FACTS, kind=MailKind.CORRECTED, parts=(CARD,))
    found = text(facts)
    assert "Back to VISA •••• 1111                                    1,000.00 CHF" in found
    assert "1,000.00 CHF is owed to you again." in found
    assert "refunded" not in found
    assert letter(facts)["Subject"] == "Correction of your refund R-10001"


@pytest.mark.parametrize(
    ("parts", "words_of_it"),
    [
        ((CREDIT,), "we have credited"),
        ((replace(CREDIT, method=Method.WAITING),), "we have set"),
        ((CARD, replace(CREDIT, method=Method.WAITING)), "we have refunded"),
    ],
)
def test_the_first_sentence_says_what_really_happened(
    parts: tuple[MailPart, ...], words_of_it: str
) -> None:
    found = text(replace(FACTS, parts=parts))
    assert words_of_it in found
    assert ("refunded" in found) is (words_of_it == "we have refunded")


def test_somebody_elses_credit_is_called_that() -> None:
    found = text(replace(FACTS, parts=(replace(CREDIT, label="Luc Favre"),)))
    assert "Credited to the customer account of Luc Favre" in found


def test_languages_say_the_same_with_the_same_values() -> None:
    def fields(template: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(template) if name}

    english = words("en")
    for language in LANGUAGES:
        other = words(language)
        assert set(other) == set(english)
        for key, template in english.items():
            assert fields(other[key]) == fields(template), (language, key)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("method", sorted(set(BORN_AS) - PROMISES))
@pytest.mark.parametrize("kind", list(MailKind))
def test_every_way_of_paying_has_words(language: str, method: Method, kind: MailKind) -> None:
    part = MailPart("R-10001.1", method, 144_300, "")
    found = text(replace(FACTS, kind=kind, parts=(part,)), language)
    assert "{" not in found
    assert "443" in found


@pytest.mark.parametrize("language", LANGUAGES)
def test_payments_without_a_number_are_named_in_the_language(language: str) -> None:
    for method in PaymentMethod:
        label = method.value.replace("_", " ")
        found = text(replace(FACTS, parts=(replace(CARD, label=label),)), language)
        if f"label.{method.value}" in words(language):
            assert words(language)[f"label.{method.value}"] in found


@pytest.mark.parametrize(("environment", "mark"), [("practice", "[PRACTICE]"), ("test", "[TEST]")])
def test_what_is_not_real_says_so_first(environment: str, mark: str) -> None:
    head = replace(HEAD, environment=environment)
    assert str(letter(head=head)["Subject"]).startswith(mark)
    assert text(head=head).startswith("This is a " if environment == "test" else "This is practice")
    assert "[" not in str(letter()["Subject"])


def test_the_same_mail_is_the_same_bytes() -> None:
    assert letter().as_bytes() == letter().as_bytes()
    assert letter()["Message-ID"] == "<r-10001.1.ab@palais.example>"
    assert letter()["Auto-Submitted"] == "auto-generated"


def test_amounts_have_the_decimals_of_their_currency() -> None:
    facts = replace(FACTS, currency="JPY", parts=(replace(CREDIT, amount_minor=144_300),))
    assert "we have credited 144300 JPY" in text(facts)


def test_a_card_number_in_a_name_is_masked() -> None:
    found = text(replace(FACTS, name="4111 1111 1111 1111", lines=()))
    assert "4111 1111" not in found


LONG = "x" * 999
ANYTHING = st.text(max_size=200) | st.sampled_from(
    [
        "a\r\nBcc: x@y.example",
        "=?utf-8?q?=0D=0ABcc:_x=40y.example?=",
        "==??utf-8?q?=0Aa?=",
        LONG,
    ]
)


@given(name=ANYTHING, description=ANYTHING, label=ANYTHING, house=ANYTHING, booking=ANYTHING)
def test_whatever_people_are_called_headers_stay_and_lines_are_short(
    name: str, description: str, label: str, house: str, booking: str
) -> None:
    facts = replace(
        FACTS,
        name=name,
        booking=booking,
        lines=(MailLine(description, 145_000, name),),
        parts=(replace(CARD, label=label), replace(CREDIT, label=name)),
    )
    message = letter(facts, head=replace(HEAD, house=house))
    parsed = message_from_bytes(message.as_bytes(), policy=policy.SMTP)
    assert isinstance(parsed, EmailMessage)
    assert parsed.keys() == HEADERS
    assert [one.addr_spec for one in parsed["To"].addresses] == ["bette@example.org"]
    assert [one.addr_spec for one in parsed["From"].addresses] == ["office@palais.example"]
    assert parsed["Subject"] == "Your refund R-10001"
    for line in str(parsed.get_content()).splitlines():
        assert cells(line) <= WIDTH
        assert all(letter == " " or clean_text(letter, 1) == letter for letter in line)
