"""Checks an exported audit log with nothing but the standard library, so an auditor needs no more.

    python -m backend_client.local.verify_audit export.jsonl keyfile [--anchor SEQ:HASH]

The records form a chain: hash = HMAC-SHA256(key, previous hash | canonical record). The file also
works copied somewhere alone. Exit code 0 when the chain holds, 1 when it does not, 2 on bad usage.
"""

from __future__ import annotations

import hmac
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

FIELDS = (
    "seq",
    "at_us",
    "operator",
    "role",
    "desk",
    "entrance",
    "correlation_id",
    "action",
    "object",
    "body",
)
"""What a record's hash covers, in this order, as one JSON array."""

_FIELDS_OF = itemgetter(*FIELDS)
_ENCODED = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""Made once: a new encoder and a new HMAC object for each record took most of the time."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many records hold, the hash of the last one, and the first that does not."""

    records: int
    head: str
    broken_at: int | None = None
    why: str = ""


def record_hash(key: bytes, previous: str, values: tuple[Any, ...]) -> str:
    """The hash of one record; `values` are its FIELDS in order, `body` as stored text."""
    return hmac.digest(key, f"{previous}|{_ENCODED(values)}".encode(), "sha256").hex()


def verify(
    key: bytes,
    records: Iterable[Mapping[str, Any]],
    anchor: tuple[int, str] | None = None,
) -> Verdict:
    """Follow the chain to its end; an anchor is a head written down earlier, elsewhere.

    Without an anchor a tail that was cut off cannot be seen.
    """
    count, head = 0, ""
    for record in records:
        seq = record.get("seq")
        if seq != count + 1:
            return Verdict(count, head, count + 1, f"record {count + 1} is missing")
        if record.get("prev") != head:
            return Verdict(count, head, seq, "does not follow the record before it")
        try:
            values = _FIELDS_OF(record)
        except KeyError:
            values = tuple(record.get(name) for name in FIELDS)
        if not hmac.compare_digest(record_hash(key, head, values), str(record.get("hash"))):
            return Verdict(count, head, seq, "was changed after it was written")
        count, head = seq, str(record["hash"])
        if anchor is not None and anchor[0] == seq and anchor[1] != head:
            return Verdict(count, head, seq, "is not the record the anchor was taken from")
    if anchor is not None and anchor[0] > count:
        return Verdict(count, head, count + 1, f"the log was cut: the anchor is at {anchor[0]}")
    return Verdict(count, head)


def lines_of(path: str) -> Iterator[dict[str, Any]]:
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip():
                record = json.loads(line)
                yield record if isinstance(record, dict) else {}


def read_key(path: str) -> bytes:
    """The key as kept in its file: hexadecimal text."""
    with open(path, encoding="ascii") as file:
        return bytes.fromhex(file.read().strip())


def _anchor(text: str) -> tuple[int, str]:
    seq, _, digest = text.partition(":")
    return int(seq), digest


def main(arguments: list[str] | None = None) -> int:
    import argparse  # every store opened loads this module, and none of them needs it

    parser = argparse.ArgumentParser(prog="verify_audit", description="Check an audit export.")
    parser.add_argument("export", help="records as JSON lines, oldest first")
    parser.add_argument("keyfile", help="the store's .audit-key file")
    parser.add_argument("--anchor", type=_anchor, help="SEQ:HASH written down earlier")
    wanted = parser.parse_args(arguments)
    try:
        verdict = verify(read_key(wanted.keyfile), lines_of(wanted.export), wanted.anchor)
    except (OSError, ValueError) as error:
        print(f"cannot read it: {type(error).__name__}", file=sys.stderr)
        return 2
    if verdict.broken_at is not None:
        print(f"BROKEN at record {verdict.broken_at}: {verdict.why}")
        return 1
    print(f"ok: {verdict.records} records, head {verdict.records}:{verdict.head}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
