"""What customers are written: one file of words a language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

FOLDER = Path(__file__).parent


@cache
def words(language: str) -> Mapping[str, str]:
    """The words of a language by dotted key, `intro.refunded`."""
    with (FOLDER / f"{language}.toml").open("rb") as file:
        table: dict[str, Any] = tomllib.load(file)
    flat = {key: text for key, text in table.items() if isinstance(text, str)}
    for group, texts in table.items():
        if isinstance(texts, dict):
            flat |= {f"{group}.{key}": str(text) for key, text in texts.items()}
    return MappingProxyType(flat)
