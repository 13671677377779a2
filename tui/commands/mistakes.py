"""How an unforeseen mistake of ours is told."""

from __future__ import annotations

import traceback
from pathlib import Path


def where(error: BaseException) -> str:
    """An error by its kind and place, never its values: those may be a customer's."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
