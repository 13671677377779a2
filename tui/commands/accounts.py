"""What `operators` and `clients` share: who is let into a store, listed or changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from backend_client.domain.problems import Refused
from tui.text.columns import folded, table

if TYPE_CHECKING:
    from backend_client.backend import Backend
    from tui.commands.session import Session

T = TypeVar("T")
Told = Callable[[T], Mapping[str, Any]]


@contextmanager
def accounts(session: Session) -> Iterator[Backend]:
    """The store they are kept in. Where there is none, importing bookings is not what was asked
    for: the refusal says how there comes to be one."""
    try:
        with session.backend() as backend:
            yield backend
    except Refused as refused:
        if refused.code != "store-not-found":
            raise
        raise Refused("accounts-without-store", **refused.details) from None


def tell_all(
    session: Session,
    what: str,
    found: Sequence[T],
    told: Told[T],
    row: Callable[[Session, T], Sequence[str]],
    *heads: str,
) -> int:
    """A table for people, whose last column is folded where it meets the edge of a terminal; whole
    rows, however long, for a pipe; JSON for programs."""
    if session.console.json:
        session.console.value({what: [dict(told(one)) for one in found]})
        return 0
    say = session.wording.text
    if not found:
        session.console.data((say(f"command.{what}.none"),))
        return 0
    head = [say(f"command.{what}.head.{name}") for name in heads]
    rows = [row(session, one) for one in found]
    width = session.console.width
    lines = folded(rows, width, head=head) if width else table(rows, head=head)
    session.console.data(lines)
    return 0


def tell_one(session: Session, told: Mapping[str, Any], words: str) -> int:
    if session.console.json:
        session.console.value(told)
    else:
        session.console.data((words,))
    return 0
