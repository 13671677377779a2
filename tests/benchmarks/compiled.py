"""Our modules compiled beforehand, as every installation has them after its first start."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


@contextmanager
def compiled() -> Iterator[Mapping[str, str]]:
    """Variables for a program measured several times: it keeps what it compiled the first time.

    A test runner often forbids that, and the libraries beside us are compiled at any rate.
    """
    with tempfile.TemporaryDirectory() as folder:
        yield {"PYTHONPYCACHEPREFIX": folder, "PYTHONDONTWRITEBYTECODE": ""}
