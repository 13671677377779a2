"""Amounts: whole minor units beside a currency, read from and shown to people; never floats."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend_client.domain.card_numbers import MASK, mask_card_numbers, refuse_card_number
from backend_client.domain.problems import Refused
from backend_client.domain.texts import clean_text

MOST_MINOR = 2**53
"""Beyond this a JSON reader may lose a unit."""

_MOST_SHOWN = 9
"""More digits than these may be most of a card's number, and no desk types such an amount."""

_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_TWO_DECIMALS = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
CAD CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL
GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR
LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB
PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP
SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG ZWL
"""
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DECIMALS = "CLF UYW"
_EXPONENTS = {
    code: places
    for places, codes in (
        (0, _NO_DECIMALS),
        (2, _TWO_DECIMALS),
        (3, _THREE_DECIMALS),
        (4, _FOUR_DECIMALS),
    )
    for code in codes.split()
}
_PLAIN = re.compile(r"([0-9]+)(?:[.,]([0-9]+))?")
_GROUPED = re.compile(r"([0-9]{1,3}(?:([,.'’ \u00a0\u202f])[0-9]{3})(?:\2[0-9]{3})*)([.,])([0-9]+)")
_MINOR = re.compile(r"[0-9]+")


def exponent(currency: str) -> int:
    """How many decimals a currency has (ISO 4217); refuses what is not one."""
    try:
        return _EXPONENTS[currency]
    except KeyError:
        given = mask_card_numbers(clean_text(currency, 20))
        raise Refused("currency-unknown", given=given) from None


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with its currency; amounts of different currencies never meet."""

    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        exponent(self.currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.amount_minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount_minor - self._same(other), self.currency)

    def __str__(self) -> str:
        return f"{format_amount(self.amount_minor, self.currency)} {self.currency}"

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise Refused("currency-mismatch", given=other.currency, currency=self.currency)
        return other.amount_minor


def parse_amount(text: str, currency: str) -> int:
    """What a person typed ("12.50", "12,50", "1,450.00") in minor units of `currency`."""
    places = exponent(currency)
    refuse_card_number(text, "amount")
    typed = text.strip()
    whole, decimals = "", ""
    if plain := _PLAIN.fullmatch(typed):
        whole, decimals = plain[1], plain[2] or ""
    elif (grouped := _GROUPED.fullmatch(typed)) and grouped[2] != grouped[3]:
        whole, decimals = re.sub(r"[^0-9]", "", grouped[1]), grouped[4]
    if not whole or len(decimals) > places:
        raise _invalid(text, currency)
    return _bounded(whole + decimals.ljust(places, "0"), text, currency)


def parse_minor(text: str, currency: str) -> int:
    """A whole number of minor units, as the command line takes them."""
    exponent(currency)
    refuse_card_number(text, "amount")
    if not _MINOR.fullmatch(text.strip()):
        raise _invalid(text, currency)
    return _bounded(text.strip(), text, currency)


def format_amount(amount_minor: int, currency: str) -> str:
    """Minor units as people read them: "14.50", "1,450.00"; no separator where no decimals are,
    since "1,450" would read as a decimal comma."""
    places = exponent(currency)
    sign = "-" if amount_minor < 0 else ""
    if not places:
        return f"{sign}{abs(amount_minor)}"
    whole, decimals = divmod(abs(amount_minor), 10**places)
    return f"{sign}{whole:,}.{decimals:0{places}d}"


def described(currency: str, **amounts: int) -> dict[str, str | int]:
    """Details of a refusal: each amount in words for people and as `…_minor` for programs."""
    details: dict[str, str | int] = {"currency": currency}
    for name, amount_minor in amounts.items():
        details[name] = f"{format_amount(amount_minor, currency)} {currency}"
        details[f"{name}_minor"] = amount_minor
    return details


def _bounded(digits: str, text: str, currency: str) -> int:
    number = digits.lstrip("0") or "0"
    if len(number) > len(str(MOST_MINOR)) or int(number) > MOST_MINOR:
        raise _invalid(text, currency)
    return int(number)


def _invalid(text: str, currency: str) -> Refused:
    shown = clean_text(text, 40)
    if sum(letter.isdecimal() for letter in shown) > _MOST_SHOWN:
        shown = "".join(MASK if letter.isdecimal() else letter for letter in shown)
    return Refused("amount-invalid", text=shown, currency=currency, exponent=exponent(currency))
