"""How wide a column of free text gets in what a command prints."""

from __future__ import annotations

NAME = 30
DESCRIPTION = 34
ADVICE = 72
