"""From what somebody typed to an expression of the index; any text makes a harmless one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from backend_client.local.search_text import PHONE_DIGITS, normalise, without_top_level

TEXT_LIMIT = 200
WORDS_LIMIT = 8
_SHORTEST_PHONE = 5
_LONGEST_COUNTRY_CODE = 3
_PHONE = re.compile(r"\+?[\d\s().\-/]+")


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed, made plain: one line, its search words, the expressions for the index.

    `domain` are the words behind the @ of an address: half of all bookings have the same, so they
    only say which hits are the best.
    """

    text: str
    words: tuple[str, ...]
    domain: frozenset[str] = frozenset()

    @property
    def expressions(self) -> tuple[str, ...]:
        """The best hits first: whole words only; the last word still being typed; beginnings."""
        if not self.words:
            return ()
        quoted = [f'"{word}"' for word in self.words]
        typing = len(quoted) > 1 and self.words[-1] not in self.domain
        last = (_all([*quoted[:-1], f"{quoted[-1]}*"]),) if typing else ()
        return (_all(quoted), *last, self.prefixes)

    @property
    def prefixes(self) -> str:
        """Every word as the beginning of one, all of them; or the whole as a phone number."""
        asked = _all(_either(word) for word in self.words if word not in self.domain)
        phones = _phone_parts(self.text) if len(self.words) > 1 else ()
        return " OR ".join([f"({asked})", *(_phone(part) for part in phones)])

    @property
    def whole_references(self) -> str:
        """Every word as a whole word of the references."""
        if not self.words:
            return ""
        return "ref : ({})".format(_all(f'"{word}"' for word in self.words))


def query_from(typed: str) -> Query:
    text = typed[:TEXT_LIMIT].encode("utf-8", "ignore").decode().strip()
    words: list[str] = []
    domain: set[str] = set()
    others: set[str] = set()
    for part in text.split():
        head, at, tail = without_top_level(part).partition("@")
        local, behind = normalise(head).split(), normalise(tail).split()
        words += local + behind
        others.update(local)
        (domain if at and local else others).update(behind)
    chosen = tuple(dict.fromkeys(words))[:WORDS_LIMIT]
    return Query(text, chosen, frozenset(domain - others))


def _all(parts: Iterable[str]) -> str:
    return " AND ".join(parts)


def _either(word: str) -> str:
    """A long number may be a phone number with its zeros."""
    phones = _phone_parts(word) if word.isdecimal() else ()
    if not phones:
        return f'"{word}"*'
    return "({})".format(" OR ".join([f'"{word}"*', *(_phone(part) for part in phones)]))


def _phone(part: str) -> str:
    return f'phone : "{part}" *'


def _phone_parts(text: str) -> tuple[str, ...]:
    """What of a typed phone number may begin the stored last digits; () if it is none."""
    if not _PHONE.fullmatch(text):
        return ()
    digits = "".join(letter for letter in text if letter in "0123456789")
    significant = digits.lstrip("0")
    if len(significant) < _SHORTEST_PHONE:
        return ()
    if len(significant) >= PHONE_DIGITS:
        return (significant[-PHONE_DIGITS:],)
    if text.startswith("+") or digits.startswith("00"):
        cuts = (significant[cut:].lstrip("0") for cut in range(1, _LONGEST_COUNTRY_CODE + 1))
        return tuple(dict.fromkeys(part for part in cuts if len(part) > 1))
    return (significant,) if digits.startswith("0") else ()
