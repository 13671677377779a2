"""Reading ahead: what is looked at next is read while one decides about what there is."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def ahead(pages: Iterator[T]) -> Generator[T, None, None]:
    """The same pages, each read on a thread of its own while the one before is out.

    SQLite reads without Python's lock. What a reading raises is raised where its page would have
    come; whoever closes this early waits for the reading that is under way, and none follows.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="run-pages") as thread:
        coming = thread.submit(next, pages, None)
        while (page := coming.result()) is not None:
            coming = thread.submit(next, pages, None)
            yield page
