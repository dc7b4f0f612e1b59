"""Draws the plugin's icons: a piece set into a plate. Run it after a change; the pictures are committed."""

from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).parent
SMOOTH = 8
"""Drawn so many times larger, then reduced."""


def draw(side: int, plate: tuple[int, int, int, int], piece: tuple[int, int, int, int]) -> Image.Image:
    """A square icon of `side` px; colours as RGBA."""
    full = side * SMOOTH
    image = Image.new("RGBA", (full, full), (*plate[:3], 0))
    pen = ImageDraw.Draw(image)
    edge, line = full * 3 // 23, full * 2 // 23
    pen.rounded_rectangle((edge, edge, full - edge - 1, full - edge - 1), full // 8, outline=plate, width=line)
    middle, reach = full / 2, full * 5.2 / 23
    pen.polygon(
        [(middle, middle - reach), (middle + reach, middle), (middle, middle + reach), (middle - reach, middle)], piece
    )
    return image.resize((side, side), Image.Resampling.LANCZOS)


def main() -> None:
    blue = (38, 128, 235, 255)
    inks = {"dark": (235, 235, 235, 255), "light": (50, 50, 50, 255)}
    for scale in (1, 2):
        suffix = "" if scale == 1 else f"@{scale}x"
        for name, ink in inks.items():
            draw(23 * scale, ink, ink).save(FOLDER / f"{name}{suffix}.png")
        draw(48 * scale, (140, 140, 140, 255), blue).save(FOLDER / f"plugin{suffix}.png")


if __name__ == "__main__":
    main()
