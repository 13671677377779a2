"""A mail's facts as a message: plain text, the same bytes however often it is made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from backend_client.domain.card_numbers import mask_card_numbers
from backend_client.domain.mail import LONGEST_TEXT, MailFacts, MailKind, MailPart
from backend_client.domain.mailing import MailToSend
from backend_client.domain.money import format_amount
from backend_client.domain.refund import Method
from backend_client.domain.texts import clean_text
from backend_client.settling.mail.columns import WIDTH, pair, wrap
from backend_client.settling.mail.texts import words

INDENT = "  "
LIVE = "live"
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who writes; outside of `live` every mail says that it is not the real thing."""

    house: str
    sender: str
    environment: str
    reply_to: str = ""


def message_of(mail: MailToSend, head: Letterhead) -> EmailMessage:
    """The whole message. Every text of a person is inert, in headers and in the body."""
    letter = _Letter(mail.facts, mail.language, head)
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(_name(head.house), addr_spec=head.sender)
    message["To"] = Address(_name(mail.facts.name), addr_spec=mail.to)
    message["Subject"] = letter.subject()
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = mail.message_id
    if head.reply_to:
        message["Reply-To"] = Address(addr_spec=head.reply_to)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n".join(letter.lines()) + "\n", cte="quoted-printable")
    message["Content-Language"] = mail.language
    return message


class _Letter:
    def __init__(self, facts: MailFacts, language: str, head: Letterhead) -> None:
        self._facts = facts
        self._words = words(language)
        self._head = head
        self._common = {
            "refund": _inert(facts.refund),
            "booking": _inert(facts.booking),
            "amount": self._money(facts.amount_minor),
        }

    def subject(self) -> str:
        warning = "" if self._is_live else self._say(f"subject.{self._not_real}")
        return warning + self._say(f"subject.{self._facts.kind.value}")

    def lines(self) -> Iterator[str]:
        name = _inert(self._facts.name)
        if not self._is_live:
            yield from wrap(self._say(f"note.{self._not_real}"))
            yield ""
        yield from wrap(self._say("hello.name", name=name) if name else self._say("hello.nobody"))
        yield ""
        corrects = self._facts.kind is MailKind.CORRECTED
        yield from self._correction() if corrects else self._account()
        yield ""
        yield from wrap(self._say("note.quote"))
        yield ""
        yield from wrap(_inert(self._head.house))

    @property
    def _is_live(self) -> bool:
        return self._head.environment == LIVE

    @property
    def _not_real(self) -> str:
        return "practice" if self._head.environment == "practice" else "test"

    def _account(self) -> Iterator[str]:
        """What went back, what was withheld, and where the money went."""
        facts = self._facts
        yield from wrap(self._say(f"intro.{self._intro()}"))
        yield ""
        yield self._say("heading.lines")
        for line in facts.lines:
            words = " ".join(part for part in (line.description, line.place) if part)
            yield from _indented(_inert(words), self._amount(line.value_minor))
        withheld = facts.retained_minor or facts.breach_fee_minor
        if withheld:
            yield from _indented(self._say("sum.value"), self._amount(facts.value_minor))
        if facts.retained_minor:
            yield from _indented(self._say("sum.retained"), self._amount(-facts.retained_minor))
        if facts.breach_fee_minor:
            fee = self._amount(-facts.breach_fee_minor)
            yield from _indented(self._say("sum.breach_fee"), fee)
        yield from _indented(self._say("sum.total"), self._money(facts.amount_minor))
        yield ""
        yield self._say("heading.parts")
        for part in facts.parts:
            yield from self._part(part)

    def _correction(self) -> Iterator[str]:
        yield from wrap(self._say("intro.corrected"))
        yield ""
        for part in self._facts.parts:
            yield from _indented(self._where(part), self._money(part.amount_minor))
        yield ""
        owed = self._money(sum(part.amount_minor for part in self._facts.parts))
        yield from wrap(self._say("note.owed", amount=owed))

    def _intro(self) -> str:
        methods = {part.method for part in self._facts.parts}
        if methods == {Method.CREDIT}:
            return "credited"
        return "set_off" if methods == {Method.WAITING} else "refunded"

    def _part(self, part: MailPart) -> Iterator[str]:
        yield from _indented(self._where(part), self._money(part.amount_minor))
        if part.method is Method.MATCHED:
            for line in wrap(self._say("note.matched"), WIDTH - 2 * len(INDENT)):
                yield f"{INDENT * 2}{line}"

    def _where(self, part: MailPart) -> str:
        """Where a payment went; cards are named by their last four digits at most."""
        label = _inert(part.label)
        if part.method is Method.CREDIT and label not in ("", _inert(self._facts.name)):
            return self._say("part.credit_of", label=label)
        label = self._words.get(f"label.{label.replace(' ', '_') or 'card'}", label)
        return self._say(f"part.{part.method.value}", label=label)

    def _say(self, key: str, **values: str) -> str:
        return self._words[key].format_map({**self._common, **values})

    def _amount(self, minor: int) -> str:
        figure = format_amount(minor, self._facts.currency)
        separators = {",": self._words["thousands"], ".": self._words["decimal"]}
        return "".join(separators.get(letter, letter) for letter in figure)

    def _money(self, minor: int) -> str:
        return f"{self._amount(minor)} {self._facts.currency}"


def _indented(left: str, right: str) -> Iterator[str]:
    for line in pair(left, right, WIDTH - len(INDENT)):
        yield f"{INDENT}{line}"


def _inert(text: str) -> str:
    return mask_card_numbers(clean_text(text, LONGEST_TEXT))


def _name(text: str) -> str:
    """A name for a header. Encoded words are taken apart: folding a header decodes them, and what
    they hide may be a new line."""
    return clean_text(_inert(text).replace("=?", "= ?"), LONGEST_NAME)
