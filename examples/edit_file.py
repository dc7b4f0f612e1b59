"""Edit a file: what the mask selects is removed, or becomes what a prompt says; the result is a file with layers.

    python examples/edit_file.py photo.tif mask.png result.psd
    python examples/edit_file.py photo.tif mask.png result.psd --verb fill --prompt "a red kite"

`inlay serve` has to run. White in the mask may change, black never does, gray is soft.
"""

import argparse
import secrets
from pathlib import Path

from inlay import documents
from inlay.client import Client, Verb, Wish, edit_document


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo", type=Path)
    parser.add_argument("mask", type=Path)
    parser.add_argument("out", type=Path, help=f"ends in one of {', '.join(documents.SUFFIXES)}")
    parser.add_argument("--verb", type=Verb, default=Verb.ERASE)
    parser.add_argument("--prompt", default="")
    parser.add_argument(
        "--seed", type=int, default=secrets.randbelow(2**32), help="the same seed paints the same pixels"
    )
    parser.add_argument("--server", default="127.0.0.1:50051", help="this machine's token is found by itself")
    args = parser.parse_args()

    document = documents.read(args.photo)
    mask = documents.read_mask(args.mask, document.size)
    with Client(args.server) as client:
        edited = edit_document(client, document, mask, Wish(args.verb, args.seed, prompt=args.prompt))
    for note in documents.write(args.out, document, [edited.placed]):
        print(note)
    for variation in edited.variations:
        print(*variation.report.notes, sep="\n", end="")
    print(f"{args.out}: painted by {edited.plan.model}, seed {args.seed}, job {edited.job_id}")


if __name__ == "__main__":
    main()
