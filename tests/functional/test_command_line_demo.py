"""The practice venue from the command line, and every awkward booking of it."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from backend_client.importing.practice_awkward import awkward_cases
from backend_client.providers.practice_program.address import AddressFile, read_address
from backend_client.providers.practice_program.server import PracticeProgram
from tests.functional.desk import Desk
from tests.functional.json_schema import mistakes
from tui import wiring
from tui.commands.demo import Folder
from tui.text.columns import cells

SIZE = len(awkward_cases()) + 20
"""All the awkward ones, and some the seed made."""
README = Path(__file__).parents[2] / "README.md"
BUILT = ("demo", "--bookings", str(SIZE), "--seed", "7", "--no-tui")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A practice venue, built once and copied."""
    return tmp_path_factory.mktemp("built") / "practice"


@pytest.fixture
def practice(desk: Desk, built: Path) -> Path:
    """The folder of a practice venue of this test alone."""
    if not built.exists():
        assert desk.bare(*BUILT, "--dir", str(built)).code == 0
    folder = desk.folder / "practice"
    shutil.copytree(built, folder)
    return folder


def inside(folder: Path) -> tuple[str, ...]:
    return ("--store", f"sqlite:///{folder / 'store.db'}", "--config", str(folder / "config.toml"))


def rows(desk: Desk, folder: Path, last: int) -> list[dict[str, Any]]:
    """The last bookings of the venue, as full JSON."""
    found = []
    for number in range(SIZE - last + 1, SIZE + 1):
        shown = desk.bare("show", f"#{number}", "--json", *inside(folder))
        assert shown.code == 0
        found.append(shown.json)
    return found


@pytest.mark.parametrize(
    ("directory", "problem"),
    [
        ("", "usage"),
        ("--", "usage"),
        ("x" * 10_000, "text-invalid"),
        ("\x1b[31mred", "text-invalid"),
        ("\u202eevil", "text-invalid"),
        ("a\nb", "text-invalid"),
    ],
)
def test_a_directory_that_is_no_name_builds_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, directory: str, problem: str
) -> None:
    monkeypatch.chdir(desk.folder)
    before = sorted(desk.folder.iterdir())
    answer = desk.bare("demo", "--no-tui", "--bookings", "1", f"--dir={directory}")
    assert answer.code == 2
    assert f"({problem})" in answer.err
    assert not [letter for letter in answer.err if letter in "\x1b\u202e"]
    assert sorted(desk.folder.iterdir()) == before


def test_the_venue_is_built_once_and_says_what_to_try(desk: Desk, practice: Path) -> None:
    again = desk.bare(*BUILT, "--dir", str(practice))
    assert again.code == 0
    assert again.out == ""
    assert f"Using the practice venue found in {practice}: {SIZE} bookings from seed 7" in again.err
    assert "lookup davis" in again.err
    assert again.err.count("REUSED1") == 1, "two bookings of one name are one to try"
    unnamed = desk.bare("demo", "--no-tui", "--dir", str(practice))
    assert f"Using the practice venue found in {practice}: {SIZE} bookings" in unnamed.err
    assert desk.bare("lookup", "davis", *inside(practice)).code == 0


def test_what_the_demo_says_to_try_works_as_it_stands(desk: Desk, practice: Path) -> None:
    said = desk.bare(*BUILT, "--dir", str(practice)).err
    tries = [shlex.split(line) for line in said.splitlines() if " --config " in line]
    assert len(tries) == 6
    for _, *arguments in tries:
        answer = desk.bare(*arguments)
        assert "store-not-found" not in answer.err
        assert "not-allowed" not in answer.err
        assert "PRACTICE" in answer.err


def test_the_settings_of_a_practice_venue_alone_find_its_store(desk: Desk, practice: Path) -> None:
    found = desk.bare("lookup", "davis", "--config", str(practice / "config.toml"))
    assert found.code == 0, found.err
    assert "settings of this practice venue" not in found.err
    (practice / "practice.json").unlink()
    elsewhere = desk.bare("lookup", "davis", "--config", str(practice / "config.toml"), "--json")
    assert str(practice) not in elsewhere.out


def test_the_store_of_a_practice_venue_alone_finds_its_settings(desk: Desk, practice: Path) -> None:
    url = f"sqlite:///{practice / 'store.db'}"
    shown = desk.bare("show", "WPM8TS9", "--store", url)
    assert f"Using the settings of this practice venue: {practice / 'config.toml'}" in shown.err
    with_both = desk.bare("show", "WPM8TS9", *inside(practice))
    assert shown.out == with_both.out
    assert "Using the settings" not in with_both.err
    other = desk.bare("show", "WPM8TS9", "--store", url, "--config", str(desk.config))
    assert "Using the settings" not in other.err


