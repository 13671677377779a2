"""The command reference as markdown, made from the arguments themselves."""

from __future__ import annotations

import argparse

from tui.arguments import build_parser
from tui.first_options import GLOBAL_FLAGS, GLOBAL_OPTIONS
from tui.text.program import PROGRAM
from tui.text.wording import FALLBACK, Wording


def command_reference(language: str = FALLBACK) -> str:
    """Every command with its arguments, in the order of the help."""
    wording = Wording(language)
    parser = build_parser(wording)
    globals_ = _global_options(parser)
    synopsis = " ".join([PROGRAM, *(f"[{_shown(action)}]" for action in globals_)])
    parts = ["```", f"{synopsis} [COMMAND]", "```", "", _table(globals_)]
    for name, command in _commands(parser).items():
        own = [action for action in command._actions if _is_own(action)]
        required = _exclusive_groups(command)
        usage = " ".join([PROGRAM, name, *_usage(own, required)])
        parts += ["", f"### {name}", "", _sentence(command.description or ""), ""]
        parts += ["```", usage, "```"]
        if own:
            parts += ["", _table(own)]
    return "\n".join([*parts, "", _sentence(parser.epilog or "")])


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _global_options(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Those of the parser itself; its commands repeat them."""
    names = {*(option for option, _ in GLOBAL_OPTIONS), *GLOBAL_FLAGS}
    return [action for action in parser._actions if names.intersection(action.option_strings)]


def _is_own(action: argparse.Action) -> bool:
    return action.default is not argparse.SUPPRESS


def _exclusive_groups(parser: argparse.ArgumentParser) -> list[tuple[list[argparse.Action], bool]]:
    groups = parser._mutually_exclusive_groups
    return [(list(group._group_actions), group.required) for group in groups]


def _usage(
    actions: list[argparse.Action], groups: list[tuple[list[argparse.Action], bool]]
) -> list[str]:
    """Each argument as in a synopsis; alternatives in one bracket, where the first of them is."""
    words: list[str] = []
    for action in sorted(actions, key=lambda one: bool(one.option_strings)):
        group = next((group for group in groups if action in group[0]), None)
        if group is None:
            words.append(_bracketed(action))
        elif action is group[0][0]:
            choice = " | ".join(_shown(one) for one in group[0])
            words.append(f"({choice})" if group[1] else f"[{choice}]")
    return words


def _bracketed(action: argparse.Action) -> str:
    shown = _shown(action)
    repeated = "…" if isinstance(action, argparse._AppendAction) else ""
    if action.required or not (action.option_strings or action.nargs in ("?", "*")):
        return shown + repeated
    return f"[{shown}]{repeated}"


def _shown(action: argparse.Action) -> str:
    """`--to METHOD[:MINOR]`, `--json`, `FILE…`, `verify|export`"""
    value = "" if action.nargs == 0 else str(action.metavar or "")
    if action.choices and not action.metavar:
        value = "|".join(map(str, action.choices))
    if action.nargs in ("+", "*"):
        value += "…"
    return " ".join(part for part in (*action.option_strings[:1], value) if part)


def _table(actions: list[argparse.Action]) -> str:
    rows = ["| Argument | Meaning |", "|---|---|"]
    for action in actions:
        shown = _shown(action).replace("|", "\\|")
        rows.append(f"| `{shown}` | {action.help or ''} |")
    return "\n".join(rows)


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith(".") else f"{text}."
