"""The arguments of serving other programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.arguments_tree import Tree

USUAL_PORT = 8640


def add_serving(tree: Tree, port: Callable[[str], int]) -> None:
    serve = tree.command("serve")
    tree.option(serve, "--face", name="serve.face", choices=("connect",), required=True)
    tree.option(serve, "--host", name="serve.host", metavar="ADDRESS", default="127.0.0.1")
    tree.option(serve, "--port", name="serve.port", metavar="N", type=port, default=USUAL_PORT)
    tree.option(serve, "--address-file", name="serve.address_file", metavar="FILE")
    tree.option(serve, "--insecure", name="serve.insecure", action="store_true")
