"""Which shapes of pictures somebody takes, and how far a picture is padded to have one. Pure, no pixels."""

from typing import NamedTuple

from inlay.region.rect import Size


class Framing(NamedTuple):
    """shapes: it has the ratio of one of them; none: any. longest: how many times the short side it may be at most; 0: any.
    multiple: what divides width and height.
    """

    shapes: tuple[Size, ...] = ()
    longest: float = 0.0
    multiple: Size = Size(1, 1)

    def size_for(self, size: Size) -> Size:
        """Of the picture that a picture of `size` is padded to; never smaller."""
        if self.shapes:
            return _with_ratio(size, self.shape_for(size))
        width, height = size
        if self.longest:
            width, height = (
                max(width, round(height / self.longest + 0.5)),
                max(height, round(width / self.longest + 0.5)),
            )
        across, down = self.multiple
        return Size(-(-width // across) * across, -(-height // down) * down)

    def shape_for(self, size: Size) -> Size:
        """The one of `shapes` whose ratio needs the least padding."""
        return min(self.shapes, key=lambda shape: _with_ratio(size, shape).area)


AS_IT_IS = Framing()


def _with_ratio(size: Size, shape: Size) -> Size:
    scale = max(size.width / shape.width, size.height / shape.height)
    return Size(max(size.width, round(scale * shape.width)), max(size.height, round(scale * shape.height)))
