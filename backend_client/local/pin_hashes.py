"""PINs as they are kept: Argon2id, slow on purpose, because there are few PINs to try."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

    from backend_client.domain.pins import Pin

TIME_COST, MEMORY_KIB, LANES = 3, 64 * 1024, 1
NOBODY_S = (
    "$argon2id$v=19$m=65536,t=3,p=1$d3GP0VbXTkf7elmSFFjxww$n460wx"
    "hj5IZiAO8Su5GiiTE5EHsjJifLIkMIfvu/zeA"
)
"""The hash of a random text nobody knows: looked at where there is no operator of a name, so that
this takes as long as where there is."""


@cache
def hasher() -> PasswordHasher:
    from argon2 import PasswordHasher  # 20 ms, and only signing in needs it

    return PasswordHasher(time_cost=TIME_COST, memory_cost=MEMORY_KIB, parallelism=LANES)


def hashed(pin: Pin) -> str:
    return hasher().hash(pin.reveal())


def is_right(pin: Pin, kept: str) -> bool:
    """Is this the PIN that is kept so? One that cannot be read is nobody's."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return hasher().verify(kept, pin.reveal())
    except (VerificationError, InvalidHashError):
        return False
