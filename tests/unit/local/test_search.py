"""Bookings are found by whatever a customer can name, the right one on top, and nothing typed
ever breaks it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from backend_client.answers import Lookup
from backend_client.domain.incoming import IncomingBooking, IncomingContact
from backend_client.domain.plan import Part
from backend_client.domain.refund import Method
from backend_client.importing.practice_venue import practice_bookings
from backend_client.local.rows import fetch
from backend_client.local.search import lookup
from backend_client.local.search_index import rewrite_search
from backend_client.local.search_query import query_from
from backend_client.local.store import Store
from tests.unit import builders
from tests.unit.local.arriving import (
    BETTE,
    booking,
    bring_in,
)
from tests.unit.local.looking import VENUE, look
from tests.unit.local.venue import Desk, opened
from tests.unit.refusing import refused


def found(store: Store, text: str) -> list[str]:
    return [hit.reference for hit in look(store, text).hits]


def handles(one: IncomingBooking) -> dict[str, str]:
    """Everything a booking must be found by."""
    named = {
        "booking id": one.booking_id,
        "small letters": one.booking_id.lower(),
        "number": one.number,
        "transaction": one.transaction_id,
        "full key": ":".join(one.key),
    }
    for contact in one.contacts:
        named |= {
            f"name {contact.key}": contact.name,
            f"e-mail {contact.key}": contact.email,
            f"phone {contact.key}": contact.phone,
        }
    for payment in one.payments:
        named |= {
            f"provider {payment.key}": payment.provider_reference,
            f"bank {payment.key}": payment.bank_reference,
            f"last four {payment.key}": payment.masked_number[-4:],
        }
    for line in one.lines[:3]:
        named[f"seat {line.sequence}"] = line.seat
        named[f"seat {line.sequence} in one"] = line.seat.replace(" ", "")
    return {name: text for name, text in named.items() if any(map(str.isalnum, text))}


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_every_booking_is_found_by_each_of_its_handles(
    venue: Store, made: list[IncomingBooking], data: st.DataObject
) -> None:
    one = data.draw(st.sampled_from(made))
    name, text = data.draw(st.sampled_from(sorted(handles(one).items())))
    with venue.read() as connection:
        hits = lookup(connection, text, VENUE).hits
        ids = [hit.booking_id for hit in hits]
        keys = {
            tuple(row)
            for row in fetch(
                connection,
                "SELECT site, booking_id, transaction_id FROM booking "
                "WHERE id IN (SELECT value FROM json_each(?))",
                str(ids),
            )
        }
    assert one.key in keys, f"not found by {name}: {text}"


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_every_beginning_of_a_word_finds_it(
    venue: Store, made: list[IncomingBooking], data: st.DataObject
) -> None:
    one = data.draw(st.sampled_from([one for one in made if one.contact]))
    assert one.contact is not None
    words = [word for word in one.contact.name.split() if word.isalpha()]
    if words:
        word = data.draw(st.sampled_from(words))
        part = word[: data.draw(st.integers(1, len(word)))]
        with venue.read() as connection:
            ids = {hit.booking_id for hit in lookup(connection, part, VENUE).hits}
        assert made.index(one) + 1 in ids


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("偉", "CJKNAME"),
        ("張", "CJKNAME"),
        ("민준", "KOREAN1"),
        ("علي الح", "ARABIC1"),
        ("לוי", "HEBREW1"),
        ("lukas angst", "ACCENTS"),
        ("o'neill", "APOSTRO"),
        ("bold red anna", "MARKUP1"),
        ("théâtre", "EMOJI01"),
        ("davis anna", "WQA7AAB"),
        ("davis ham k3", "WQA7AAB"),
    ],
)
def test_names_of_all_kinds_are_found(venue: Store, text: str, first: str) -> None:
    assert first in found(venue, text)


def test_the_words_of_the_mock_up_find_what_they_should(venue: Store) -> None:
    assert set(found(venue, "davis ham")) >= {"WPM8TS9", "WPK2RR1", "WQA7AAB"}


@pytest.mark.parametrize(
    "text",
    ["WPM8TS9", " wpm8ts9 ", "3638", "3679", "OPH-29299", "oph-29299", "41980",
     "0001:WPM8TS9:3679", "0001:wpm8ts9:3679", "#1"],
)  # fmt: skip
def test_an_exact_handle_is_on_top_and_is_the_one_meant(venue: Store, text: str) -> None:
    answer = look(venue, text)
    assert answer.exact
    assert answer.hits[0].reference == "WPM8TS9"


def test_a_reused_booking_id_is_not_one_thing(venue: Store) -> None:
    answer = look(venue, "REUSED1")
    assert not answer.exact
    assert [hit.reference for hit in answer.hits[:2]] == ["REUSED1", "REUSED1"]
    assert answer.hits[0].booking_id > answer.hits[1].booking_id
    assert look(venue, "0001:REUSED1:910001").exact


@pytest.mark.parametrize("typed", ["WPOOI1A", "WP00I1A", "wpO0II a".replace(" ", "")])
def test_what_was_misread_from_paper_is_offered_but_not_taken_for_sure(
    venue: Store, typed: str
) -> None:
    answer = look(venue, typed)
    assert [hit.reference for hit in answer.hits] == ["WPO0I1A"]
    assert not answer.exact


def test_four_digits_that_are_a_number_and_a_card_are_not_sure(desk: Desk) -> None:
    bring_in(desk.store, booking("FIRST01", number="1111"))
    assert look(desk.store, "1111").exact
    bring_in(desk.store, booking("SECOND1", number="2"))
    answer = look(desk.store, "1111")
    assert not answer.exact
    assert [hit.reference for hit in answer.hits] == ["FIRST01", "SECOND1"]


def test_a_refund_number_leads_to_its_booking(desk: Desk) -> None:
    bring_in(desk.store, booking(), booking("OTHER01", number="1"))
    plan = desk.plan(builders.request(1, 2, 3, parts=[Part(Method.REQUESTED)]))
    outcome = desk.backend.execute_refund(builders.caller(), plan)
    for text in ("R-10001", "r-10001", "R10001", "R-10001.1"):
        answer = look(desk.store, text)
        assert answer.exact
        assert [hit.booking_id for hit in answer.hits] == [outcome.booking.id]
    assert look(desk.store, "R-99999").hits == ()


def test_the_newest_come_first_and_whole_words_before_beginnings(desk: Desk) -> None:
    names = ("Anna Ham", "Anna Hamilton", "Anna Hammer", "Anna Ham")
    bring_in(
        desk.store,
        *[
            booking(
                f"WP{place}",
                number=str(place),
                contact=IncomingContact(f"N{place}", name),
                payments=(),
                lines=booking().lines[1:2],
                performances=(),
            )
            for place, name in enumerate(names)
        ],
    )
    assert found(desk.store, "ham") == ["WP3", "WP0", "WP2", "WP1"]
    assert found(desk.store, "anna") == ["WP3", "WP2", "WP1", "WP0"]


def test_a_whole_word_is_found_below_any_number_of_longer_ones(desk: Desk) -> None:
    people = [IncomingContact("L0", "Li Na"), *(
        IncomingContact(f"L{place}", f"Lisa Naef {place}") for place in range(1, 80)
    )]  # fmt: skip
    bring_in(
        desk.store,
        *[
            booking(f"WP{place:03d}", number=str(place), contact=one, payments=())
            for place, one in enumerate(people)
        ],
    )
    for text in ("li", "li na", "na li"):
        assert found(desk.store, text)[0] == "WP000"
        assert len(found(desk.store, text)) == 50


@pytest.mark.parametrize("limit", [2, 5, 8, 50])
@pytest.mark.parametrize("text", ["li na", "li n", "na li", "l n", "li", "lisa naef", "lin na"])
def test_the_order_is_that_of_asking_from_whole_words_to_beginnings(
    desk: Desk, text: str, limit: int
) -> None:
    """Whichever questions are spared: found are the same bookings in the same order."""
    names = ("Li Na", "Lisa Naef", "Li Nabb", "Lisa Na", "Lina Nagy", "Na Li", "Linus Na", "Li Na")
    bring_in(
        desk.store,
        *[
            booking(f"WP{place}", contact=IncomingContact(f"N{place}", name), payments=())
            for place, name in enumerate(names)
        ],
    )
    with desk.store.read() as connection:
        one_by_one = [
            row.booking_id
            for expression in query_from(text).expressions
            for row in fetch(
                connection,
                "SELECT b.booking_id FROM search s JOIN booking b ON b.id = s.rowid "
                "WHERE search MATCH ? ORDER BY b.id DESC",
                expression,
            )
        ]
    wanted = list(dict.fromkeys(one_by_one))
    assert [hit.reference for hit in look(desk.store, text, limit).hits] == wanted[:limit]


def test_an_address_with_another_domain_comes_after_the_one_typed(desk: Desk) -> None:
    mails = ("anna@one.example", "anna@two.example", "anna@one.example")
    bring_in(
        desk.store,
        *[
            booking(f"WP{place}", contact=IncomingContact(f"A{place}", "A", mail), payments=())
            for place, mail in enumerate(mails)
        ],
    )
    assert found(desk.store, "anna@two.example") == ["WP1", "WP2", "WP0"]
    assert found(desk.store, "anna@one.example") == ["WP2", "WP0", "WP1"]
    assert found(desk.store, "anna@tw") == ["WP2", "WP1", "WP0"]


def test_a_full_page_says_that_there_is_more(venue: Store) -> None:
    assert look(venue, "a", limit=10).more
    assert len(look(venue, "a", limit=10).hits) == 10
    assert not look(venue, "WPM8TS9", limit=10).more


def test_all_bookings_are_counted_without_counting(venue: Store) -> None:
    assert look(venue, "nobody-of-this-name").bookings_total == VENUE
    with opened() as empty:
        assert look(empty, "x") == Lookup("x", (), exact=False, bookings_total=0)


@pytest.mark.parametrize("text", ["", "   ", "\x00", "\ud800", "!?*", '"', "(", "^", "-"])
def test_nothing_typed_finds_nothing(venue: Store, text: str) -> None:
    answer = look(venue, text)
    assert answer.hits == ()
    assert not answer.exact


NASTY = [
    'davis" OR "x', "davis AND", "OR", "NOT davis", "NEAR(a b)", "davis*", "*", "^davis",
    "name:davis",
    "davis NEAR/2 x", "'; DROP TABLE booking; --", "\\", "%", "_", "{a b}: c", "a" * 10_000,
    "davis " * 2_000, "#", "#x", "#99999999999999999999", "::", "a:b:c", "R-",
    "R-999999999999999999",
    "+", "+41", "00", "0", "٤٤٤٤", "\u202edavis", "👩‍👩‍👧", "é" * 300, "1" * 12, "\ufeff", "NULL",
]  # fmt: skip


@pytest.mark.parametrize("text", NASTY)
def test_nothing_typed_ever_raises(venue: Store, text: str) -> None:
    look(venue, text)


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=80).filter(lambda text: sum(map(str.isdecimal, text)) < 8))
def test_no_text_at_all_raises(venue: Store, text: str) -> None:
    answer = look(venue, text)
    assert answer.text == text
    assert len(answer.hits) <= 50


def test_words_of_the_language_of_the_index_are_only_words(venue: Store) -> None:
    assert found(venue, "davis AND") == []
    assert found(venue, "davis OR NOT") == []
    assert found(venue, "name:davis") == []


@pytest.mark.parametrize(
    "text",
    ["4111111111111111", "4111 1111 1111 1111", "%B4111111111111111^DAVIS^2512",
     "x 4111-1111-1111-1111",
     ";4111111111111111=2512", "+4111 1111 1111 1111", "004111111111111111"],
)  # fmt: skip
def test_a_full_card_number_is_refused_and_never_looked_for(venue: Store, text: str) -> None:
    with refused("full-card-number") as caught:
        look(venue, text)
    assert "1111" not in str(caught.value.details)


@pytest.mark.parametrize(
    "text",
    ["+41 79 412 30 76", "0041794123076", "079 412 30 76", "079412", "794123076", "0041 79 412"],
)
def test_a_phone_number_is_found_however_it_is_written(venue: Store, text: str) -> None:
    assert "WPM8TS9" in found(venue, text)


def test_a_long_phone_number_is_not_taken_for_a_card(venue: Store) -> None:
    for text in ("+86 138 0013 8002", "8613800138002", "00 86 138 0013 8002"):
        assert look(venue, text).hits == ()


def test_rewriting_unchanged_words_writes_nothing(venue: Store) -> None:
    def rewrite(connection: Connection) -> int:
        before: int = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
        rewrite_search(connection, range(1, VENUE + 1))
        after: int = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
        return after - before

    assert venue.write(rewrite, label="test") == 0


def test_the_index_holds_exactly_the_words_of_the_documents(desk: Desk) -> None:
    bring_in(desk.store, *practice_bookings(120, 5, builders.NOW))
    bring_in(desk.store, booking("WPM8TS9", transaction_id="3679", contact=BETTE, number="77"))
    desk.store.write(
        lambda c: c.exec_driver_sql("INSERT INTO search(search) VALUES ('integrity-check')"),
        label="check",
    )
