"""The invariants of the store as SQL: each statement selects what breaks one, in words.

Counters, caps and sums are worked out from the legs, never from what the counters say. The codes
of reliability checks (L…) follow the list of money invariants this project keeps.
"""

from __future__ import annotations

from dataclasses import dataclass

from backend_client.domain.refund import IN_FLIGHT, TRANSITIONS, LegState
from backend_client.local.triggers import OVER, TO_PAYMENT, in_list

MOST = 2**53
PAID = in_list({LegState.SUCCEEDED, LegState.CREDITED, LegState.RECORDED})
_SENT = in_list(IN_FLIGHT | {LegState.SUCCEEDED, LegState.FAILED_LATE})
_LEG = "r.number || '.' || l.ordinal"
_LEGAL = " OR ".join(
    f"(before = '{before}' AND after IN {in_list(after)})"
    for before, after in TRANSITIONS.items()
    if after
)
_ANSWERED = in_list(TRANSITIONS[LegState.SENDING])


@dataclass(frozen=True, slots=True)
class SqlCheck:
    """`statement` selects one text a row: a finding."""

    code: str
    title: str
    statement: str


_BOOKS = (
    SqlCheck(
        "L1",
        "Every transaction of the books sums to zero",
        """
        WITH odd AS MATERIALIZED (
          SELECT entry_id FROM posting GROUP BY entry_id
          HAVING SUM(amount_minor) <> 0 OR MIN(currency) <> MAX(currency))
        SELECT 'entry ' || entry_id || ': ' || currency || ' ' || SUM(amount_minor) FROM posting
        WHERE entry_id IN (SELECT entry_id FROM odd)
        GROUP BY entry_id, currency HAVING SUM(amount_minor) <> 0
        UNION ALL
        SELECT 'entry ' || e.id || ': no postings' FROM book_entry e
        WHERE e.id NOT IN (SELECT entry_id FROM posting)""",
    ),
    SqlCheck(
        "L2",
        "The books as a whole sum to zero, in each currency",
        "SELECT currency || ' ' || SUM(amount_minor) FROM posting "
        "GROUP BY currency HAVING SUM(amount_minor) <> 0",
    ),
    SqlCheck(
        "L13",
        "What is owed for a refund is what its open payments make",
        f"""
        WITH owed AS (
          SELECT e.refund_id AS id, -SUM(p.amount_minor) AS minor FROM book_entry e
          JOIN posting p ON p.entry_id = e.id
          WHERE p.account = 'refund_payable' AND e.refund_id IS NOT NULL GROUP BY e.refund_id),
        open AS (
          SELECT refund_id AS id, SUM(amount_minor) AS minor FROM leg
          WHERE state NOT IN {OVER} AND state NOT IN {PAID} GROUP BY refund_id)
        SELECT r.number || ': the books owe ' || COALESCE(owed.minor, 0) || ', open is '
          || COALESCE(open.minor, 0)
        FROM refund r LEFT JOIN owed ON owed.id = r.id LEFT JOIN open ON open.id = r.id
        WHERE COALESCE(owed.minor, 0) <> COALESCE(open.minor, 0)""",
    ),
    SqlCheck(
        "L14",
        "Each payment is in the books once when it was made, and not otherwise",
        f"""
        WITH paid AS (
          SELECT e.leg_id AS id, SUM(p.amount_minor) AS minor FROM book_entry e
          JOIN posting p ON p.entry_id = e.id
          WHERE p.account = 'refund_payable' AND e.leg_id IS NOT NULL GROUP BY e.leg_id)
        SELECT {_LEG} || ' ' || l.state || ': the books paid ' || COALESCE(paid.minor, 0)
        FROM leg l JOIN refund r ON r.id = l.refund_id LEFT JOIN paid ON paid.id = l.id
        WHERE COALESCE(paid.minor, 0)
          <> CASE WHEN l.state IN {PAID} THEN l.amount_minor ELSE 0 END""",
    ),
    SqlCheck(
        "L15",
        "Each payment came out of the account of its method",
        f"""
        SELECT {_LEG} || ' ' || l.method || ': ' || p.account
        FROM leg l JOIN refund r ON r.id = l.refund_id
        JOIN book_entry e ON e.leg_id = l.id JOIN posting p ON p.entry_id = e.id
        WHERE p.account <> 'refund_payable' AND CASE l.method
          WHEN 'matched' THEN p.account <> 'provider_clearing:' || l.provider
          WHEN 'unmatched' THEN p.account <> 'provider_clearing:' || l.provider
          WHEN 'credit' THEN p.account IS NOT 'customer_credit:' || l.payer_id
          WHEN 'cash' THEN p.account NOT LIKE 'cash_desk:%'
          WHEN 'gift_card' THEN p.account <> 'stored_value'
          WHEN 'waiting' THEN p.account <> 'waiting_account'
          ELSE p.account <> 'external' END""",
    ),
    SqlCheck(
        "L17",
        "Credit balances are what the books say, and never negative",
        """
        WITH booked AS (
          SELECT substr(account, 17) AS contact, currency, -SUM(amount_minor) AS minor
          FROM posting WHERE account >= 'customer_credit:' AND account < 'customer_credit;'
          GROUP BY account, currency)
        SELECT 'contact ' || a.contact_id || ': ' || a.currency || ' ' || a.balance_minor
          || ', the books say ' || COALESCE(b.minor, 0)
        FROM credit_account a LEFT JOIN booked b
          ON b.contact = CAST(a.contact_id AS TEXT) AND b.currency = a.currency
        WHERE a.balance_minor <> COALESCE(b.minor, 0) OR a.balance_minor < 0
        UNION ALL
        SELECT 'contact ' || b.contact || ': ' || b.currency || ', no account'
        FROM booked b LEFT JOIN credit_account a
          ON a.contact_id = CAST(b.contact AS INTEGER) AND a.currency = b.currency
        WHERE a.contact_id IS NULL AND b.minor <> 0""",
    ),
)

