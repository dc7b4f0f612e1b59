"""Bring one material in several pictures to a brand's colour, and say how far off each was and is.

    python examples/brand_color.py "#1f4e79" out jacket.tif jacket-mask.png bag.psd bag-mask.png

`inlay serve` has to run. The colour is `#RRGGBB` in sRGB or `lab(L, a, b)`. Each picture becomes a file of its name in the
folder, with the recoloured material as a layer in a `.psd` or `.ora`, flattened otherwise. Shading and texture stay.
"""

import argparse
import dataclasses
import sys
from pathlib import Path

from inlay import documents
from inlay.client import Client, Ticket, Verb, Wish, edit_document, probe_document
from inlay.errors import InlayError

ACCEPTED_DELTA_E = 1.0
"""CIEDE2000 up to which nobody sees a difference."""


def recolor(client: Client, photo: Path, mask_file: Path, color: str, out: Path) -> float:
    """Write `photo` with the masked material in `color` to `out`. Returns how far its mean is from the colour then (CIEDE2000)."""
    document = documents.read(photo)
    mask = documents.read_mask(mask_file, document.size)
    before = probe_document(client, document, mask, color)
    edited = edit_document(
        client, document, mask, Wish(Verb.RECOLOR, seed=1, target_color=color), ticket=Ticket(photo.name)
    )
    documents.write(out, document, [edited.placed])
    shown = dataclasses.replace(document, samples=documents.composite(document, [edited.placed]))
    after = probe_document(client, shown, mask, color)
    print(f"{photo.name}: {before.hex} -> {after.hex}, dE2000 {before.delta_e:.2f} -> {after.delta_e:.2f}")
    return after.delta_e or 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("color")
    parser.add_argument("folder", type=Path)
    parser.add_argument("files", type=Path, nargs="+", metavar="PHOTO MASK")
    parser.add_argument("--server", default="127.0.0.1:50051", help="this machine's token is found by itself")
    args = parser.parse_args()
    if len(args.files) % 2:
        parser.error("each picture needs its mask")

    args.folder.mkdir(parents=True, exist_ok=True)
    missed = []
    with Client(args.server) as client:
        for photo, mask in zip(args.files[::2], args.files[1::2], strict=True):
            try:
                if recolor(client, photo, mask, args.color, args.folder / photo.name) > ACCEPTED_DELTA_E:
                    missed.append(photo.name)
            except InlayError as error:  # one bad file is no reason to leave the others
                print(f"{photo.name}: {error}", file=sys.stderr)
                missed.append(photo.name)
    if missed:
        raise SystemExit(f"not reached: {', '.join(missed)}")


if __name__ == "__main__":
    main()
