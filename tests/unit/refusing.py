"""Expecting a refusal by its code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from backend_client.domain.problems import Refused


@contextmanager
def refused(code: str) -> Iterator[pytest.ExceptionInfo[Refused]]:
    """The block must be refused with exactly this code; its texts must have all their details."""
    with pytest.raises(Refused) as caught:
        yield caught
    assert caught.value.code == code
    assert "…" not in caught.value.message + caught.value.action, "a detail is missing"
