"""Every way a refund call to Vista Connect can end has tests that fail if we mistake it.

The document's own table of failures, the table of what a booking can show afterwards, what every
answer says by itself, and answers that are none. Names are as in `tests/named.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from backend_client.domain.connect_outcome import Became
from tests.named import missing

Shown = tuple[str, ...]
READ = "connect_faults::what_became_of_a_call_is_read_from_the_booking"
NO = "connect_faults::a_clear_no_with_nothing_done_may_be_tried_again_by_a_person"
HALF = "connect_faults::half_a_refund_may_be_one_that_is_still_running"
ROW = "connect_outcome::each_row_of_the_table"
CODES = "connect_result_codes::every_known_code_says_one_thing"
AGAINST = "connect_result_codes::no_code_is_believed_against_what_the_booking_shows"
SAYS = "answers::every_answer_has_its_signal"
BROKEN = "connect_malformed::after_a_broken_answer_to_a_refund_only_the_booking_tells"
ASKED = "connect_malformed::a_broken_answer_to_a_question_finds_nothing_and_is_said"

THE_DOCUMENT_S: Mapping[str, Shown] = {
    "first or only payment fails: retry is possible": (
        NO,
        "connect_faults::the_same_plan_may_be_tried_again_after_a_clear_no",
        "connect_served::a_first_payment_that_fails_is_a_clear_no",
        "connect_refunds::a_first_payment_that_fails_leaves_everything_as_it_was",
        "command_line_connect::a_clear_no_may_be_committed_again_by_the_same_command",
        "window_on_connect::a_card_that_declines_is_said_and_nothing_is_given_back",
    ),
    "second payment fails: no retry, manual resolution": (
        READ,
        "connect_resolving::manual_resolution_says_what_went_through_and_what_not",
        "connect_commits::what_needs_a_person_holds_its_booking_and_no_other",
        "connect_served::a_second_payment_that_fails_needs_a_person_at_both_ends",
        "connect_refunds::a_second_payment_that_fails_needs_a_person",
        "window_on_connect::half_a_refund_is_shown_and_decided_by_a_supervisor",
    ),
    "error after payment: no retry, manual resolution": (
        READ,
        "connect_resolving::a_supervisor_clears_it_up_with_evidence",
        "connect_refunds::an_outcome_nobody_knows_is_waited_for_and_then_said",
        "real_terminal_connect::manual_resolution_shows_what_went_through_and_is_written_down",
    ),
}
"""Each at both ends: a window at a system that breaks there, and our own face that does."""

WHAT_THE_BOOKING_SHOWS: Mapping[Became, Shown] = {
    Became.SUCCEEDED: (
        ROW,
        READ,
        BROKEN,
        "connect_outcome::what_the_booking_shows_whole_is_done_whatever_was_answered",
        "killed_connect::killed_while_it_is_sending",
    ),
    Became.NOT_DONE: (
        ROW,
        NO,
        "connect_outcome::nothing_seen_is_not_done_only_after_a_clear_no",
        "connect_outcome::nothing_is_called_not_done_once_any_money_or_line_moved",
    ),
    Became.UNKNOWN: (
        ROW,
        READ,
        BROKEN,
        "connect_faults::what_is_not_known_blocks_the_booking_and_is_never_sent_again",
        "connect_faults::unknown_becomes_review_when_the_grace_is_over_and_it_was_read_often",
        "connect_resolving::marked_not_done_the_lines_can_be_given_back_again",
    ),
    Became.SECOND_FAILED: (
        ROW,
        READ,
        HALF,
        "connect_outcome::the_payment_that_went_through_is_named",
    ),
    Became.AFTER_PAYMENT: (ROW, READ, HALF),
    Became.UNDERPAID: (ROW, READ, HALF),
    Became.INCONSISTENT: (
        ROW,
        READ,
        "connect_outcome::lines_given_back_by_somebody_else_meanwhile_need_a_person",
        "connect_outcome::more_than_was_meant_needs_a_person",
        "connect_races::what_another_window_gave_back_at_the_same_time_is_not_told_as_ours",
        "connect_whose::what_another_window_did_meanwhile_needs_a_person",
        "connect_whose::a_card_that_was_reversed_is_no_record_of_ours",
    ),
    Became.UNREAD: (
        ROW,
        "connect_faults::a_booking_that_cannot_be_read_stays_unknown_and_counts_for_nothing",
        "connect_faults::a_clear_no_is_still_one_when_the_booking_can_be_read_again",
    ),
}

WHAT_AN_ANSWER_SAYS: Mapping[str, Shown] = {
    "DNS, connect or TLS error: not sent": (
        "http_client::nobody_listening_means_nothing_was_sent",
        "http_client::a_certificate_nobody_vouches_for_gets_no_request",
        "http_client::whoever_finds_all_lines_busy_has_sent_nothing",
        "client::where_nobody_listens_nothing_was_sent",
        "connect_outcome::what_was_not_sent_is_not_done",
    ),
    "time-out, cut, 502, 503, 504, no JSON: unknown": (
        SAYS,
        BROKEN,
        "http_client::whatever_happens_after_sending_is_lost",
        "client::a_refund_is_sent_once_whatever_comes_back",
    ),
    "401, 403, 71, 72, 79, 45: refused, nothing done": (
        SAYS,
        CODES,
        NO,
        "connect_backend::a_token_that_is_not_accepted_is_named_as_that",
    ),
    "404, 73, 78, 61, 62: wrong booking or cinema": (SAYS, CODES, NO),
    "49, 63: read again, it may be ours": (
        CODES,
        READ,
        "connect_outcome::already_refunded_is_ours_only_if_every_payment_is_found",
        "connect_traps::36_and_37_only_the_booking_says_whose_refund_it_was",
    ),
    "4, 400, 422: refused, nothing done": (SAYS, CODES, NO),
    "5, 6: unknown until it is read again": (CODES, READ),
    "39: unknown until it is read again": (CODES, READ),
    "12, 13 with several payments: only the booking tells": (CODES, READ, AGAINST),
    "every other code": (
        CODES,
        AGAINST,
        "connect_result_codes::none_is_listed_twice_and_the_rest_is_unsure",
    ),
}

NO_ANSWER: Mapping[str, Shown] = {
    "a page, nothing, half of it, other types: to a refund": (SAYS, BROKEN),
    "the same to a booking and to a search": (ASKED,),
    "a booking of wrong types": (
        "connect_malformed::a_booking_of_wrong_types_is_not_understood_and_not_guessed",
        "connect_faults::a_booking_that_cannot_be_read_before_a_refund_sends_nothing",
    ),
    "hits of wrong types": ("connect_malformed::hits_of_wrong_types_are_not_understood",),
    "a redirect": (
        BROKEN,
        ASKED,
        "client::a_refund_is_sent_once_whatever_comes_back",
        "http_client::a_redirect_is_an_answer_and_is_not_followed",
    ),
}
TABLES: Mapping[str, Mapping[str, Shown]] = {
    "the document's": THE_DOCUMENT_S,
    "what the booking shows": {row.value: shown for row, shown in WHAT_THE_BOOKING_SHOWS.items()},
    "what an answer says": WHAT_AN_ANSWER_SAYS,
    "no answer": NO_ANSWER,
}


def test_every_row_of_what_can_have_happened_is_here() -> None:
    assert set(WHAT_THE_BOOKING_SHOWS) == set(Became)


@pytest.mark.parametrize(
    ("table", "row"), [(table, row) for table, rows in TABLES.items() for row in rows]
)
def test_what_shows_a_row_exists(table: str, row: str) -> None:
    assert TABLES[table][row]
    assert missing(TABLES[table][row]) == []
