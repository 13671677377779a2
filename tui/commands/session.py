"""What every command is given: its arguments, who asks, and the backend when it wants one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from backend_client.domain.caller import Caller, Entrance
from backend_client.domain.problems import Refused
from backend_client.domain.texts import free_text
from backend_client.ports import Clock, TokenSource
from backend_client.settings import Settings, load_settings
from tui import places, wiring
from tui.commands.console import Console
from tui.practice_folder import settings_beside, store_beside
from tui.text.dates import Dates
from tui.text.program import called
from tui.text.wording import Wording, languages

if TYPE_CHECKING:
    import argparse
    from types import SimpleNamespace

    from backend_client.answers import Capabilities
    from backend_client.backend import Backend

Arguments: TypeAlias = "argparse.Namespace | SimpleNamespace"
LONGEST_NAME = 100


class Session:
    """One run of the command line.

    The settings come from `config`, overridden by the options given; the backend is opened only
    when a command asks for it, and closed with it.
    """

    def __init__(
        self,
        args: Arguments,
        console: Console,
        clock: Clock,
        tokens: TokenSource,
        config: Path | None,
    ) -> None:
        self.args = args
        self.config = config
        self.console = console
        self.clock = clock
        self.tokens = tokens
        self._signed_in: Caller | None = None
        self.settings = self._overridden(load_settings(config), config)
        self.wording = Wording(self.settings.language)
        self.wording.zone = self.settings.house.zone
        self.console.wording = self.wording
        self.dates = Dates(self.settings.house.zone, self.wording)
        self.store_url: str = getattr(args, "store", "") or self._own_store()

    def _own_store(self) -> str:
        """The store where none is named: the practice venue's own with its settings."""
        found = store_beside(self.config)
        return places.sqlite_url(found) if found else places.default_store_url()

    def inside(self, store_url: str, config: Path) -> Session:
        """The same run in another house: its store and its settings."""
        other = Session(self.args, self.console, self.clock, self.tokens, config)
        other.store_url = store_url
        return other

    @property
    def pins_on_stdin(self) -> bool:
        """Does a script give the PINs, a line each?"""
        return bool(getattr(self.args, "pin_stdin", False))

    def caller(self, entrance: Entrance = Entrance.COMMAND_LINE) -> Caller:
        """Who signed in, or who the settings say."""
        known = wiring.caller(self.settings, entrance, self.tokens)
        if self._signed_in is None:
            return known
        return replace(known, operator=self._signed_in.operator, role=self._signed_in.role)

    @contextmanager
    def backend(self, *, create: bool = False, sign_in: bool = True) -> Iterator[Backend]:
        """The store this command works on; who asks signs in if it knows its operators, unless
        the command does that itself."""
        backend = wiring.open_backend(
            self.store_url, self.settings, create=create, clock=self.clock, tokens=self.tokens
        )
        try:
            self._say_where(backend.capabilities())
            if sign_in and backend.sign_in_needed():
                self._sign_in(backend)
            yield backend
        finally:
            backend.close()

    def _sign_in(self, backend: Backend) -> None:
        from tui.commands.signing_in import sign_in

        self._signed_in = sign_in(self, backend, self.caller())

    def _say_where(self, known: Capabilities) -> None:
        """Nobody may take practice for the real thing, at any moment; nor settings that were found
        beside the store for those of this user."""
        if self.console.json:
            return
        environment = self.settings.house.environment
        at_connect = self.settings.connect is not None and environment == "test"
        key = f"command.environment.{environment}{'_connect' if at_connect else ''}"
        if self.wording.has(key):
            self.console.say(self.wording.text(key))
        if known.read_only:
            self.console.say(self.wording.text("command.read_only"))
        if known.copied:
            self.console.say(self.wording.text("command.copied"))
        beside = settings_beside(self.store_url)
        if beside is not None and beside == self.config and not hasattr(self.args, "config"):
            self.console.say(self.wording.text("command.settings_beside", path=self.config))

    def usage(self, key: str, **values: object) -> Refused:
        """A mistake in the arguments that only this command can see."""
        detail = self.wording.text(f"command.usage.{key}", **values)
        return Refused("usage", detail=detail, command=f"{called()} {self.args.command}")

    def _overridden(self, settings: Settings, config: Path | None) -> Settings:
        language = self._option("lang", settings.language)
        if language not in languages():
            in_file = config if language == settings.language else None
            raise self._unknown("language", language, languages(), in_file)
        theme = self._option("theme", settings.theme)
        if theme != Settings().theme:  # the one there surely is: most runs look for no file
            import themes

            if theme not in themes.names():
                in_file = config if theme == settings.theme else None
                raise self._unknown("theme", theme, themes.names(), in_file)
        return replace(
            settings,
            operator=self._option("operator", settings.operator),
            desk=self._option("desk", settings.desk),
            language=language,
            theme=theme,
        )

    def _unknown(
        self, what: str, given: str, names: tuple[str, ...], in_file: Path | None
    ) -> Refused:
        """A language or theme there is not, in the settings or among the arguments."""
        known = ", ".join(names)
        if in_file is not None:
            detail = f"desk.{what} must be one of {known}"
            return Refused("config-invalid", path=str(in_file), detail=detail)
        detail = self.console.wording.text(f"command.usage.{what}", given=given, known=known)
        return Refused("usage", detail=detail, command=called())

    def _option(self, name: str, otherwise: str) -> str:
        given: str | None = getattr(self.args, name, None)
        if given is None:
            return otherwise
        text = free_text(given, name, LONGEST_NAME)
        if not text:
            detail = self.console.wording.text("command.usage.empty", option=f"--{name}")
            raise Refused("usage", detail=detail, command=called())
        return text