def test_a_store_that_is_not_there_names_the_practice_venue(desk: Desk) -> None:
    missing = desk("lookup", "davis")
    assert missing.code == 3
    assert "the command demo and name it by the --config it prints, or its --store" in missing.err


def test_the_first_steps_of_the_readme_work_after_its_demo(
    desk: Desk, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Word for word, with the default folders; the fingerprint is what the preview printed."""
    monkeypatch.setenv("HOME", str(desk.folder))
    for variable in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(variable, raising=False)
    assert desk.bare(*BUILT).code == 0
    section = README.read_text(encoding="utf-8").split("## At the command line, step by step")[1]
    assign, *steps = section.split("```")[1].removeprefix("sh\n").splitlines()
    venue = str(desk.folder / assign.split()[0].removeprefix("venue=~/"))
    codes, fingerprint = [], ""
    for step in steps:
        line = step.replace("$venue", shlex.quote(venue)).replace("FINGERPRINT", fingerprint)
        answer = desk.bare(*shlex.split(line, comments=True)[1:])
        codes.append(answer.code)
        printed = re.search(r"\b[0-9a-f]{32}\b", answer.out)
        fingerprint = printed[0] if printed else fingerprint
    assert codes == [0, 0, 1, 0, 0, 0]
    assert "24.00" in answer.out, "the receipt of what was just given back"


def test_the_same_seed_makes_the_same_bookings(desk: Desk, practice: Path) -> None:
    other = desk.folder / "other"
    assert desk.bare(*BUILT, "--dir", str(other)).code == 0
    names = ("key", "lines", "payments", "contact")
    ours, theirs = (
        [{name: row[name] for name in names} for row in rows(desk, folder, 20)]
        for folder in (practice, other)
    )
    assert ours == theirs


def test_another_size_is_built_anew_in_its_own_folder(desk: Desk, practice: Path) -> None:
    other = desk.bare("demo", "--bookings", "62", "--no-tui", "--dir", str(practice))
    assert other.code == 0
    assert f"Found {SIZE} bookings from seed 7" in other.err
    assert "62 bookings from seed 7" in other.err
    total = desk.bare("lookup", "davis", "--json", *inside(practice)).json["bookings_total"]
    assert total == 62


def test_the_settings_are_kept_when_it_is_built_anew(desk: Desk, practice: Path) -> None:
    config = practice / "config.toml"
    config.write_text(config.read_text().replace("Palais", "Le Moulin"))
    other = desk.bare("demo", "--bookings", "62", "--seed", "8", "--no-tui", "--dir", str(practice))
    assert other.code == 0
    assert "62 bookings from seed 8" in other.err
    assert 'name = "Le Moulin"' in config.read_text()
    assert desk.bare("doctor", *inside(practice)).code == 0


def test_two_first_builds_at_once_make_one_venue(tmp_path: Path) -> None:
    """Each in a process of its own; one builds, the other waits for it and uses what it made."""
    folder = tmp_path / "practice"
    command = [sys.executable, "-m", "tui", *BUILT, "--dir", str(folder)]
    with Folder(folder).alone(lambda: None):
        both = [
            subprocess.Popen(command, stderr=subprocess.PIPE, text=True, encoding="utf-8")
            for _ in range(2)
        ]
        for one in both:
            assert one.stderr is not None
            assert "waiting for it" in one.stderr.readline()
    said = [one.communicate()[1] for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert sorted("Using the practice venue" in err for err in said) == [False, True]
    assert sorted("Building the practice venue" in err for err in said) == [False, True]


@pytest.mark.parametrize("broken", ["store.db", "config.toml"])
def test_half_a_venue_is_built_anew(desk: Desk, practice: Path, broken: str) -> None:
    (practice / broken).unlink()
    answer = desk.bare(*BUILT, "--dir", str(practice))
    assert answer.code == 0
    assert "unfinished" in answer.err
    assert desk.bare("doctor", *inside(practice)).code == 0


def test_a_folder_with_anything_else_in_it_is_left_alone(desk: Desk) -> None:
    folder = desk.folder / "mine"
    folder.mkdir()
    (folder / "thesis.txt").write_text("twelve years of work")
    answer = desk.bare(*BUILT, "--dir", str(folder))
    assert answer.code == 1
    assert "(demo-directory)" in answer.err
    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]
    not_a_folder = desk.bare(*BUILT, "--dir", str(folder / "thesis.txt"))
    assert not_a_folder.code == 1


@pytest.mark.parametrize(
    "more",
    [
        ("--bookings", "0"),
        ("--bookings", "-5"),
        ("--bookings", "1e3"),
        ("--bookings", "99999999"),
        ("--seed", "x"),
        ("--seed", "٣"),
        ("--faults", "nonsense=1"),
        ("--dialect", "esperanto"),
        ("--store", "sqlite:////tmp/x.db"),
        ("--config", "x.toml"),
    ],
)
def test_what_cannot_be_built_is_refused_before_anything(desk: Desk, more: tuple[str, ...]) -> None:
    folder = desk.folder / "never"
    answer = desk.bare("demo", "--no-tui", "--dir", str(folder), *more)
    assert answer.code == 2
    assert not folder.exists()


def test_the_window_needs_a_terminal_before_anything_is_built(desk: Desk) -> None:
    folder = desk.folder / "never"
    answer = desk.bare("demo", "--dir", str(folder))
    assert (answer.code, folder.exists()) == (2, False)
    assert "(terminal-needed)" in answer.err


def test_cashier_and_supervisor_of_the_venue(desk: Desk, practice: Path) -> None:
    refused = desk.bare("audit", "verify", *inside(practice))
    assert refused.code == 1
    assert "cashier A. Rochat may not do this" in refused.err
    supervisor = ("--operator", "B. Keller")
    assert desk.bare("audit", "verify", *supervisor, *inside(practice)).code == 0


@contextmanager
def practising(folder: Path) -> Iterator[str]:
    """The venue's payment provider runs already, so that no command has to start it."""
    store = folder / "store.db"
    program = PracticeProgram("worldline", ledger=str(wiring.practice_file(store)))
    thread = threading.Thread(target=program.serve)
    with closing(AddressFile(wiring.practice_file(store, ".address"))) as told:
        told.write(program.url)
        thread.start()
        yield program.url
        program.stop()
        thread.join()


def test_the_venue_gives_back_through_its_provider_s_program(desk: Desk, practice: Path) -> None:
    where = inside(practice)
    for number, (booking, state) in enumerate(
        [("WPM8TS9", "succeeded"), ("DEADCRD", "declined"), ("SLOWCRD", "accepted")], 2
    ):
        done = desk.bare(
            "refund", booking, "--all", "--reason", "goodwill", "--commit", "--json", *where
        )
        assert (done.json["refund"], done.json["legs"][0]["state"]) == (f"R-1000{number}", state)
    ledger = wiring.practice_file(practice / "store.db")
    with closing(sqlite3.connect(ledger)) as books:
        found = books.execute("SELECT amount_minor, state, becomes FROM refund ORDER BY id")
        assert found.fetchall() == [
            (1450, "final", ""),
            (2100, "declined", ""),
            (2100, "accepted", "final"),
        ]
    assert read_address(wiring.practice_file(practice / "store.db", ".address")) is None
    assert ledger.stat().st_mode & 0o077 == 0
    desk.clock.move(minutes=5)
    assert desk.bare("settle", *where).code == 0
    assert desk.bare("reconcile", "--operator", "B. Keller", *where).code == 0
    assert desk.bare("doctor", *where).code == 0


def test_the_provider_speaks_another_dialect_when_asked(desk: Desk, practice: Path) -> None:
    where = inside(practice)
    give = ("refund", "SLOWCRD", "--all", "--reason", "goodwill", "--commit", "--json", *where)
    assert desk.bare(*give).json["legs"][0]["state"] == "accepted"
    kept = desk.bare(*BUILT, "--dir", str(practice), "--dialect", "stripe")
    assert "Using the practice venue" in kept.err
    assert 'dialect = "stripe"' in (practice / "config.toml").read_text()
    done = desk.bare("refund", "WPM8TS9", "--all", "--reason", "goodwill", "--commit", *where)
    assert "provider reference re_" in done.out
    desk.clock.move(minutes=5)
    assert desk.bare("settle", *where).code == 0, "what the other dialect began is finished"
    assert desk.bare("reconcile", "--operator", "B. Keller", *where).code == 0


def test_a_provider_that_runs_keeps_its_dialect(desk: Desk, practice: Path) -> None:
    with practising(practice):
        other = desk.bare(*BUILT, "--dir", str(practice), "--dialect", "stripe")
        assert other.code == 2
        assert "cannot speak stripe now" in other.err
        assert desk.bare(*BUILT, "--dir", str(practice), "--dialect", "worldline").code == 0
    config = practice / "config.toml"
    config.write_text(config.read_text().replace("[providers.psp]", "[providers.mine]"))
    assert desk.bare(*BUILT, "--dir", str(practice), "--dialect", "stripe").code == 0
    config.write_text("")
    assert desk.bare(*BUILT, "--dir", str(practice), "--dialect", "stripe").code == 2


def test_every_awkward_booking_is_given_back_or_refused_with_a_reason(
    desk: Desk, practice: Path
) -> None:
    """Whatever a booking is like: an answer of the catalogue, a plan as our schema says, a receipt
    that fits its paper, and books that hold in the end."""
    with practising(practice):
        give_everything_back(desk, practice)


def give_everything_back(desk: Desk, practice: Path) -> None:
    schema = desk.bare("schema", "plan").json
    where = (*inside(practice), "--operator", "B. Keller")
    seen = ("--acknowledge", "fee-stranded", "--acknowledge", "group-broken")
    planned = 0
    for number in range(1, SIZE + 1):
        assert desk.bare("show", f"#{number}", *where).code == 0
        ask = ("refund", f"#{number}", "--all", "--reason", "goodwill", *where)
        plan = desk.bare(*ask, "--preview", "--json")
        assert plan.code in (0, 1), plan.out
        if "fingerprint" not in plan.json:
            continue
        planned += 1
        assert list(mistakes(schema, plan.json)) == []
        legs = plan.json["legs"]
        assert sum(leg["amount_minor"] for leg in legs) == plan.json["amount_minor"]
        done = desk.bare(*ask, *seen, "--commit", "--json")
        assert done.code in (0, 4), done.out
        receipt = desk.bare("show", done.json["refund"], "--receipt", *where).out
        assert max(cells(line) for line in receipt.splitlines()) <= 42
    assert planned > SIZE // 2
    assert desk.bare("doctor", *where).code == 0
    export = desk.bare("audit", "export", *where).out.splitlines()
    assert [json.loads(line)["seq"] for line in export] == list(range(1, len(export) + 1))


def test_where_a_part_goes_another_way_than_the_rest(desk: Desk, practice: Path) -> None:
    """How, of how much, in minor units."""
    expected = {
        "HALFDED": [("matched", 3000), ("matched", 3000)],
        "NOTENUF": [("matched", 2000), ("requested", 4000)],
        "CREDCRD": [("credit", 1500), ("matched", 3000)],
        "LATECRD": [("matched", 6000), ("requested", 4000)],
        "OTHRPSP": [("requested", 2500)],
        "EXTHALF": [("requested", 2500)],
        "EXTSALE": [("matched", 2100)],
        "EXCHLOW": [("matched", 2500)],
        "COLBACK": [("matched", 1000)],
    }
    shown = {}
    for booking in expected:
        ask = ("refund", booking, "--all", "--reason", "goodwill", "--preview", "--json")
        legs = desk.bare(*ask, *inside(practice)).json["legs"]
        shown[booking] = sorted((leg["method"], leg["amount_minor"]) for leg in legs)
    assert shown == expected


def test_what_only_the_provider_knows_comes_out_in_time(desk: Desk, practice: Path) -> None:
    """One card declines while the other pays; a refund is taken back; another was made by hand."""
    where = (*inside(practice), "--operator", "B. Keller")

    def states(booking: str) -> list[str]:
        legs = desk.bare("show", booking, "--json", *where).json["refunds"][0]["legs"]
        return [leg["state"] for leg in legs]

    with practising(practice):
        for booking in ("HALFDED", "LATEFAI", "BACKOFF"):
            desk.bare("refund", booking, "--all", "--reason", "goodwill", "--commit", *where)
        assert states("HALFDED") == ["succeeded", "declined"]
        assert states("LATEFAI") == ["succeeded"]
        for minutes in (2, 24 * 60):
            desk.clock.move(minutes=minutes)
            desk.bare("settle", *where)
        assert states("LATEFAI") == ["failed_late"]
        assert states("BACKOFF") == ["declined"]
        assert desk.bare("doctor", *where).code == 4
        (found,) = desk.bare("reconcile", "--json", *where).json["provider_only"]
        refund = (found["payment_reference"], "--reference", found["provider_refund_id"])
        accept = ("reconcile", "--accept", *refund, "--note", "seen", *where)
        assert desk.bare(*accept).code == 1, "what was declined here is still promised as well"
        declined = desk.bare("show", "BACKOFF", "--json", *where).json["refunds"][0]["refund"]
        desk.bare("void", declined, "--reason", "given back by the back office", *where)
        assert desk.bare(*accept).code == 0
    assert desk.bare("doctor", *where).code == 0


@pytest.mark.parametrize("what", ["booking", "plan"])
def test_schemas_are_json_and_name_themselves(desk: Desk, what: str) -> None:
    schema = desk.bare("schema", what).json
    assert schema["type"] == "object"
    assert schema["title"]
