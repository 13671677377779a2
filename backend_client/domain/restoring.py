"""What becomes of a store whose older copy was put back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Restored:
    """`had` records were written once, `have` are left. `looked_up` payments are looked up before
    they are sent; `due` and `requested` ones may have been paid since, which no provider tells."""

    had: int
    have: int
    looked_up: int
    due: int
    requested: int
