"""What is promised about Vista Connect, and about who may do what: each has tests that fail when
it is broken.

Traps are in `test_traps_of_connect.py`, ways to fail in `test_faults_of_connect.py`. Names are as
in `tests/named.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.named import missing

Shown = tuple[str, ...]

THE_CLIENT: Mapping[str, Shown] = {
    "it reads by id, number, full key; case and blanks are nobody's": (
        "connect_finding::a_booking_opens_by_any_of_its_names",
        "connect_samples::its_booking_is_understood",
    ),
    "a search asks for what the form of the text means, with Enter": (
        "connect_finding::what_was_typed_is_asked_for_by_its_form",
        "connect_finding::a_search_that_is_too_wide_says_what_is_wanted",
        "real_terminal_connect::search_is_on_enter_and_what_is_not_there_says_why",
    ),
    "a 200 is looked into for its result code, under three names": (
        "answers::every_answer_has_its_signal",
        "connect_traps::18_and_20_a_200_is_no_success_by_itself",
        "connect_result_codes::every_known_code_says_one_thing",
    ),
    "bodies are the samples to the field, with the lines named": (
        "connect_samples::part_of_it_is_recorded_as_paid_outside",
        "connect_samples::all_of_it_goes_back_to_the_payment",
        "connect_samples::a_gift_card_and_a_card_outside_go_in_one_call",
        "writing::lines_are_always_named_and_once",
    ),
    "no security code and no payment card is ever sent": (
        "connect_samples::a_payment_card_typed_in_goes_nowhere",
        "writing::an_external_refund_has_the_expiry_in_two_fields_and_never_a_security_code",
        "writing::no_payment_card_is_ever_sent_and_no_number_is_shown",
    ),
    "headers go out as they are spelled, tenants' too, over HTTP/1.1": (
        "client::header_names_go_out_exactly_as_written_over_http_1_1",
        "connect_settings::everything_is_read",
        "connect_settings::a_mistake_is_named",
    ),
    "reading is lenient, writing is strict": (
        "connect_traps::11_no_in_every_form_is_no",
        "connect_traps::21_and_22_numbers_as_text_and_codes_with_zeros_stay_what_they_are",
        "connect::unknown_fields_and_missing_lists_are_no_trouble",
        "writing::amounts_are_whole_cents_above_zero",
    ),
    "one refund is one call, never sent again by itself": (
        "client::a_refund_is_sent_once_whatever_comes_back",
        "connect_faults::what_is_not_known_blocks_the_booking_and_is_never_sent_again",
        "connect_commits::a_commit_key_is_good_for_one_plan",
        "connect_backend::two_windows_give_a_line_back_once",
    ),
    "the intent is in the journal before the call": (
        "journal::what_was_meant_is_kept_whole_before_anything_is_sent",
        "killed_connect::killed_while_it_is_sending",
        "connect_commits::a_call_nobody_can_be_making_any_more_is_looked_at",
        "connect_commits::a_call_of_a_program_that_lives_is_left_to_it_for_as_long_as_one_can_take",
    ),
    "the booking is read right before the call and compared": (
        "connect_traps::39_the_booking_is_read_right_before_the_call",
        "connect_backend::a_refund_made_elsewhere_meanwhile_makes_the_plan_stale",
        "connect_traps::23_an_id_that_is_used_again_is_another_booking",
    ),
    "it is read again afterwards, and decides": (
        "connect_faults::what_became_of_a_call_is_read_from_the_booking",
        "connect_malformed::after_a_broken_answer_to_a_refund_only_the_booking_tells",
    ),
    "nobody decides before the wait is over, and then a supervisor": (
        "connect_faults::unknown_becomes_review_when_the_grace_is_over_and_it_was_read_often",
        "journal::often_is_not_enough_before_the_grace_is_over",
        "connect_resolving::only_a_supervisor_decides_and_only_with_evidence",
    ),
    "mixing kinds warns of manual resolution": (
        "connect_faults::a_mixed_refund_is_warned_of_before_it_is_made",
    ),
    "matched, external and stored value; the screens say why not the rest": (
        "connect_backend::it_says_what_it_can_do_and_why_not_the_rest",
        "connect_roles::what_is_not_there_says_why",
        "connect_backend::nothing_can_be_kept_back",
        "real_terminal_connect::search_is_on_enter_and_what_is_not_there_says_why",
    ),
    "kinds and details of external payments are each cinema's": (
        "connect_backend::a_kind_the_cinema_does_not_take_is_off_with_its_reason",
        "connect_backend::a_cinema_may_want_details_of_an_external_payment",
        "command_line_connect::a_cinema_that_wants_the_card_says_so",
    ),
    "it keeps the contract of every backend, as far as Connect offers it": (
        "connect_offered::connect_keeps_the_contract",
        "connect_offered::what_is_left_out_is_there_to_be_left_out",
    ),
    "the token is a secret, and goes nowhere else": (
        "connect_backend::without_its_token_it_is_not_opened",
        "client::an_answer_that_repeats_the_token_does_not_get_it_kept",
        "connect_settings::test_and_live_are_never_mixed",
        "http_client::a_redirect_is_an_answer_and_is_not_followed",
    ),
    "a refund is waited for as long as the settings say": (
        "client::a_call_may_take_as_long_as_the_settings_say",
    ),
    "the window walks all of it in a terminal, also when Connect is gone": (
        "window_on_connect::a_cashier_gives_a_booking_back_in_parts_until_nobody_answers",
        "window_on_connect::half_a_refund_is_shown_and_decided_by_a_supervisor",
        "real_terminal_connect::a_system_that_is_gone_is_said_and_the_window_stays",
        "real_terminal_connect::an_external_payment_is_recorded_with_its_card",
    ),
    "pictures of a system that is gone and of manual resolution": ("connect::connect",),
}
THE_SERVER: Mapping[str, Shown] = {
    "the sample read back is the sample, to the byte": (
        "connect_bytes::the_sample_read_back_is_the_sample",
        "connect_bytes::every_sample_of_a_refund_is_understood",
    ),
    "a security code is kept nowhere, and is dropped where the document has one": (
        "connect_bytes::the_sample_with_a_security_code_is_recorded_without_it",
        "connect_strictness::where_the_sample_has_a_security_code_it_is_dropped",
        "connect_strictness::a_security_code_is_refused_and_not_repeated",
        "serving::what_was_sent_of_a_card_lies_in_no_file_and_no_stream",
    ),
    "the first generation answers 200 and a code, the second a status": (
        "connect_strictness::the_first_generation_answers_200_and_4",
        "connect_strictness::the_second_generation_answers_400",
        "connect_calls::every_refusal_has_a_code_and_a_status",
    ),
    "a sale taken outside is recorded, and reversed only with both details": (
        "connect_calls::a_sale_is_recorded_and_can_be_reversed",
        "connect_calls::without_what_reverses_it_a_sale_goes_back_by_record_alone",
        "serving::a_sale_taken_elsewhere_is_imported_recorded_and_reversed",
    ),
    "a refund tells which call made it, and nothing else tells two alike apart": (
        "connect_bytes::what_went_back_shows_as_refunded_and_is_understood",
        "connect_whose::our_own_face_says_that_a_record_is_ours",
        "connect_outcome::what_does_not_say_whose_it_is_is_ours_where_nobody_answered",
    ),
    "GET on the booking is ours, with a version": (
        "connect_bytes::our_own_call_says_the_same_with_a_version",
        "connect_refunds::a_booking_that_moved_since_it_was_read_is_not_refunded",
        "connect_meanwhile::what_was_planned_for_another_state_of_the_booking_is_not_done",
    ),
    "the token's header counts in any case": (
        "connect_calls::the_name_of_the_token_is_taken_in_any_case",
    ),
    "plain HTTP is for this machine alone": ("serving::plain_http_is_for_this_machine_alone",),
    "without the extra it says what to install": (
        "serving::without_the_extra_it_says_what_to_install",
    ),
    "killed in the middle of a refund it is made once": (
        "killed_serving::killed_while_the_provider_answers",
    ),
}
WHO_MAY: Mapping[str, Shown] = {
    "nothing is answered before somebody signs in": (
        "sign_in::with_one_every_call_asks_for_it",
        "connect_signing_in::before_signing_in_nothing_is_answered",
        "screens_signing_in::with_operators_nothing_is_asked_of_the_store_before_one_signs_in",
        "screens_signing_in::no_key_leads_past_it",
    ),
    "PINs are kept as slow hashes, and are seen nowhere": (
        "operators::a_pin_is_nowhere_and_who_did_what_is_on_record",
        "wrong_pins::the_hash_of_nobody_takes_as_long_as_anybody_s",
        "pins::it_shows_itself_to_nothing_by_accident",
        "command_line_access::a_pin_is_in_nothing_that_is_said_or_kept",
    ),
    "wrong PINs lock the name": (
        "wrong_pins::five_wrong_pins_lock_the_name_and_each_further_one_twice_as_long",
        "command_line_access::five_wrong_pins_lock_and_the_list_says_so",
    ),
    "an idle window locks itself, and comes back to the same screen": (
        "screens_lock::an_idle_window_locks_itself_and_a_used_one_does_not",
        "screens_lock::a_key_locks_and_the_pin_alone_opens_the_same_screen",
        "real_terminal_signing_in::a_cashier_signs_in_locks_the_window_and_comes_back_to_the_same_screen",
    ),
    "signing in, the lock and approvals take at most three keys and the PIN": (
        "few_keys::whose_window_it_is_presses_enter",
        "few_keys::somebody_else_chooses_their_name_first",
        "few_keys::locking_and_coming_back",
        "few_keys::another_person_takes_a_locked_window_over",
        "few_keys::a_run_is_approved_beside_its_maker",
        "few_keys::a_run_is_approved_at_the_own_window",
        "screens_approval::it_takes_few_keys_beside_the_pin",
    ),
    "every role, function and entrance has its cell": (
        "roles::every_cell",
        "roles::every_method_of_a_backend_is_in_the_table",
        "permissions::every_cell",
        "connect_roles::every_role_may_do_its_own_and_nothing_else",
    ),
    "cashiers record external payments with a reference, within limits": (
        "permissions::every_cell",
        "connect_traps::29_a_record_needs_its_proof",
        "approval::at_the_limit_it_goes_and_one_above_it_waits",
    ),
    "above a limit a refund awaits approval, by another than its maker": (
        "approving::until_it_is_approved_nothing_leaves_and_the_caps_hold",
        "approving::nobody_approves_their_own_and_the_refusal_is_on_record",
        "approval::it_is_approved_by_a_supervisor_who_did_not_make_it",
        "connect_approvals::nothing_is_sent_before_somebody_else_says_yes",
        "connect_approvals::only_another_supervisor_approves",
        "connect_refunds::above_a_token_s_limit_the_refund_waits_and_nothing_is_sent",
    ),
    "four eyes look at a run above the threshold, at its fingerprint": (
        "four_eyes::without_an_approval_nothing_goes_live",
        "four_eyes::at_the_threshold_nobody_else_is_needed",
        "four_eyes::its_maker_does_not",
        "four_eyes::what_was_not_looked_at_is_not_approved",
        "run_limits::above_the_threshold_another_supervisor_is_needed",
        "command_line_runs_four_eyes::off_one_supervisor_is_enough",
    ),
    "the ceilings stand for the approval where nobody looks": (
        "four_eyes::below_the_ceilings_nobody_else_is_needed",
        "four_eyes::above_a_ceiling_no_approval_helps",
        "run_limits::the_ceilings_stand_in_for_the_approval_where_nobody_looks",
        "command_line_runs_unattended::above_a_ceiling_nothing_moves_and_the_simulation_stays",
    ),
    "limits are admins', and a second one confirms": (
        "house_limits::of_two_the_other_one_confirms",
        "house_limits::nobody_else_looks_sets_or_confirms",
    ),
    "a token reaches its bookings, parts and kinds alone": (
        "permissions::a_token_reaches_its_bookings_and_no_others",
        "permissions::its_own_are_what_was_sold_through_the_channel_of_its_name",
        "permissions::a_token_gives_back_the_parts_it_names",
        "permissions::a_token_gives_back_by_the_kinds_of_payment_it_has_a_word_for",
        "tokens::what_a_token_does_not_reach_is_not_found_shown_or_given_back",
        "tokens::every_word_of_a_token",
        "connect_scopes::a_booking_out_of_reach_is_neither_shown_nor_given_back",
        "connect_scopes::parts_and_kinds_are_the_token_s",
        "connect_refunds::limits_and_scopes_are_those_of_the_backend",
    ),
    "a token is kept as a hash, shown once, and can be revoked": (
        "api_clients::a_token_is_long_and_random_and_only_its_hash_is_kept",
        "api_clients::a_token_is_not_in_what_is_said_of_its_making",
        "api_clients::a_revoked_token_stays_revoked_and_its_name_may_have_another",
        "command_line_access::a_token_is_printed_once_with_what_it_is_for",
        "serving::a_token_that_is_revoked_is_refused_from_then_on",
    ),
    "a program starts only what a supervisor approved, and approves nothing": (
        "program_runs::it_starts_what_was_approved_and_nothing_else",
        "program_runs::what_is_left_of_one_it_takes_up_or_ends_only_if_it_was_approved",
        "program_runs::none_approves_whatever_its_words",
    ),
    "a token reaches its bookings, parts and kinds of payment, in every combination": (
        "token_combinations::a_token_gives_back_what_it_is_for_and_nothing_else",
        "connect_scopes::parts_and_kinds_are_the_token_s",
    ),
    "refused tokens are on record, and a flood of them fills nothing": (
        "turned_away::each_kind_of_refused_token_is_on_record_at_once",
        "turned_away::a_flood_from_everywhere_is_bounded_too",
        "serving::refused_tokens_are_on_record_by_address_and_never_written_down",
    ),
    "who was refused for who they are is on record": (
        "roles::every_cell",
        "tokens::every_word_of_a_token",
        "connect_roles::every_role_may_do_its_own_and_nothing_else",
        "approving::nobody_approves_their_own_and_the_refusal_is_on_record",
    ),
    "pictures of signing in, the lock and approval": (
        "signing_in::signing_in",
        "approval::approval",
    ),
}
PROMISES: Mapping[str, Shown] = {**THE_CLIENT, **THE_SERVER, **WHO_MAY}


def test_no_promise_stands_twice() -> None:
    assert len(PROMISES) == len(THE_CLIENT) + len(THE_SERVER) + len(WHO_MAY)


@pytest.mark.parametrize("promise", PROMISES)
def test_what_shows_a_promise_exists(promise: str) -> None:
    assert PROMISES[promise]
    assert missing(PROMISES[promise]) == []
