"""How a wrong line is told: its number, its field, the reason, and never what stood there."""

from __future__ import annotations

from pydantic import ValidationError

from backend_client.domain.card_numbers import mask_card_numbers
from backend_client.domain.problems import Refused
from backend_client.domain.texts import clean_text

WHOLE_FILE = "file"
_FIELD_LIMIT = 100

_REASONS = {
    "extra_forbidden": "this field is not known",
    "unexpected_keyword_argument": "this field is not known",
    "missing": "it is missing",
    "string_pattern_mismatch": "it holds letters that cannot be there, or blanks at its ends",
    "timezone_aware": "it needs an offset from UTC",
    "int_type": "it must be a whole number",
    "bool_type": "it must be true or false",
    "string_type": "it must be text",
    "model_type": "it must be an object",
    "model_attributes_type": "it must be an object",
    "dataclass_type": "it must be an object",
    "tuple_type": "it must be a list",
    "list_type": "it must be a list",
}


class WrongBooking(Exception):
    """Something in one booking that cannot be; the reader adds file and line."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason


def refusal(path: str, line: int, field: str, reason: str) -> Refused:
    """Names of fields come from the file too, so they are made inert."""
    shown = mask_card_numbers(clean_text(field, _FIELD_LIMIT)) or "booking"
    return Refused("import-refused", file=path, line=line, field=shown, reason=reason)


def wrong_from(error: ValidationError) -> WrongBooking:
    """The first thing pydantic found."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        return WrongBooking("JSON", _json_reason(first["msg"].partition(": ")[2]))
    said = first["msg"]
    return WrongBooking(
        _path(first["loc"]), _REASONS.get(first["type"], said[:1].lower() + said[1:])
    )


def _json_reason(said: str) -> str:
    if said.startswith("EOF"):
        return f"it ends in the middle ({said})"
    return f"it is not valid JSON ({said})"


def _path(location: tuple[int | str, ...]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")
