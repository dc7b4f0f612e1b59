"""What it costs to load a model whose weights are stored small, and how far it is from its original: ratios within one run.

    python -m bench.layouts [--json FILE] [--rounds N]

One random Z-Image transformer of some hundred layers' width, written in every layout by the tests' own encoder; each is loaded in a
child of this process, in turns with its bfloat16 original: CPU seconds of one thread, and how far memory rose above what it was.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
WIDTH, LAYERS = 384, 4
COLUMNS = ("bits a weight", "load time", "peak memory", "weights", "one step")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    figures = measured(options.rounds)
    print(table(figures))
    if options.json:
        options.json.write_text(json.dumps({"layouts": figures}, indent=2) + "\n")


def measured(rounds: int) -> dict[str, dict[str, float | None]]:
    """The figures by layout. Load time and memory are ratios to bfloat16's, medians of the rounds' ratios."""
    import torch

    torch.set_num_threads(1)
    sys.path.insert(0, str(ROOT / "tests"))
    from support.quantised import FORMATS

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        base = _base(place / "base")
        files = {form: _file(form, base, place) for form in ("bf16", *FORMATS, "gguf_Q8_0", "gguf_Q4_0")}
        plain = _network(files["bf16"], base)
        runs: dict[str, list[tuple[float, float]]] = {form: [] for form in files}
        for _ in range(rounds):
            for form, path in files.items():
                original, one = loaded(files["bf16"], base), loaded(path, base)
                runs[form].append((one["seconds"] / original["seconds"], one["peak"] / original["peak"]))
        return {
            form: {
                "bits a weight": round(path.stat().st_size * 8 / sum(p.numel() for p in plain.parameters()), 2),
                "load time": round(statistics.median(run[0] for run in runs[form]), 2),
                "peak memory": round(statistics.median(run[1] for run in runs[form]), 2),
                **_distances(path, base, plain),
            }
            for form, path in files.items()
        }


def table(figures: dict[str, dict[str, float | None]]) -> str:
    """As docs/diffusion.md has it."""
    lines = ["| layout | " + " | ".join(COLUMNS) + " |", "| --- " * (len(COLUMNS) + 1) + "|"]
    for form, row in figures.items():
        values = ("-" if row[column] is None else f"{row[column]:g}" for column in COLUMNS)
        lines.append(f"| {form} | " + " | ".join(values) + " |")
    return "\n".join(lines)


def loaded(path: Path, base: Path) -> dict[str, float]:
    """CPU seconds, and bytes of memory beyond what there was, that loading `path` takes in a child of this process."""
    import torch

    receiver, sender = os.pipe()
    child = os.fork()
    if child == 0:
        Path("/proc/self/clear_refs").write_text("5")  # the highest it ever was, from now on
        before, began = _status("VmRSS"), time.process_time()
        network = _network(path, base)
        for tensor in network.state_dict().values():
            torch.Tensor._make_subclass(torch.Tensor, tensor).view(-1)[
                :: 2048 // tensor.element_size()
            ].sum()  # what is only mapped is read now
        took = time.process_time() - began
        os.write(sender, json.dumps({"seconds": took, "peak": _status("VmHWM") - before}).encode())
        os._exit(0)
    os.waitpid(child, 0)
    return json.loads(os.read(receiver, 4096))


def _status(name: str) -> int:
    """Kilobytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1])


def _network(path: Path, base: Path) -> Any:
    """The transformer of a file, as the engine loads it, in bfloat16."""
    import diffusers
    import torch

    from inlay.engines.diffusion.fitting import Fitted
    from inlay.engines.models.header import header_of
    from inlay.engines.models.layouts import layout_of

    header = header_of(path)
    fitted = Fitted(diffusers.ZImageTransformer2DModel, base, "transformer", header, layout_of(header), "fits")
    return fitted.load_small(torch.bfloat16) if header.is_gguf else fitted.load(torch.bfloat16)


def _base(place: Path) -> Path:
    """The transformer's folder, in bfloat16."""
    import torch
    from diffusers import ZImageTransformer2DModel

    torch.manual_seed(0)
    sizes = {
        "dim": WIDTH,
        "n_layers": LAYERS,
        "n_heads": WIDTH // 64,
        "n_kv_heads": WIDTH // 64,
        "axes_dims": [16, 24, 24],
    }
    network = ZImageTransformer2DModel(in_channels=16, n_refiner_layers=1, cap_feat_dim=256, **sizes)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if name.endswith("pad_token"):
                parameter.normal_(std=0.02)
    network.to(torch.bfloat16).save_pretrained(place / "transformer")
    return place


def _file(form: str, base: Path, place: Path) -> Path:
    from safetensors.torch import load_file, save_file

    from support.quantised import quantised

    (source,) = (base / "transformer").glob("*.safetensors")
    weights = load_file(source)
    if form.startswith("gguf"):
        import gguf

        from support.gguf_files import write_gguf

        write_gguf(weights, place / f"{form}.gguf", gguf.GGMLQuantizationType[form.removeprefix("gguf_")])
        return place / f"{form}.gguf"
    tensors, metadata = quantised(weights, form, _in_blocks)
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, place / f"{form}.safetensors", metadata)
    return place / f"{form}.safetensors"


def _in_blocks(name: str, weight: Any) -> bool:
    return ("layers." in name or "refiner" in name) and weight.shape[1] % 32 == 0 and weight.shape[0] % 16 == 0


def _distances(path: Path, base: Path, plain: Any) -> dict[str, float | None]:
    """Of the weights that are stored small, the mean; and of what the network answers to one step; relative to the original's."""
    import torch

    network = _network(path, base)
    torch.manual_seed(1)
    latents, words = torch.randn(16, 1, 16, 16, dtype=torch.bfloat16), torch.randn(32, 256, dtype=torch.bfloat16)
    with torch.no_grad():
        wanted, found = (
            one([latents], torch.tensor([0.5], dtype=torch.bfloat16), [words], return_dict=False)[0][0].float()
            for one in (plain, network)
        )
    row = {"one step": round(float((found - wanted).norm() / wanted.norm()), 4)}
    if path.suffix == ".gguf":
        return {"weights": None, **row}
    state = network.state_dict()
    far = [
        float((state[name].float() - value.float()).norm() / value.float().norm())
        for name, value in plain.state_dict().items()
        if value.ndim == 2 and not torch.equal(state[name], value)
    ]
    return {"weights": round(statistics.mean(far), 4) if far else 0.0, **row}


if __name__ == "__main__":
    main()
