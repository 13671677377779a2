"""What the database itself refuses of approvals: another's, of what is there, and for ever."""

from __future__ import annotations

from collections.abc import Iterator

from backend_client.local.triggers import ANOTHER, refusal, written_once


def statements() -> Iterator[str]:
    for table in ("run_approval", "run_limit"):
        yield from written_once(table, "run_id")
    another = ANOTHER.format(one="operator", other="NEW.operator")
    yield refusal(
        "run_approval_meant",
        "INSERT ON run_approval",
        "NOT EXISTS (SELECT 1 FROM run WHERE id = NEW.run_id AND state = 'simulated' "
        f"AND fingerprint = NEW.fingerprint AND {another})",
        "another approves exactly what was simulated",
    )
    yield refusal(
        "run_approval_in_time",
        "INSERT ON run_approval",
        "EXISTS (SELECT 1 FROM run WHERE simulation_id = NEW.run_id)",
        "what is live already needs no approval",
    )
    yield refusal(
        "run_limit_live",
        "INSERT ON run_limit",
        "(SELECT mode FROM run WHERE id = NEW.run_id) IS NOT 'live'",
        "limits are those of a live run",
    )
