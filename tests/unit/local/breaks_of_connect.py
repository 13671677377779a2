"""Every way the journal of calls to Connect can be broken, and the checks that must find it."""

from __future__ import annotations

from tests.unit.local.breaks import broken

BREAKS_OF_CONNECT = (
    broken(
        "a call to Connect whose payments make something else",
        "connect-sums",
        "UPDATE connect_leg SET amount_minor = amount_minor + 1 WHERE ordinal = 2 "
        "AND intent_id = (SELECT MIN(id) FROM connect_intent)",
    ),
    broken(
        "a line that is free though it was given back through Connect",
        "connect-lines",
        "UPDATE connect_line SET live = 0 WHERE intent_id = (SELECT MIN(id) FROM connect_intent)",
    ),
    broken(
        "a line in two calls to Connect",
        "L3 connect-lines",
        "DROP INDEX connect_line_once",
        "UPDATE connect_line SET live = 1, sequence = sequence - 2 "
        "WHERE intent_id = (SELECT MAX(id) FROM connect_intent)",
        "UPDATE connect_intent SET state = 'succeeded' WHERE state = 'not_done'",
    ),
    broken(
        "a call to Connect that was answered before it was sent",
        "connect-life",
        "UPDATE connect_intent SET sent_at_us = NULL WHERE state = 'succeeded'",
    ),
    broken(
        "a refund at Connect approved by whoever made it",
        "connect-approval connect-approved",
        "UPDATE connect_note SET operator = ' ' || upper((SELECT operator FROM connect_intent "
        "WHERE id = intent_id)) WHERE what = 'approved'",
    ),
    broken(
        "a refund at Connect that was approved and still waits",
        "connect-approval connect-approved",
        "INSERT INTO connect_note(id, intent_id, at_us, what, operator) SELECT 999, MAX(id), 0, "
        "'approved', 'T. Blanc' FROM connect_intent WHERE state = 'awaiting_approval'",
    ),
    broken(
        "a refund at Connect that left without the yes it had",
        "connect-approved",
        "DELETE FROM connect_approval",
    ),
    broken(
        "a refund at Connect approved by its maker in another spelling",
        "second-person connect-approved",
        "UPDATE connect_approval SET operator = 'S. WEBER.', operator_key = 'sweber2'",
    ),
    broken(
        "a yes to a refund at Connect under the key of somebody else",
        "second-person",
        "UPDATE connect_approval SET operator_key = 'nroth'",
    ),
    broken(
        "an external payment at Connect without its proof",
        "connect-proof",
        "UPDATE connect_leg SET reference = '' WHERE method = 'external'",
    ),
)
