"""Every way a store can be broken, and the checks of the doctor that must find it."""

from __future__ import annotations

from dataclasses import dataclass

BOOKING = "(SELECT id FROM booking WHERE booking_id = '{}')"
NEW, ONE, TWO, SLOW, OUTAGE = (BOOKING.format(f"B-{number}") for number in (10, 1, 2, 7, 8))
STEP = f"""action = 'leg' AND object = (SELECT r.number || '.1' FROM refund r
  WHERE r.booking_id = {SLOW}) AND body ->> 'before' = """
PERSON = """INSERT INTO operator(id, name, name_key, role, pin_hash, disabled, created_at_us,
  pin_set_at_us) VALUES (1, 'C. Admin', 'c. admin', 'admin', '{}', {}, 1, 1)"""
HASHED = "$argon2id$v=19$m=65536,t=3,p=1$d3GP0VbXTkf7elmSFFjxww$" + 43 * "x"
APPROVED = """INSERT INTO refund_approval(refund_id, fingerprint, operator, operator_key, maker_key,
  entrance, at_us) VALUES (1, 'seen', '{}', '{}', '{}', 'window', 1)"""
SAID = """INSERT INTO resolution(id, leg_number, finding, reference, fingerprint, operator,
  operator_key, at_us, needs_second, confirms_id)
  VALUES ({}, 'R-10001.1', 'found', 're-1', '{}', '{}', '{}', 1, 1, {})"""
PROGRAM = """INSERT INTO api_client(id, name, name_key, token_prefix, token_hash, scope,
  created_at_us) VALUES (1, 'web', 'web', 'aa', '{}', '{}', 1)"""
READING = (
    '{"words": ["bookings:read"], "sites": [], "channels": [], "own_only": false, '
    '"parts": ["ticket"], "limit_minor": null}'
)
SETTLED = "SELECT e.id FROM book_entry e JOIN leg l ON l.id = e.leg_id WHERE l.booking_id = "


@dataclass(frozen=True, slots=True)
class Break:
    """What is done to the store and which checks must find it; nothing else may."""

    name: str
    codes: frozenset[str]
    statements: tuple[str, ...]


def broken(name: str, codes: str, *statements: str) -> Break:
    return Break(name, frozenset(codes.split()), statements)


