"""Checks an exported audit log with nothing but the standard library, so an auditor needs no more.

    python -m backend_client.local.verify_audit export.jsonl keyfile [--anchor SEQ:HASH]

The records form a chain: hash = HMAC-SHA256(key, previous hash | canonical record). The file also
works copied somewhere alone. Exit code 0 when the chain holds, 1 when it does not, 2 on bad usage.
"""

from __future__ import annotations

import hmac
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from json.encoder import encode_basestring
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
_BLOCK = 64
"""The block of SHA-256, to which HMAC fills its key up."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many records hold, the hash of the last one, and the first that does not."""

    records: int
    head: str
    broken_at: int | None = None
    why: str = ""


def hashed_under(key: bytes) -> Callable[[bytes], str]:
    """HMAC-SHA256 of messages: the key is worked into its two hashes once, not for each of them."""
    filled = (key if len(key) <= _BLOCK else sha256(key).digest()).ljust(_BLOCK, b"\0")
    inner, outer = sha256(filled.translate(hmac.trans_36)), sha256(filled.translate(hmac.trans_5C))

    def hashed(message: bytes) -> str:
        within, digest = inner.copy(), outer.copy()
        within.update(message)
        digest.update(within.digest())
        return digest.hexdigest()

    return hashed


def message_of(previous: str, values: Iterable[Any]) -> bytes:
    """What is hashed of a record; `values` are its FIELDS in order, `body` as stored text."""
    return f"{previous}|[{','.join(map(_told, values))}]".encode()


def _told(value: Any) -> str:
    """As the encoder would write it, which takes three times as long when asked for each record."""
    if type(value) is str:
        return encode_basestring(value)
    return str(value) if type(value) is int else _ENCODED(value)


def verify(
    key: bytes,
    records: Iterable[Mapping[str, Any]],
    anchor: tuple[int, str] | None = None,
) -> Verdict:
    """Follow the chain to its end; an anchor is a head written down earlier, elsewhere.

    Without an anchor a tail that was cut off cannot be seen.
    """
    count, head, hashed = 0, "", hashed_under(key)
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
        digest = hashed(message_of(head, values))
        if not hmac.compare_digest(digest, str(record.get("hash"))):
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