_PAID_IN = (
    SqlCheck(
        "C3",
        "What a booking settled is what its payments settled",
        """
        SELECT 'booking ' || b.id || ': ' || b.settled_minor || ' and ' || b.unsettled_minor
          || ', its payments make ' || COALESCE(SUM(p.settled_minor), 0) || ' and '
          || COALESCE(SUM(p.amount_minor - p.settled_minor), 0)
        FROM booking b LEFT JOIN payment p ON p.booking_id = b.id
        GROUP BY b.id HAVING b.settled_minor <> COALESCE(SUM(p.settled_minor), 0)
          OR b.unsettled_minor <> COALESCE(SUM(p.amount_minor - p.settled_minor), 0)""",
    ),
    SqlCheck(
        "found",
        "No refund is known only to a provider",
        "SELECT 'payment ' || id || ': ' || found_minor FROM payment WHERE found_minor <> 0",
    ),
)

_REFUNDS = (
    SqlCheck(
        "L5",
        "The live payments of a refund make its amount; a refund taken back has none",
        f"""
        SELECT r.number || ': ' || COALESCE(SUM(l.amount_minor), 0) || ' of ' || r.amount_minor
        FROM refund r LEFT JOIN leg l ON l.refund_id = r.id AND l.state NOT IN {OVER}
        GROUP BY r.id HAVING COALESCE(SUM(l.amount_minor), 0)
          <> CASE WHEN r.voided_at_us IS NULL THEN r.amount_minor ELSE 0 END""",
    ),
    SqlCheck(
        "L5b",
        "The lines of a refund make its value, and what is withheld explains its amount",
        """
        SELECT r.number || ': lines make ' || COALESCE(SUM(n.value_minor), 0) || ', value '
          || r.value_minor || ', amount ' || r.amount_minor
        FROM refund r LEFT JOIN refund_line n ON n.refund_id = r.id
        GROUP BY r.id HAVING COALESCE(SUM(n.value_minor), 0) <> r.value_minor
          OR r.amount_minor <> r.value_minor - r.retained_minor - r.breach_fee_minor""",
    ),
    SqlCheck(
        "L6",
        "A line is given back at most once",
        "SELECT 'line ' || line_id || ': ' || COUNT(*) || ' times' FROM refund_line "
        "WHERE live = 1 GROUP BY line_id HAVING COUNT(*) > 1",
    ),
    SqlCheck(
        "L6b",
        "Lines given back are cancelled (or resold, for a reseller's claim)",
        """
        SELECT r.number || ', line ' || l.sequence || ': ' || l.state || CASE
          WHEN rl.live THEN ', live' ELSE ', ended' END
        FROM refund_line rl JOIN refund r ON r.id = rl.refund_id JOIN line l ON l.id = rl.line_id
        WHERE rl.live <> (r.voided_at_us IS NULL)
          OR (rl.live = 1 AND l.state
            <> CASE r.origin WHEN 'resale' THEN 'resold' ELSE 'cancelled' END)""",
    ),
    SqlCheck(
        "L7",
        "Packages and deals go back whole",
        """
        SELECT DISTINCT 'booking ' || given.booking_id || ', ' || mine.value || ': line '
          || given.sequence || ' went back, line ' || kept.sequence || ' did not'
        FROM refund_line rl JOIN refund r ON r.id = rl.refund_id AND r.origin <> 'resale'
        JOIN line given ON given.id = rl.line_id, json_each(given.groups) mine
        JOIN line kept ON kept.booking_id = given.booking_id AND kept.state = 'sold'
          AND kept.groups <> ''
        WHERE rl.live = 1 AND given.groups <> ''
          AND mine.value IN (SELECT value FROM json_each(kept.groups))""",
    ),
    SqlCheck(
        "L9",
        "Refund and booking share one currency",
        "SELECT r.number || ': ' || r.currency || ', booking ' || b.currency FROM refund r "
        "JOIN booking b ON b.id = r.booking_id WHERE r.currency <> b.currency",
    ),
    SqlCheck(
        "L10",
        f"Amounts are whole, positive and at most {MOST}",
        f"""
        SELECT 'leg ' || id || ': ' || amount_minor FROM leg
        WHERE typeof(amount_minor) <> 'integer' OR amount_minor NOT BETWEEN 1 AND {MOST}
        UNION ALL SELECT 'refund ' || id || ': ' || amount_minor FROM refund
        WHERE typeof(amount_minor) <> 'integer' OR amount_minor NOT BETWEEN 0 AND {MOST}
        UNION ALL SELECT 'payment ' || id || ': ' || amount_minor FROM payment
        WHERE typeof(amount_minor) <> 'integer' OR amount_minor NOT BETWEEN 0 AND {MOST}
        UNION ALL SELECT 'line ' || id || ': ' || price_minor FROM line
        WHERE typeof(price_minor) <> 'integer' OR price_minor NOT BETWEEN 0 AND {MOST}""",
    ),
    SqlCheck(
        "owned",
        "Every refund and its lines and payments belong to one booking",
        f"""
        SELECT {_LEG} || ': not of booking ' || r.booking_id FROM leg l
        JOIN refund r ON r.id = l.refund_id LEFT JOIN payment p ON p.id = l.payment_id
        WHERE l.booking_id <> r.booking_id
          OR (l.payment_id IS NOT NULL AND p.booking_id IS NOT r.booking_id)
        UNION ALL
        SELECT r.number || ', line ' || n.id || ': not of booking ' || r.booking_id
        FROM refund_line rl JOIN refund r ON r.id = rl.refund_id JOIN line n ON n.id = rl.line_id
        WHERE n.booking_id <> r.booking_id""",
    ),
)

