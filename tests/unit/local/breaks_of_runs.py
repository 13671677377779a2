"""Every way runs, their limits and approvals can be broken, and the checks that must find it."""

from __future__ import annotations

from tests.unit.local.breaks import broken

BREAKS_OF_RUNS = (
    broken(
        "a payment of a run counted as something else",
        "dispatch-legs dispatch-totals dispatch-outcomes",
        "UPDATE run_leg SET state = 'accepted' WHERE role = 'card' AND state = 'succeeded' "
        "AND over = 0",
    ),
    broken(
        "a total of a run that nothing makes",
        "dispatch-totals",
        "UPDATE run_total SET amount_minor = amount_minor + 1 WHERE name = 'card' "
        "AND detail = 'succeeded'",
    ),
    broken(
        "an item of a run called what it is not",
        "dispatch-outcomes",
        "UPDATE run_item SET outcome = 'refunded' WHERE outcome = 'partly'",
        "UPDATE run_count SET outcome = 'refunded' WHERE outcome = 'partly'",
    ),
    broken(
        "more planned than was made of it",
        "dispatch-planned run-frozen",
        "UPDATE run_item SET body = replace(body, '[\"card\",1000', '[\"card\",1001') "
        "WHERE outcome = 'partly'",
    ),
    broken(
        "a refusal that was credited counted as left",
        "dispatch-legs dispatch-outcomes dispatch-refused",
        "UPDATE run_leg SET over = 0",
    ),
    broken(
        "an item counted twice",
        "run-items run-through",
        "UPDATE run_count SET items = items + 1 WHERE outcome = 'cancelled'",
    ),
    broken(
        "an item that waits for a run that is over",
        "run-through",
        "UPDATE run_item SET outcome = 'waiting' WHERE outcome = 'skipped'",
        "UPDATE run_count SET items = (SELECT COUNT(*) FROM run_item i "
        "WHERE i.run_id = run_count.run_id AND i.outcome = run_count.outcome)",
    ),
    broken(
        "a refund of a run that is nobody's",
        "run-once",
        "UPDATE refund SET origin = 'window' WHERE origin = 'cancellation_run'",
    ),
    broken(
        "a run that says it withheld less",
        "run-totals",
        "UPDATE run_total SET amount_minor = 99 WHERE name = 'retained'",
    ),
    broken(
        "a limit confirmed by who set it",
        "limits",
        "INSERT INTO house_limit(id, name, value, set_by, set_at_us, needs_second, confirmed_by, "
        "confirmed_at_us) VALUES (1, 'limit_minor', 1, 'C. Admin', 1, 1, 'c. admin', 2)",
    ),
    broken(
        "a live run nobody else allowed",
        "run-approved",
        "UPDATE run_limit SET four_eyes_minor = 0",
    ),
    broken(
        "a live run approved by its maker",
        "run-approved",
        "UPDATE run_limit SET four_eyes_minor = 0",
        "INSERT INTO run_approval(run_id, fingerprint, operator, entrance, at_us) SELECT "
        "simulation_id, fingerprint, operator, 'window', 1 FROM run WHERE mode = 'live'",
    ),
    broken(
        "a run above the ceilings while nobody looked",
        "run-ceilings",
        "UPDATE run SET entrance = 'unattended' WHERE mode = 'live'",
    ),
    broken(
        "a performance that is kept from others by a run that is done",
        "run-scopes",
        "INSERT INTO run_scope(scope, run_id) SELECT 'performance:1', MAX(id) FROM run",
    ),
    broken(
        "a frozen item that was thawed",
        "run-frozen",
        "UPDATE run_item SET reason = 'nothing-sold' WHERE reason = 'not-paid'",
    ),
    broken(
        "a live run of another simulation",
        "run-frozen",
        "UPDATE run SET fingerprint = 'other' WHERE mode = 'live' AND kind = 'cancellation'",
    ),
)