BREAKS = (
    broken(
        "a value the table does not allow",
        "integrity",
        f"UPDATE line SET state = 'weird' WHERE booking_id = {NEW}",
    ),
    broken("a version from elsewhere", "version", "PRAGMA user_version = 99"),
    broken(
        "a performance that is not there",
        "foreign-keys",
        f"UPDATE line SET performance_id = 999 WHERE booking_id = {NEW}",
    ),
    broken(
        "another payment behind a leg that waits",
        "L16b",
        f"UPDATE payment SET provider_reference = 'other' WHERE booking_id = {OUTAGE}",
    ),
    broken(
        "a number kept beside its seal",
        "L16c",
        "UPDATE leg SET reference = '9870123456789012' WHERE method = 'unmatched'",
    ),
    broken(
        "an operator and a client", "", PERSON.format(HASHED, 0), PROGRAM.format(64 * "a", READING)
    ),
    broken("a PIN kept plain", "integrity pins", PERSON.format("5071", 0)),
    broken("a PIN hashed in a hurry", "pins", PERSON.format("$argon2id$5071", 0)),
    broken("nobody to let others in", "admins", PERSON.format(HASHED, 1)),
    broken(
        "a person and a program of one name",
        "names",
        PERSON.format(HASHED, 0),
        PROGRAM.format(64 * "a", READING),
        "UPDATE api_client SET name_key = 'c. admin'",
    ),
    broken("a token kept plain", "integrity tokens", PROGRAM.format("tw_aa_secret", READING)),
    broken(
        "a scope nobody knows", "tokens", PROGRAM.format(64 * "a", READING.replace("read", "all"))
    ),
    broken("a scope without its narrowing", "tokens", PROGRAM.format(64 * "a", '{"words": []}')),
    broken("a changed audit record", "audit", "UPDATE audit SET operator = 'x' WHERE seq = 3"),
    broken(
        "a card number for a name",
        "cards",
        "UPDATE contact SET name = 'Bette 4111 1111 1111 1111'",
    ),
    broken(
        "two entries that balance only together",
        "L1",
        "UPDATE posting SET amount_minor = amount_minor + 1 WHERE account = 'tickets_sold' "
        "AND entry_id = (SELECT MIN(entry_id) FROM posting WHERE account = 'tickets_sold')",
        "UPDATE posting SET amount_minor = amount_minor - 1 WHERE account = 'tickets_sold' "
        "AND entry_id = (SELECT MAX(entry_id) FROM posting WHERE account = 'tickets_sold')",
    ),
    broken(
        "an entry without postings",
        "L1",
        "INSERT INTO book_entry(id, at_us, kind) VALUES (999, 1, 'granted')",
    ),
    broken(
        "a posting without an entry",
        "L1 L2 foreign-keys",
        "INSERT INTO posting VALUES (999, 0, 'external', 'EUR', 5)",
    ),
    broken(
        "a grant of another amount",
        "L13",
        "UPDATE posting SET amount_minor = amount_minor + CASE account "
        "WHEN 'refund_payable' THEN -1 ELSE 1 END WHERE entry_id = (SELECT id FROM book_entry "
        "WHERE kind = 'granted' AND refund_id = 2)",
    ),
    broken(
        "two settlements exchanged",
        "L14",
        f"UPDATE book_entry SET leg_id = CASE WHEN id IN ({SETTLED}{ONE}) THEN "
        f"(SELECT id FROM leg WHERE booking_id = {TWO} AND amount_minor = 450) "
        f"ELSE (SELECT id FROM leg WHERE booking_id = {ONE}) END WHERE id IN ({SETTLED}{ONE}) "
        f"OR id IN ({SETTLED}{TWO} AND l.amount_minor = 450)",
    ),
    broken(
        "money out of the wrong account",
        "L15",
        "UPDATE posting SET account = 'external' WHERE account = 'provider_clearing:practice' "
        f"AND entry_id IN ({SETTLED}{ONE})",
    ),
    broken("a richer customer", "L17", "UPDATE credit_account SET balance_minor = 99999"),
    broken("a vanished credit account", "L17", "DELETE FROM credit_account"),
    broken(
        "a payment that brought in less",
        "L4 integrity",
        f"UPDATE payment SET settled_minor = settled_minor - 1 WHERE booking_id = {ONE}",
        "UPDATE booking SET settled_minor = settled_minor - 1, "
        f"unsettled_minor = unsettled_minor + 1 WHERE id = {ONE}",
    ),
    broken(
        "a waiting account that owed less",
        "L4 integrity",
        "UPDATE payment SET amount_minor = 9999 WHERE method = 'waiting_account'",
        "UPDATE booking SET unsettled_minor = 3999 WHERE booking_id = 'B-6'",
    ),
    broken(
        "a payment that gave more back before it came here",
        "L4 integrity",
        f"UPDATE payment SET prior_refunded_minor = settled_minor WHERE booking_id = {ONE}",
    ),
    broken(
        "a booking that gave more back before it came here",
        "L4 integrity",
        f"UPDATE booking SET prior_refunded_minor = settled_minor WHERE id = {ONE}",
    ),
    broken(
        "a waiting account counted wrong for its payment",
        "C1",
        "UPDATE payment SET waiting_taken_minor = waiting_taken_minor - 1 "
        "WHERE waiting_taken_minor > 0",
    ),
    broken(
        "a waiting account counted wrong for its booking",
        "C2",
        "UPDATE booking SET waiting_minor = waiting_minor - 1 WHERE waiting_minor > 0",
    ),
    broken(
        "a payment counted wrong",
        "C1",
        f"UPDATE payment SET taken_minor = 1 WHERE booking_id = {NEW}",
    ),
    broken(
        "a booking counted wrong", "C2", f"UPDATE booking SET promised_minor = 1 WHERE id = {NEW}"
    ),
    broken(
        "a booking that settled something else",
        "C3",
        f"UPDATE booking SET settled_minor = settled_minor + 1 WHERE id = {NEW}",
    ),
    broken(
        "a refund found at the provider alone",
        "found",
        f"UPDATE payment SET found_minor = 5 WHERE booking_id = {NEW}",
        "INSERT INTO discrepancy(id, kind, provider, payment_id, amount_minor, found_at_us) "
        f"SELECT 99, 'provider_only', 'practice', id, 5, 1 FROM payment WHERE booking_id = {NEW}",
    ),
    broken(
        "a payment blocked by nothing",
        "found C4",
        f"UPDATE payment SET found_minor = 5 WHERE booking_id = {NEW}",
    ),
    broken(
        "a refund its provider does not list",
        "reconciled",
        "INSERT INTO discrepancy(id, kind, provider, payment_id, leg_id, amount_minor, "
        "found_at_us) SELECT 99, 'ours_only', provider, payment_id, id, amount_minor, 1 "
        "FROM leg WHERE state = 'succeeded' AND method = 'matched' LIMIT 1",
    ),
    broken(
        "a refund accepted as made elsewhere that nobody booked",
        "accepted",
        "INSERT INTO discrepancy(id, kind, provider, payment_id, amount_minor, currency, "
        "found_at_us, cleared_at_us) SELECT 99, 'provider_only', 'practice', id, 5, 'EUR', 1, 2 "
        f"FROM payment WHERE booking_id = {NEW}",
        "INSERT INTO accepted_refund(id, discrepancy_id, payment_id, booking_id, amount_minor, "
        f"accepted_at_us) SELECT 1, 99, id, booking_id, 5, 2 FROM payment WHERE booking_id = {NEW}",
    ),
    broken(
        "a refund accepted as made elsewhere that still blocks",
        "accepted found",
        f"UPDATE payment SET found_minor = 5 WHERE booking_id = {NEW}",
        "INSERT INTO discrepancy(id, kind, provider, payment_id, amount_minor, currency, "
        "found_at_us) SELECT 99, 'provider_only', 'practice', id, 5, 'EUR', 1 "
        f"FROM payment WHERE booking_id = {NEW}",
        "INSERT INTO accepted_refund(id, discrepancy_id, payment_id, booking_id, amount_minor, "
        f"accepted_at_us) SELECT 1, 99, id, booking_id, 5, 2 FROM payment WHERE booking_id = {NEW}",
    ),
    broken("a refund nobody checks again", "watched", "DELETE FROM leg_watch"),
    broken(
        "a refund larger than its payments",
        "L5 L22b",
        "UPDATE refund SET value_minor = value_minor + 1, amount_minor = amount_minor + 1 "
        "WHERE id = 3",
        "UPDATE refund_line SET value_minor = value_minor + 1 WHERE refund_id = 3",
    ),
    broken(
        "lines worth more than their refund",
        "L5b",
        "UPDATE refund_line SET value_minor = value_minor + 1 WHERE refund_id = 2",
    ),
    broken(
        "an amount nothing explains",
        "L5b integrity",
        f"UPDATE refund SET retained_minor = retained_minor + 1 WHERE booking_id = {SLOW}",
    ),
    broken(
        "a line given back twice",
        "L6 L3",
        "DROP INDEX refund_line_once",
        "INSERT INTO refund_line(refund_id, line_id, value_minor) SELECT 4, line_id, 0 "
        "FROM refund_line WHERE refund_id = 3",
    ),
    broken(
        "a line given back and still sold",
        "L6b",
        f"UPDATE line SET state = 'sold' WHERE booking_id = {ONE}",
    ),
    broken(
        "a line of a voided refund that was not let go",
        "L6b",
        "UPDATE refund_line SET live = 1 WHERE refund_id = "
        "(SELECT id FROM refund WHERE voided_at_us IS NOT NULL)",
    ),
    broken(
        "half a deal",
        "L7",
        "UPDATE line SET groups = '[\"deal-1\"]' WHERE booking_id = "
        "(SELECT id FROM booking WHERE booking_id = 'B-5')",
    ),
    broken(
        "another currency",
        "L9 L22b",
        f"UPDATE refund SET currency = 'CHF' WHERE booking_id = {ONE}",
    ),
    broken(
        "an amount beyond exact numbers",
        "L10",
        f"UPDATE line SET price_minor = 9007199254740993 WHERE booking_id = {NEW}",
    ),
    broken(
        "somebody else's payment",
        "owned",
        f"UPDATE leg SET payment_id = (SELECT id FROM payment WHERE booking_id = {NEW}) "
        "WHERE state = 'replaced'",
    ),
    broken(
        "a success without the provider's word",
        "L11 integrity",
        f"UPDATE leg SET provider_refund_id = '' WHERE booking_id = {ONE}",
    ),
    broken(
        "one provider reference for two",
        "L12",
        "UPDATE leg SET provider_refund_id = 'same' WHERE state = 'succeeded'",
    ),
    broken(
        "a leg without a reference of ours",
        "L16",
        f"UPDATE leg SET our_reference = NULL WHERE booking_id = {ONE}",
    ),
    broken(
        "a state nobody told the audit log",
        "L19",
        f"UPDATE leg SET state = 'unknown' WHERE booking_id = {SLOW}",
    ),
    broken(
        "an answer told before the question",
        "L19 audit",
        f"UPDATE audit SET seq = -seq WHERE {STEP} 'sending'",
    ),
    broken(
        "an answer to what was never sent",
        "L19 audit",
        f"DELETE FROM audit WHERE {STEP} 'pending'",
    ),
    broken(
        "an answer nobody told",
        "L19 audit",
        f"DELETE FROM audit WHERE {STEP} 'sending'",
    ),
    broken(
        "an answer there is not",
        "L19 audit",
        f"UPDATE audit SET body = json_set(body, '$.after', 'voided') WHERE {STEP} 'sending'",
    ),
    broken(
        "a sending told twice",
        "L19 audit",
        "INSERT INTO audit SELECT 9999, at_us, operator, role, desk, entrance, correlation_id, "
        f"action, object, body, prev, hash FROM audit WHERE {STEP} 'pending'",
    ),
    broken(
        "a story without its steps",
        "L19 audit",
        f"UPDATE audit SET body = '{{}}' WHERE {STEP} 'pending'",
    ),
    broken(
        "a sending that was never counted",
        "L21",
        f"UPDATE leg SET attempts = 0 WHERE booking_id = {SLOW}",
    ),
    broken(
        "a refund nobody committed",
        "audited",
        "INSERT INTO refund(id, number, booking_id, origin, value_minor, amount_minor, currency, "
        f"commit_key, created_at_us) VALUES (99, 'R-10099', {NEW}, 'window', 0, 0, 'EUR', 'x', 1)",
    ),
    broken(
        "a mail that says refunded and is not so",
        "L22",
        "INSERT INTO outbox(id, refund_id, ordinal, kind, message_id, to_address, body, state, "
        "created_at_us, next_try_at_us, changed_at_us) SELECT 99, r.id, 1, 'refunded', "
        "'<99@palais.example>', 'bette.davis@example.org', json_object('kind', 'refunded', "
        "'refund', r.number, 'amount_minor', r.amount_minor, 'value_minor', r.value_minor, "
        "'retained_minor', 0, 'breach_fee_minor', 0, 'currency', r.currency, 'parts', "
        "json_array(json_object('leg', r.number || '.1', 'method', 'matched', "
        "'amount_minor', r.amount_minor))), 'waiting', 1, 1, 1 "
        f"FROM refund r WHERE booking_id = {OUTAGE}",
    ),
    broken(
        "a mail with another amount",
        "L22b",
        "UPDATE outbox SET body = json_set(body, '$.amount_minor', 1) WHERE id = 1",
    ),
    broken(
        "a mail that was sent without an attempt",
        "outbox",
        "UPDATE outbox SET state = 'sent' WHERE id = 1",
    ),
    broken("a booking nobody can find", "search", f"DELETE FROM search_doc WHERE id = {NEW}"),
    broken("a refund approved by another", "", APPROVED.format("T. Blanc", "tblanc", "sweber")),
    broken(
        "a refund approved by its maker in another spelling",
        "second-person",
        APPROVED.format("S. WEBER.", "sweber2", "sweber"),
    ),
    broken(
        "an approval under the key of somebody else",
        "second-person",
        APPROVED.format("T. Blanc", "nroth", "sweber"),
    ),
    broken(
        "a refund that was approved by nobody on record",
        "refund-approved",
        "INSERT INTO booking_event(id, booking_id, at_us, what, operator, details) VALUES "
        """(9999, 1, 1, 'approved', 'T. Blanc', '{"refund": "R-10001", "fingerprint": "x"}')""",
    ),
    broken(
        "what one person said of a payment in review, confirmed by themselves",
        "second-person",
        SAID.format(1, "a", "S. Weber", "sweber", "NULL"),
        SAID.format(2, "b", "s weber", "sweber", "1"),
    ),
    broken(
        "a payment in review decided alone where two were needed",
        "resolution-confirmed",
        SAID.format(1, "a", "S. Weber", "sweber", "NULL"),
        "INSERT INTO booking_event(id, booking_id, at_us, what, operator, details) VALUES "
        """(9999, 1, 1, 'resolved', 'S. Weber', '{"leg": "R-10001.1", "fingerprint": "a"}')""",
    ),
    broken("a guard taken away", "L3", "DROP INDEX leg_by_booking"),
)
