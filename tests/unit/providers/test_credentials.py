"""Keys to providers: found in one order, refused when anybody else could read them."""

from __future__ import annotations

import copy
import os
import pickle
import sys
from pathlib import Path
from types import ModuleType

import pytest

from backend_client.providers.credentials import Credentials, Secret
from tests.unit.refusing import refused

NAME = "worldline.live.secret"
VALUE = "0123456789abcdef"


def kept(folder: Path, value: str = VALUE, mode: int = 0o600, name: str = NAME) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(value, encoding="utf-8")
    path.chmod(mode)
    return path


def nobody(name: str) -> str | None:
    return None


def found(folder: Path, **environ: str) -> tuple[str, str]:
    credential = Credentials(folder, environ=environ, keyring=nobody).find(NAME)
    return credential.secret.reveal(), credential.source


def test_a_file_for_its_owner_alone_is_read(tmp_path: Path) -> None:
    path = kept(tmp_path, f"{VALUE}\n")
    assert found(tmp_path) == (VALUE, str(path))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666, 0o622, 0o601, 0o700 | 0o070])
def test_a_file_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    path = kept(tmp_path, mode=mode)
    with refused("secret-exposed") as caught:
        found(tmp_path)
    assert str(path) in caught.value.message
    assert f"{mode:04o}" in caught.value.message
    assert VALUE not in str(caught.value)


def test_a_link_or_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    real = kept(tmp_path / "elsewhere")
    (tmp_path / NAME).symlink_to(real)
    with refused("secret-exposed"):
        found(tmp_path)
    (tmp_path / NAME).unlink()
    (tmp_path / NAME).mkdir(mode=0o700)
    with refused("secret-exposed"):
        found(tmp_path)


def test_a_pipe_in_its_place_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / NAME, 0o600)
    with refused("secret-exposed"):
        found(tmp_path)


def test_the_file_of_somebody_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with refused("secret-exposed"):
        found(tmp_path)


def test_without_any_it_is_missing_and_its_place_is_told(tmp_path: Path) -> None:
    with refused("secret-missing") as caught:
        found(tmp_path)
    assert caught.value.details == {"name": NAME, "path": str(tmp_path / NAME)}


@pytest.mark.parametrize(
    "value", ["", "\n", "two\nlines", "tab\there", "späce", "\x1b[31m", "x" * 5000]
)
def test_what_no_key_looks_like_is_refused(tmp_path: Path, value: str) -> None:
    kept(tmp_path, value)
    with refused("secret-unusable"):
        found(tmp_path)


def test_the_credential_directory_comes_first_then_the_keyring(tmp_path: Path) -> None:
    files, given = tmp_path / "files", tmp_path / "given"
    kept(files, "from the file")
    kept(given, "from the service manager", 0o440)
    environ = {"CREDENTIALS_DIRECTORY": str(given)}

    def keyring(name: str) -> str | None:
        return "from the keyring" if name == NAME else None

    first = Credentials(files, environ=environ, keyring=keyring).find(NAME)
    assert (first.secret.reveal(), first.source) == (
        "from the service manager",
        "CREDENTIALS_DIRECTORY",
    )
    second = Credentials(files, environ={}, keyring=keyring).find(NAME)
    assert (second.secret.reveal(), second.source) == ("from the keyring", "keyring")
    (given / NAME).unlink()
    third = Credentials(files, environ=environ, keyring=nobody).find(NAME)
    assert third.secret.reveal() == "from the file"


def test_a_credential_everybody_can_read_is_refused(tmp_path: Path) -> None:
    kept(tmp_path, mode=0o444)
    with refused("secret-exposed"):
        found(tmp_path / "nowhere", CREDENTIALS_DIRECTORY=str(tmp_path))


def test_a_keyring_that_is_installed_is_asked_by_service_and_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    module = ModuleType("keyring")
    module.__spec__ = __spec__

    def get_password(service: str, name: str) -> str:
        asked.append((service, name))
        return VALUE

    module.get_password = get_password  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", module)
    credential = Credentials(tmp_path, environ={}).find(NAME)
    assert (credential.secret.reveal(), credential.source) == (VALUE, "keyring")
    assert asked == [("ticket-window", NAME)]


def test_a_keyring_that_fails_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = ModuleType("keyring")
    module.__spec__ = __spec__

    def get_password(service: str, name: str) -> str:
        raise RuntimeError("locked")

    module.get_password = get_password  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", module)
    kept(tmp_path)
    assert Credentials(tmp_path, environ={}).find(NAME).secret.reveal() == VALUE


def test_a_secret_shows_itself_to_nobody() -> None:
    secret = Secret(VALUE)
    for shown in (repr(secret), str(secret), f"{secret}", repr([secret]), repr({"a": secret})):
        assert VALUE not in shown
    assert secret.hint == "…cdef"
    assert Secret("short").hint == "…"
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        copy.deepcopy(secret)
