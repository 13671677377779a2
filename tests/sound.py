"""What the doctor finds at the end of a test: nothing, or by check what is wrong."""

from __future__ import annotations

from collections.abc import Mapping

from backend_client.reports import DoctorReport


def wrong(report: DoctorReport) -> Mapping[str, tuple[str, ...]]:
    """Findings by check; compared with `{}`, so that a test that fails shows them."""
    return {check.code: check.findings for check in report.checks if not check.ok}
