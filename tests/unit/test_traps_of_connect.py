"""Every known trap of refunds at Vista Connect has tests that fail if we fall into it.

The numbers are those of the list of traps, as in the names of `test_connect_traps.py`;
names are as in `tests/named.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.named import missing

TOGETHER = "connect_traps::6_7_and_8_what_belongs_together_goes_together"
NUMBER = "connect_traps::30_31_and_32_a_gift_card_is_loaded_once_and_its_number_is_nowhere"
FAULTS = "connect_faults::what_became_of_a_call_is_read_from_the_booking"
LATE = "connect_faults::a_refund_that_finishes_after_our_time_out_is_found"

SHOWN: Mapping[int, tuple[str, ...]] = {
    1: ("connect_traps::1_a_fee_is_stranded_only_by_decision",),
    2: ("connect_traps::2_a_fee_goes_first_and_never_last",),
    3: (
        "connect_traps::3_and_4_lines_are_always_named_also_for_the_rest",
        "writing::lines_are_always_named_and_once",
    ),
    4: ("connect_traps::3_and_4_lines_are_always_named_also_for_the_rest",),
    5: ("connect_traps::5_two_lines_with_one_number_are_refused",),
    6: (TOGETHER,),
    7: (TOGETHER,),
    8: (TOGETHER, "selection::groups_link_transitively"),
    10: ("connect::lines_of_one_package_or_refund_group_belong_together",),
    11: (
        "connect_traps::11_no_in_every_form_is_no",
        "connect::every_way_to_say_no_means_no",
        "connect::every_way_to_say_yes_means_yes",
    ),
    12: (
        "connect_traps::12_a_concession_that_says_nothing_is_known_by_our_journal",
        "reading::a_concession_says_nothing_until_the_current_value_does",
        "connect_outcome::lines_without_a_status_are_judged_with_the_others",
    ),
    13: ("connect_traps::13_collected_is_a_rule_of_the_house",),
    14: ("connect_traps::14_what_is_left_is_not_the_total",),
    15: ("connect::a_quantity_is_reconciled_with_the_total_or_left_open",),
    16: ("connect_traps::16_paid_without_a_transaction_is_not_paid",),
    18: (
        "connect_traps::18_and_20_a_200_is_no_success_by_itself",
        "answers::every_answer_has_its_signal",
    ),
    19: (
        "answers::every_answer_has_its_signal",
        "reading::a_success_under_any_of_its_names",
    ),
    20: ("connect_traps::18_and_20_a_200_is_no_success_by_itself", FAULTS),
    21: ("connect_traps::21_and_22_numbers_as_text_and_codes_with_zeros_stay_what_they_are",),
    22: (
        "connect_traps::21_and_22_numbers_as_text_and_codes_with_zeros_stay_what_they_are",
        "connect::codes_keep_their_leading_zeros_whether_text_or_number",
    ),
    23: ("connect_traps::23_an_id_that_is_used_again_is_another_booking",),
    24: (
        "connect_finding::a_booking_opens_by_any_of_its_names",
        "connect_finding::a_letter_taken_for_a_digit_is_tried_once_and_said",
    ),
    26: (
        "connect_traps::26_the_parts_make_the_lines_exactly",
        "writing::amounts_are_whole_cents_above_zero",
    ),
    27: ("connect_traps::27_a_payment_counts_what_went_back_anywhere",),
    28: (
        "connect_traps::28_an_external_sale_needs_both_for_its_reversal",
        "reading::what_can_be_reversed",
    ),
    29: ("connect_traps::29_a_record_needs_its_proof",),
    30: (NUMBER,),
    31: (NUMBER, "writing::no_payment_card_is_ever_sent_and_no_number_is_shown"),
    32: (
        NUMBER,
        "writing::an_external_refund_has_the_expiry_in_two_fields_and_never_a_security_code",
    ),
    33: (
        "connect_traps::33_a_refund_is_known_by_the_last_four_of_its_card",
        "external_details::masks_of_every_shape_are_kept",
    ),
    34: (
        "connect::every_form_of_an_expiry_is_one_month",
        "external_details::an_expiry_is_kept_in_one_form",
    ),
    35: (
        LATE,
        "connect_faults::unknown_becomes_review_when_the_grace_is_over_and_it_was_read_often",
    ),
    36: (
        "connect_traps::36_and_37_only_the_booking_says_whose_refund_it_was",
        "connect_resolving::manual_resolution_says_what_went_through_and_what_not",
    ),
    37: (
        "connect_traps::36_and_37_only_the_booking_says_whose_refund_it_was",
        "connect_outcome::already_refunded_is_ours_only_if_every_payment_is_found",
    ),
    38: ("connect_traps::38_one_correlation_id_is_no_second_call",),
    39: (
        "connect_traps::39_the_booking_is_read_right_before_the_call",
        "connect_backend::two_windows_give_a_line_back_once",
    ),
    40: ("connect_traps::40_no_seat_is_promised",),
    42: ("connect_traps::2_a_fee_goes_first_and_never_last",),
    46: ("client::header_names_go_out_exactly_as_written_over_http_1_1",),
    47: ("client::header_names_go_out_exactly_as_written_over_http_1_1",),
    48: ("connect::a_start_is_an_instant_and_the_zone_is_named_where_it_was_needed",),
    49: (
        "connect_settings::a_mistake_is_named",
        "connect_calls::what_is_not_in_the_house_s_currency_is_not_told_in_cents",
    ),
    51: ("connect_traps::51_reading_is_one_right_and_giving_back_another",),
    52: ("writing::the_samples_themselves_are_understood",),
    53: ("connect_traps::53_a_whole_booking_is_one_call",),
    54: ("connect_traps::54_another_try_begins_with_another_reading",),
    55: ("connect_traps::55_nothing_that_was_done_is_taken_back",),
}
NOT_MET: Mapping[int, str] = {
    9: "package lines with numbers of their own are another interface's",
    17: "this window never calls either way to cancel: unpaid bookings are refused",
    25: "the first generation's refund call is not used",
    41: "Connect has no mass runs",
    43: "the first generation's refund call is not used",
    44: "what a connector makes of fees that stay is between it and Connect: the booking tells",
    45: "the receipt promises no day: it is there when the provider has paid it",
    50: "points of a member are looked at where members are",
}
"""Traps on roads this window does not take."""


def test_every_trap_is_here_once() -> None:
    assert sorted([*SHOWN, *NOT_MET]) == list(range(1, 56))


@pytest.mark.parametrize("trap", SHOWN)
def test_what_shows_a_trap_exists(trap: int) -> None:
    assert SHOWN[trap]
    assert missing(SHOWN[trap]) == []
