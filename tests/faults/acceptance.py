"""The acceptance cases, each with the tests that show it (tests/named.py); those left say why."""

from __future__ import annotations

from collections.abc import Mapping

SHOWN: Mapping[str, tuple[str, ...]] = {
    "A1": ("kills::killed_at_a_named_step",),
    "A2": ("kills::killed_at_a_named_step", "kills::killed_again_while_recovering"),
    "A3": (
        "kills::killed_at_random_moments",
        "siege::two_thousand_refunds_thirty_kills_keys_honoured",
    ),
    "A4": ("kills::killed_at_a_named_step", "siege::each_net_holds_without_the_other"),
    "A5": ("kills::killed_at_a_named_step",),
    "A6": ("killed_mail::the_mail_goes_under_one_name_whenever_its_sender_is_killed",),
    "A7": ("siege::two_thousand_refunds_thirty_kills_keys_honoured",),
    "A8": (
        "kills::killed_again_while_recovering",
        "kills::killed_while_taking_over_from_the_dead",
    ),
    "A9": ("command_line_settling::a9_a_lost_answer_with_a_look_up_settles_itself",),
    "A10": (
        "http_client::whatever_happens_after_sending_is_lost",
        "command_line_providers::a_lost_answer_is_found_and_paid_once",
    ),
    "A11": (
        "dialects::an_error_after_the_money_moved_is_replayed_and_a_look_up_knows",
        "dialects::an_error_before_the_money_moved_can_be_sent_again",
    ),
    "A12": ("dialects::a_key_at_work_is_a_conflict",),
    "A13": ("drive::a13_a_storm_of_429_ends_with_everything_done_and_nothing_unknown",),
    "A14": (
        "drive::a14_no_connection_pauses_the_run_and_a_later_one_resumes",
        "command_line_providers::a_provider_that_is_away_is_waited_for",
    ),
    "A15": ("dialects::every_trouble_has_its_class_and_a_look_up_tells_the_truth",),
    "A16": (
        "dialects::a_lying_answer_is_no_success",
        "judging::a_success_about_something_else_is_unknown",
        "drive::a16_an_answer_about_another_amount_stops_the_run",
    ),
    "A17": ("dialects::a_provider_that_is_not_certain_never_says_refunded",),
    "A18": ("siege::each_net_holds_without_the_other",),
    "A19": ("provider_books::a19_already_refunded_by_ourselves_is_refunded",),
    "A20": (
        "provider_books::a20_already_refunded_by_others_is_declined_and_found",
        "provider_books::a20_a_refund_made_in_the_back_office_blocks_its_payment",
    ),
    "A21": (
        "recovery::a_key_too_old_is_never_sent_again",
        "resolving::a21_not_found_under_an_old_key_is_declined_and_a_retry_gets_a_new_one",
    ),
    "A22": (
        "settler::a_changed_payload_is_refused_before_any_call",
        "recovery::a_payload_that_changed_is_not_sent_again",
    ),
    "A23": ("provider_books::a23_accepted_becomes_refunded_only_when_the_provider_says_so",),
    "A24": (
        "provider_books::a24_a_late_failure_is_reversed_in_the_books_and_can_be_paid_again",
        "outbox::a_late_failure_is_corrected_where_the_mail_may_have_arrived",
    ),
    "A27": (
        "refunds::an_expired_card_works",
        "provider_port::a_refused_card_is_declined_with_the_provider_s_reason",
    ),
    "A28": (
        "reach::a28_a_payment_out_of_reach_is_not_offered_and_says_why",
        "reach::a28_what_was_promised_in_time_and_is_sent_too_late_is_declined_unsent",
        "reach::a28_the_count_is_asked_again_before_sending",
    ),
    "A29": (
        "screens_committing::f9_twice_gives_back_once",
        "refunding::the_same_commit_twice_is_the_same_refund",
    ),
    "A30": ("two_processes::one_line_goes_back_to_one_of_two_windows",),
    "A31": ("two_processes::different_lines_of_one_booking_both_go_back",),
    "A32": ("refunds::a_booking_that_changed_asks_for_another_look",),
    "A33": (
        "lease::a33_a_second_program_is_told_who_drives_and_sends_nothing",
        "lease::a33_a_lease_that_ran_out_is_taken_over",
        "kills::two_programs_recovering_at_once_send_each_leg_once",
    ),
    "A38": ("changes::a_declined_leg_is_credited_or_sent_again_under_a_new_key",),
    "A39": ("refunds::a_package_goes_back_whole",),
    "A40": ("examples::e11_fees_alone_never_go_back",),
    "A41": (
        "examples::e3_the_fee_first_then_the_rest_is_legal",
        "selection::fees_are_stranded_only_when_nothing_else_stays",
    ),
    "A42": (
        "drive::a42_two_equal_refunds_of_one_payment_are_told_apart_by_reference",
        "provider_port::two_equal_partial_refunds_are_two",
    ),
    "A43": (
        "triggers::the_payment_cap_holds_by_itself",
        "triggers::the_booking_cap_holds_by_itself",
        "two_processes::one_line_goes_back_to_one_of_two_windows",
    ),
    "A44": (
        "money::what_is_not_an_amount_is_refused",
        "money::what_is_not_whole_minor_units_is_refused",
        "refunds::currencies_without_and_with_three_decimals",
    ),
    "A45": (
        "resold_seats::a45_a_seat_sold_again_in_another_booking_goes_back_again",
        "resold_seats::a45_a_seat_sold_again_in_the_same_booking_is_another_line",
    ),
    "A46": (
        "full_disk_settling::a46_a_full_disk_stops_the_run_and_every_payment_is_made_once",
        "full_disk::a_refund_on_a_full_disk_is_refused_and_works_when_there_is_room",
    ),
    "A47": (
        "two_processes::a_store_held_by_another_program_is_locked_and_left_as_it_was",
        "two_processes::a47_nothing_is_sent_while_a_store_is_locked",
    ),
    "A48": (
        "older_copy::a48_nothing_is_written_or_sent_before_a_person_says_so",
        "older_copy::a48_what_was_sent_since_is_found_and_nothing_is_paid_twice",
        "older_copy::a48_what_was_not_sent_since_is_sent_after_it_was_looked_up",
        "store::a_store_that_vanished_is_neither_read_nor_written",
    ),
    "A49": ("store::a_damaged_file_is_corrupt",),
    "A50": (
        "drive::a50_a_clock_set_forward_does_not_end_the_settle_window",
        "drive::a50_a_clock_set_back_does_not_make_a_key_young",
        "drive::a50_a_look_up_in_the_future_begins_the_window_anew",
        "lease::a50_a_lease_dated_by_a_clock_that_was_set_back_does_not_last_for_hours",
    ),
    "A51": (
        "power_cut::a51_no_acknowledged_commit_is_lost",
        "power_cut::the_same_cuts_find_a_store_that_does_not_sync_its_commits",
    ),
    "A52": (
        "drive::a52_a_stop_lets_calls_on_the_wire_finish_and_gives_the_rest_back",
        "drive::a52_a_call_without_an_answer_becomes_unknown_when_time_is_up",
        "command_line_settling::a33_a52_one_watches_others_are_told_and_a_signal_ends_it",
        "closing_while_it_hangs::a_window_is_left_while_a_provider_keeps_silent",
        "closing_while_it_hangs::a_lost_terminal_ends_the_window_in_order_meanwhile",
        "real_terminal::a_terminal_closed_in_the_middle_of_a_commit_leaves_all_or_nothing",
    ),
    "A53": (
        "http_client::a_redirect_is_an_answer_and_is_not_followed",
        "http_client::a_proxy_of_the_environment_is_not_used",
        "http_client::a_certificate_nobody_vouches_for_gets_no_request",
    ),
    "A54": (
        "configured::a_key_of_the_other_mode_is_a_mix",
        "configured::another_address_is_a_mix",
    ),
    "A55": (
        "mail_delivery::550_bounces_for_good_and_the_next_mail_goes",
        "mail_delivery::451_and_452_are_tried_again_after_a_while",
        "mail_delivery::a_line_dropped_after_the_text_may_have_delivered",
        "mail_delivery::a_server_that_falls_silent_is_left_and_asked_again",
        "mail_delivery::a_name_never_becomes_a_header_or_a_recipient",
        "outbox::who_has_no_address_is_listed_and_not_written_to",
    ),
    "A56": (
        "command_line_bad_input::a_card_number_in_any_argument_is_refused_and_never_shown",
        "real_terminal::a_full_card_number_typed_at_the_window_is_shown_and_kept_nowhere",
        "resolving::a56_a_card_number_is_no_evidence",
        "command_line_outbox::a56_no_card_number_goes_out_by_mail_or_comes_back_from_its_server",
    ),
    "A57": (
        "texts::every_text_becomes_one_inert_line",
        "widgets::text_is_never_markup",
        "native::names_are_made_inert_and_are_never_markup",
    ),
    "A58": (
        "audit::the_first_record_that_does_not_hold_is_named",
        "audit::a_tail_cut_off_is_seen_by_its_anchor_alone",
        "audit::hashes_made_anew_without_the_key_are_seen",
        "older_copy::a48_nothing_is_written_or_sent_before_a_person_says_so",
    ),
    "A59": (
        "permissions::every_cell",
        "resolving::a59_only_a_supervisor_decides",
        "refunding::who_may_not_is_refused_and_on_record",
    ),
    "A62": (
        "killed_upgrades::a62_killed_inside_an_upgrade_it_is_the_old_store",
        "killed_upgrades::a62_every_state_goes_on_from_where_it_was",
    ),
}

LEFT: Mapping[str, str] = {
    "A25": "webhooks are not received: outcomes are looked up",
    "A26": "webhooks are not received: outcomes are looked up",
    "A34": "issue 4: the dispatch of many refunds, its simulation and real run",
    "A35": "issue 4: approval by a second person belongs to the dispatch",
    "A36": "issue 4: the credit run; at the window no leg in flight changes its method",
    "A37": "issue 4: the credit run of a dispatch",
    "A60": "issue 4: 100,000 refunds with a kill each minute; the siege is smaller",
    "A61": "issue 4: the simulation of a dispatch",
}
