"""Every known trap of a mass run has tests that fail if we fall into it.

The numbers are those of the list of traps of mass cancellation and dispatch, as in the docstrings
of many of these tests; `tests/unit/importing/test_practice_traps.py` walks the same list for the
practice venue. Names are as in `tests/named.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.named import missing

SHOWN: Mapping[int, tuple[str, ...]] = {
    1: ("cancellation::only_lines_of_the_performance_go",),
    2: (
        "cancellation::filters_narrow_together_and_empty_means_all",
        "cancelling_scope::filters_of_bookings",
        "cancelling_scope::filters_of_lines_and_their_spelling",
    ),
    3: ("cancelling_scope::performances_of_two_events_are_refused",),
    4: (
        "cancelling_scope::filters_of_bookings",
        "cancelling_scope::four_hundred_may_be_named_and_no_more",
    ),
    5: (
        "cancelling::the_order_is_by_sale_and_the_batch_counts_bookings",
        "dispatch_scope::a_batch_takes_the_first_in_order_and_says_so",
    ),
    6: (
        "cancellation::a_debt_gets_smaller_before_anything_is_owed",
        "cancellation::an_unsettled_booking_requests_nothing",
    ),
    7: ("cancellation::a_season_ticket_worth_nothing_for_this_match_is_no_error",),
    8: (
        "cancellation::free_tickets_are_cancelled_for_nothing",
        "cancelling::free_and_waiting_bookings_in_the_store",
    ),
    9: ("cancellation::a_part_of_a_package_goes_by_its_own_value",),
    10: (
        "cancellation::what_is_not_sold_any_more_is_skipped_with_its_reason",
        "cancelling::a_second_run_moves_nothing",
        "cancelled_imports::what_was_cancelled_here_is_not_sold_again_by_the_same_file",
    ),
    11: (
        "cancellation::the_holder_of_today_is_refunded",
        "cancelled_imports::the_reseller_keeps_a_claim_and_the_holder_is_refunded",
    ),
    12: ("cancellation::charges_and_shipment_follow_their_switches",),
    13: (
        "cancellation::a_retained_amount",
        "cancellation::the_breach_fee_of_the_reason_is_not_taken",
    ),
    14: ("cancellation::what_is_not_sold_any_more_is_skipped_with_its_reason",),
    15: ("cancellation::a_reservation_is_no_sale",),
    16: (
        "cancelling::a_simulation_changes_no_row_of_money",
        "dispatching::a_simulation_changes_nothing",
    ),
    17: ("dispatching::what_changed_meanwhile_stops_everything",),
    18: ("dispatch_scope::the_days_are_those_of_the_house_and_of_the_request",),
    19: (
        "dispatch::the_card_of_somebody_else_is_no_card",
        "dispatching::the_card_of_another_payer_is_not_used",
    ),
    20: ("dispatch::one_request_over_several_cards_never_more_than_each_has_left",),
    21: ("dispatch::the_excess_stays_or_is_credited",),
    22: (
        "dispatch::later_items_see_what_earlier_ones_use",
        "dispatching::later_items_of_a_booking_see_what_earlier_ones_use",
    ),
    23: (
        "dispatch::never_tries_a_refused_card_again_the_others_do_not",
        "dispatch::always_tries_no_card",
        "dispatching::always_makes_no_call",
    ),
    24: (
        "dispatch::an_untried_card_is_tried_before_anything_is_credited",
        "dispatching::the_prescribed_procedure",
    ),
    25: (
        "dispatching::accepted_and_unknown_are_neither_credited_nor_repeated",
        "outbox::accepted_is_not_final_and_declined_is_no_refund",
    ),
    26: (
        "dispatching::accepted_and_unknown_are_neither_credited_nor_repeated",
        "recovery::a_leg_whose_sender_died_is_looked_up_and_not_sent_again",
        "resolving::a36_what_is_in_review_is_never_credited",
    ),
    27: (
        "settler::the_intent_is_written_before_the_call",
        "leg_store::a_claimed_leg_brings_all_its_provider_must_be_told",
        "recovery::not_found_waits_for_the_settle_window_then_keeps_its_key",
        "resolving::a21_not_found_under_an_old_key_is_declined_and_a_retry_gets_a_new_one",
    ),
    28: (
        "recovery::a_key_too_old_is_never_sent_again",
        "recovery::an_old_key_that_is_found_needs_no_person",
    ),
    29: (
        "dialects::a_key_with_another_payload_is_never_a_success",
        "worldline_answers::a_success_about_something_else_is_a_mismatch",
        "stripe_answers::a_success_about_something_else_is_a_mismatch",
    ),
    30: (
        "dialects::a_key_at_work_is_a_conflict",
        "worldline_answers::every_answer_has_its_class",
        "recovery::a_resend_that_was_not_executed_stays_unknown",
    ),
    31: (
        "worldline_answers::every_answer_has_its_class",
        "dispatch::declined_as_already_refunded_needs_a_person",
        "dispatching::a_mistake_found_at_the_provider_is_not_paid_twice",
    ),
    32: (
        "worldline_answers::every_answer_has_its_class",
        "dispatch::declined_as_already_refunded_needs_a_person",
    ),
    33: ("worldline_answers::number_and_word_decide_together",),
    34: (
        "drive::a24_money_that_comes_back_later_is_a_late_failure",
        "provider_books::a24_a_late_failure_is_reversed_in_the_books_and_can_be_paid_again",
        "drive::what_succeeded_is_checked_daily_for_forty_days",
    ),
    35: (
        "worldline_answers::number_and_word_decide_together",
        "worldline_answers::nothing_a_provider_sends_is_an_error_or_a_success_by_chance",
    ),
    36: (
        "provider_port::two_equal_partial_refunds_are_two",
        "drive::a42_two_equal_refunds_of_one_payment_are_told_apart_by_reference",
        "judging::refunds_of_others_are_never_ours_even_with_the_same_amount",
    ),
    37: (
        "refunds::an_expired_card_works",
        "provider_port::a_refused_card_is_declined_with_the_provider_s_reason",
    ),
    38: ("dispatch::what_no_provider_can_reverse_is_no_card",),
    39: ("command_line_demo::where_a_part_goes_another_way_than_the_rest",),
    40: ("dispatch::what_no_provider_can_reverse_is_no_card",),
    41: (
        "send::a_refusal_about_us_ends_it_after_one_call",
        "dispatching_live::an_outage_and_a_refusal_about_us_pause_and_credit_nobody",
    ),
    42: ("dispatching_live::an_outage_and_a_refusal_about_us_pause_and_credit_nobody",),
    43: (
        "dispatch::nobody_is_known_who_could_be_credited",
        "dispatching::nobody_known_could_be_credited",
    ),
    44: ("dispatch::where_credit_is_no_method_of_the_house_it_stays",),
    45: ("dispatch_scope::refunded_through_books_at_its_desk",),
    46: ("dispatch_scope::a_batch_takes_the_first_in_order_and_says_so",),
    47: (
        "dispatching_beside_others::two_supervisors_at_once",
        "dispatching_beside_others::the_scope_is_refused_to_a_second_run",
    ),
    48: (
        "dispatching_beside_others::what_a_cashier_changes_meanwhile_is_left_alone",
        "dispatching_beside_others::a_payment_on_the_wire_is_not_changed_by_hand",
    ),
    49: ("dispatching::what_was_changed_by_hand_has_left_the_automation",),
    50: (
        "dispatching_live::customers_are_told_what_was_booked_once_it_is_final",
        "outbox::who_has_no_address_is_listed_and_not_written_to",
        "letter::the_first_sentence_says_what_really_happened",
    ),
    51: (
        "outbox::refunds_older_than_the_start_are_never_told",
        "outbox::the_day_begins_where_the_house_is",
    ),
    52: (
        "money::currencies_have_their_own_decimals",
        "refunds::currencies_without_and_with_three_decimals",
        "stripe_answers::amounts_are_in_stripe_s_unit",
    ),
    53: (
        "refunds::currencies_without_and_with_three_decimals",
        "leg_store::a_claimed_leg_brings_all_its_provider_must_be_told",
        "judging::a_success_about_something_else_is_unknown",
    ),
    54: (
        "dispatch::the_parts_of_every_decision_make_its_amount",
        "command_line_runs_figures::window_terminal_log_and_store_say_the_same",
    ),
    55: (
        "screens_frame::practice_stands_on_every_screen",
        "screens_frame::test_and_live_stand_there_too",
        "configured::another_address_is_a_mix",
        "configured::a_key_of_the_other_mode_is_a_mix",
    ),
    56: (
        "screens_runs_simulated::live_needs_the_count_typed_and_f9",
        "screens_runs_simulated::a_burst_types_no_count",
    ),
    57: ("dispatching_live::a_stop_finishes_what_is_on_the_wire_and_resume_does_the_rest",),
    58: (
        "dispatch_scope::no_parameter_keeps_a_card_number",
        "letter::a_card_number_in_a_name_is_masked",
        "command_line_outbox::a56_no_card_number_goes_out_by_mail_or_comes_back_from_its_server",
        "real_terminal::a_full_card_number_typed_at_the_window_is_shown_and_kept_nowhere",
        "run_export::what_a_spreadsheet_would_compute_begins_with_an_apostrophe",
    ),
    59: (
        "dispatch::what_was_found_at_a_provider_is_neither_repeated_nor_credited",
        "command_line_reconciling::a_supervisor_accepts_a_refund_made_at_the_provider",
    ),
    60: (
        "search::every_booking_is_found_by_each_of_its_handles",
        "command_line_demo::the_provider_speaks_another_dialect_when_asked",
    ),
}
UNLIKE_THE_LIST: Mapping[int, str] = {
    32: "our providers know one kind of refund, none that closes its order: who refuses it as out "
    "of order is believed to have paid already, so that a person looks",
    33: "deleted and said to be refunded it is paid; said to be cancelled it may be the refund "
    "that was deleted, which is neither paid nor failed: a person looks",
    39: "no switch to credit alone: what a card paid goes back to it, each part where it came from",
    45: "no desk is opened or closed for a run: credits are booked at the desk it names",
}
"""What we do instead of what the list says, where that is another thing."""


def test_every_trap_is_here() -> None:
    assert list(SHOWN) == list(range(1, 61))
    assert SHOWN.keys() >= UNLIKE_THE_LIST.keys()


@pytest.mark.parametrize("trap", SHOWN)
def test_what_shows_a_trap_exists(trap: int) -> None:
    assert SHOWN[trap]
    assert missing(SHOWN[trap]) == []
