"""Atomic groups as they are kept in a line."""

from __future__ import annotations

import json
from collections.abc import Sequence


def pack_groups(groups: Sequence[str]) -> str:
    """Empty for a line that goes by itself."""
    return json.dumps(list(groups), ensure_ascii=False) if groups else ""


def unpack_groups(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text)) if text else ()
