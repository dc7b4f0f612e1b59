"""The keys that the panel takes for itself, before Krita's shortcuts get them."""

from ..qt import Qt, QtCore


def runs(event) -> bool:
    """Whether a key event is Ctrl+Enter, of either Enter key."""
    keys, control = Qt.Key, Qt.KeyboardModifier.ControlModifier
    return event.key() in (keys.Key_Return, keys.Key_Enter) and bool(event.modifiers() & control)


def claimed(event) -> bool:
    """Whether an event is about Ctrl+Enter; it is accepted then, so that no shortcut of Krita's opens in its place.

    Qt first asks whoever has the keyboard, and then what lies around it, whether they override the shortcut.
    """
    kinds = QtCore.QEvent.Type
    is_ours = event.type() in (kinds.ShortcutOverride, kinds.KeyPress) and runs(event)
    if is_ours:
        event.accept()
    return is_ours
