"""Keys typed faster than the focus moves: each belongs to the field it was typed for."""

from __future__ import annotations

from textual import events
from textual.widget import Widget

FORWARD, BACK = frozenset({"down", "tab"}), frozenset({"up", "shift+tab"})


def hand_on(field: Widget, event: events.Key) -> bool:
    """Move the focus at once, or give a key to the field that has it by now; True if done.

    A binding would move it only after the keys behind it, which already wait at this field: a
    figure typed right after an arrow would change the row just left.
    """
    focused = field.screen.focused
    if focused is not field and focused is not None:
        later = events.Key(event.key, event.character)
        later.time = event.time
        later._set_forwarded()  # it has been through the window already
        focused.post_message(later)
    elif event.key in FORWARD:
        field.screen.focus_next()
    elif event.key in BACK:
        field.screen.focus_previous()
    else:
        return False
    event.stop()
    event.prevent_default()
    return True
