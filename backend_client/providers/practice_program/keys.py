"""How one is let in to the practice provider: known to all, because it guards nothing."""

from __future__ import annotations

WORLDLINE_KEY_ID = "practice-key"
WORLDLINE_SECRET = "practice-secret"
STRIPE_KEY = "sk_test_practice"
