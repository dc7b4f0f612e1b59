"""Whether the retoucher's hands are free: nothing is read or placed while a button, a pen or a stroke is down.

Krita ends a stroke that is being painted as soon as a layer joins the picture, and while a script waits for a picture, the
stroke cannot go on.
"""

from ..client.tasks import sleep
from ..qt import Qt, QtWidgets
from . import composite, identity

LOOK_S = 0.05
"""How often hands that were busy are looked at again."""


def are_free(document) -> bool:
    """Whether no button is pressed, and Krita neither paints in the document nor composites it."""
    pressed = QtWidgets.QApplication.mouseButtons() != Qt.MouseButton.NoButton
    return not pressed and composite.is_idle(document)  # A pen presses no button of Qt's; its stroke keeps Krita busy.


async def free(document) -> None:
    """Waits until they are, without holding anybody. Raises CannotEdit where the document is closed meanwhile.

    What follows up to the next `await` is done before the retoucher can press anything.
    """
    while True:
        await composite.settled()
        if are_free(identity.must_be_open(document)):
            return
        await sleep(LOOK_S)
