"""`inlay serve` that writes down what its models' text encoders are given, for tests of words that must arrive.

    python tests/support/hearing.py serve --data FOLDER --grpc-port 0 --http-port 0

takes what `inlay serve` takes. `heard(FOLDER)`: the tokens of every text, as a CLIP encoder got them.
"""

import json
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1]))  # where this is run as a program

from inlay.engines.models.catalog import Catalog
from inlay.engines.registry import Registry
from inlay.forms import Forms
from inlay.jobs.workers.base import Workplace
from inlay.jobs.workers.studio import Studio

FILE = "heard.jsonl"


def heard(data: Path) -> list[list[int]]:
    """Each text's tokens in the order in which they came, padding included."""
    file = data / FILE
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def studio(place: Workplace) -> Studio:
    """What paints inside a worker: the product's, with an ear at the models' text encoders."""
    import torch
    from transformers import CLIPTextModel

    torch.set_num_threads(1)  # as in support.diffusion
    assert place.models
    file, forward = place.models.with_name(FILE), CLIPTextModel.forward

    def listening(self: Any, input_ids: Any = None, *args: Any, **kwargs: Any) -> Any:
        with file.open("a") as lines:
            lines.writelines(f"{json.dumps(ids)}\n" for ids in input_ids.tolist())
        return forward(self, input_ids, *args, **kwargs)

    CLIPTextModel.forward = listening
    return Studio(Registry(Catalog(place.models), place.kind))


if __name__ == "__main__":
    from support import hearing
    from support.invented_verb import serve_with

    serve_with(Forms(), Registry, hearing.studio)
