"""What another server answered, laid where it belongs: an answer of any size onto the scene, or refused as another picture."""

from dataclasses import replace

from inlay.engines import Painting, Scene
from inlay.engines.interface import Frame
from inlay.errors import BadAnswer
from inlay.fidelity import alignment


def brought_back(scene: Scene, painting: Painting, frame: Frame) -> Painting:
    """`painting` with pixels of the scene's size that lie on the scene. Raises BadAnswer, saying why, where they cannot."""
    answer = painting.pixels
    found = alignment.find(scene.pixels, answer, scene.mask, scene.known, (*frame.size, *frame.place))
    size = answer.shape[1], answer.shape[0]
    if isinstance(found, alignment.NotFound):
        raise BadAnswer(f"the answer of {size[0]} x {size[1]} px is not used: {found.why}; nothing was changed")
    if alignment.misses(found.matrix, size, scene.mask):
        raise BadAnswer(
            f"the answer of {size[0]} x {size[1]} px is not used: it does not show all of the selection; nothing was changed"
        )
    placed = {
        "answered": f"{size[0]} x {size[1]}",
        "placed": " ".join(f"{value:.6g}" for value in found.matrix.ravel()),
        "likeness": "" if found.likeness is None else f"{found.likeness:.3f}",
    }
    pixels = alignment.laid(scene.pixels, answer, found.matrix)
    return replace(painting, pixels=pixels, frame=None, receipt={**painting.receipt, **placed})