_SENDING = (
    SqlCheck(
        "L11",
        "What succeeded has the provider's reference",
        f"""
        SELECT {_LEG} FROM leg l JOIN refund r ON r.id = l.refund_id
        WHERE l.state IN ('succeeded', 'failed_late') AND l.provider_refund_id = ''""",
    ),
    SqlCheck(
        "L12",
        "A provider's reference belongs to one payment",
        "SELECT provider || ' ' || provider_refund_id || ': ' || COUNT(*) FROM leg "
        "WHERE provider_refund_id <> '' GROUP BY provider, provider_refund_id HAVING COUNT(*) > 1",
    ),
    SqlCheck(
        "L16",
        "What goes to a provider was born with key, reference and fingerprint, each once",
        f"""
        SELECT {_LEG} FROM leg l JOIN refund r ON r.id = l.refund_id
        WHERE l.method IN {TO_PAYMENT} AND (COALESCE(l.provider_key, '') = ''
          OR COALESCE(l.our_reference, '') = '' OR l.payload_digest = '' OR l.provider = '')
        UNION ALL
        SELECT 'key ' || provider_key || ': ' || COUNT(*) FROM leg
        WHERE provider_key IS NOT NULL GROUP BY provider_key HAVING COUNT(*) > 1
        UNION ALL
        SELECT 'reference ' || our_reference || ': ' || COUNT(*) FROM leg
        WHERE our_reference IS NOT NULL GROUP BY our_reference HAVING COUNT(*) > 1""",
    ),
    SqlCheck(
        "L16c",
        "What goes to a gift card names no payment and keeps a seal in place of its number",
        f"""
        SELECT {_LEG} FROM leg l JOIN refund r ON r.id = l.refund_id
        WHERE l.method = 'unmatched' AND (l.payment_id IS NOT NULL OR l.reference <> ''
          OR length(l.payload_digest) <> 32)""",
    ),
    SqlCheck(
        "L19",
        "The audit log tells the same states as the payments themselves, step by legal step",
        f"""
        WITH story AS MATERIALIZED (
          SELECT object, seq, body ->> 'before' AS before, body ->> 'after' AS after
          FROM audit WHERE action = 'leg'
          UNION ALL
          SELECT {_LEG}, NULL, l.state, NULL FROM leg l JOIN refund r ON r.id = l.refund_id
          WHERE l.method IN {TO_PAYMENT} AND l.state NOT IN {OVER}
            AND l.state <> 'awaiting_approval'),
        winding AS MATERIALIZED (
          SELECT object FROM story GROUP BY object HAVING COUNT(*) <> 3 OR COUNT(seq) <> 2
            OR MIN(CASE WHEN before = 'pending' AND after = 'sending' THEN seq END)
              IS NOT MIN(seq)
            OR MAX(CASE WHEN before = 'sending' AND after IN {_ANSWERED} THEN after END)
              IS NOT MAX(CASE WHEN seq IS NULL THEN before END)),
        step AS (
          SELECT object, seq, before, after, LAG(after, 1, 'pending') OVER (
            PARTITION BY object ORDER BY seq NULLS LAST) AS earlier
          FROM story WHERE object IN (SELECT object FROM winding))
        SELECT object || CASE
          WHEN seq IS NULL THEN ': is ' || before || ', was told ' || earlier
          ELSE ': ' || before || ' to ' || after || ' (record ' || seq || ')' END
        FROM step WHERE before IS NOT earlier OR (seq IS NOT NULL AND ({_LEGAL}) IS NOT TRUE)""",
    ),
    SqlCheck(
        "L21",
        "What was sent says when and how often",
        f"""
        SELECT {_LEG} || ' ' || l.state || ': ' || l.attempts || ' sendings' FROM leg l
        JOIN refund r ON r.id = l.refund_id
        WHERE (l.method IN {TO_PAYMENT} AND l.state IN {_SENT} AND l.attempts = 0)
          OR (l.attempts > 0) <> (l.sent_at_us IS NOT NULL)
          OR (l.state = 'sending') <> (l.owner <> '')""",
    ),
    SqlCheck(
        "audited",
        "Every refund is in the audit log",
        "SELECT r.number FROM refund r LEFT JOIN audit a ON a.object = r.number "
        "AND a.action IN ('refund', 'resale-claim') WHERE a.seq IS NULL",
    ),
)

_SEARCH = (
    SqlCheck(
        "search",
        "Every booking can be found",
        """
        SELECT 'booking ' || b.id FROM booking b LEFT JOIN search_doc s ON s.id = b.id
        WHERE s.id IS NULL
        UNION ALL
        SELECT 'search row ' || s.id FROM search_doc s LEFT JOIN booking b ON b.id = s.id
        WHERE b.id IS NULL""",
    ),
)

CHECKS: tuple[SqlCheck, ...] = (*_BOOKS, *_PAID_IN, *_REFUNDS, *_SENDING, *_SEARCH)
