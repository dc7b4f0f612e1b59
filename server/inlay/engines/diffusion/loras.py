"""LoRAs as part of the weights: W + weight * what the file says (`lora_files`).

Merged, they cost nothing per step and need no further library; what was there before is kept, so that taking them off gives
the same weights bit for bit. Which weights a module of the file stands for is told by diffusers' own reader of the family.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

from inlay.engines.diffusion.fitting import FAILURES
from inlay.engines.diffusion.lora_files import LONGEST_NAME, Change, changes_in
from inlay.engines.models.catalog import Lora
from inlay.errors import InvalidInput, Unsupported

_DOWN = re.compile(r"(?P<path>.+?)[._](?:lora_A|lora_down|lora\.down|lora_linear_layer\.down)(?:\.default)?\.weight$")
_UPS = (("lora_A", "lora_B"), ("lora_down", "lora_up"), (".down.", ".up."))
_LONGEST_REASON, _MOST_NAMES = 120, 3
_FLAT = re.compile(r"^(lora_unet_|lora_transformer_|lycoris_)")
"""What stands before names in which every dot is an underscore."""
_BEFORE = re.compile(r"^(base_model\.model\.|transformer\.|diffusion_model\.|unet\.)+")
_FUSED = {"qkv": ("to_q", "to_k", "to_v")}
_OLD_NAMES = {"to_out": "to_out.0", "out": "to_out.0"}
_OLD_ENCODER_NAMES = {"to_q": "q_proj", "to_k": "k_proj", "to_v": "v_proj", "to_out": "out_proj"}

Modules = dict[str, torch.nn.Module]


class Place(NamedTuple):
    """A weight, and which rows of a module's matrix are its own; None: all of them."""

    parameter: torch.nn.Parameter
    rows: Tensor | None = None


class Wardrobe:
    """The LoRAs that a model's weights hold at the moment, and what the weights were without them."""

    def __init__(self) -> None:
        self._worn: tuple[Lora, ...] = ()
        self._bare: dict[torch.nn.Parameter, torch.Tensor] = {}

    @property
    def worn(self) -> tuple[Lora, ...]:
        return self._worn

    def wear(self, loras: tuple[Lora, ...], modules: Modules) -> None:
        """Have exactly `loras` in the weights of `modules`. Raises InvalidInput, Unsupported; the weights are bare then."""
        if loras == self._worn:
            return
        self._undress()
        try:
            for lora in loras:
                for parameter, change in _changes(lora, modules):
                    self._bare.setdefault(parameter, parameter.detach().to("cpu", copy=True))
                    # Small changes on half-precision weights would be lost one by one: sum in float32, round once.
                    parameter.data.copy_(parameter.data.float() + lora.weight * change.to(parameter.device))
        except BaseException:
            self._undress()
            raise
        self._worn = loras

    def _undress(self) -> None:
        for parameter, bare in self._bare.items():
            parameter.data.copy_(bare)
        self._bare, self._worn = {}, ()


def _changes(lora: Lora, modules: Modules) -> Iterator[tuple[torch.nn.Parameter, Tensor]]:
    """Each weight that the file changes, and by what, float32, in the weight's shape. Raises before the first of them."""
    found = changes_in(lora)
    places = places_of(lora, found, modules)
    for module, change in found.items():
        _check_fits(lora, module, change, places[module])
    for module, change in found.items():
        matrix = change.make()
        for parameter, rows in places[module]:
            part = matrix if rows is None else matrix[rows]
            yield parameter, part.reshape(parameter.shape)


def _check_fits(lora: Lora, module: str, change: Change, places: list[Place]) -> None:
    for parameter, rows in places:
        count = change.outputs if rows is None else len(rows)
        inputs = tuple(side for side in change.inputs if side != 1) or (1,)
        wanted = tuple(side for side in parameter.shape[1:] if side != 1) or (1,)
        if (count, inputs) != (parameter.shape[0], wanted):
            shapes = f"{[count, *change.inputs]} for a weight of {list(parameter.shape)} at {module[-LONGEST_NAME:]}"
            raise InvalidInput("loras", lora.path, f"it is for another model: {shapes}")
        if parameter.dtype not in (torch.float32, torch.float16, torch.bfloat16):
            raise Unsupported("quantised weights cannot take a LoRA; use the model unquantised", field="loras")


def places_of(lora: Lora, found: Mapping[str, Change], modules: Modules) -> dict[str, list[Place]]:
    """For each module of the file its weights. Raises InvalidInput where one has none.

    A module that bears a weight's own name is that; for all others diffusers' reader is asked about labels instead of factors:
    it gets a number for each module, and the numbers of its rows, and gives them back under its own names.
    """
    own = _named_plainly(found, modules)
    asked = {module: change for module, change in found.items() if module not in own}
    read = _read(lora, _labels(asked), modules) if asked else {}
    numbered = dict(enumerate(asked, 1))
    unplaced: list[str] = []
    for name, down in read.items():
        match = _DOWN.match(name)
        number = round(float(down.flatten()[0])) if match and down.numel() else 0
        if match is None or number not in numbered:  # some readers fill up with zeros
            continue
        module = numbered[number]
        up = next(
            (read[other] for old, new in _UPS if (other := name.replace(old, new)) != name and other in read), None
        )
        parameters = _weights(match["path"], modules)
        if up is None or not parameters:
            unplaced.append(match["path"])
            continue
        rows = up.flatten(1)[:, 0].round().long()
        sizes = [parameter.shape[0] for parameter in parameters]
        if sum(sizes) != len(rows):
            shapes = f"{len(rows)} rows for {sum(sizes)} at {module[-LONGEST_NAME:]}"
            raise InvalidInput("loras", lora.path, f"it is for another model: {shapes}")
        parts = zip(parameters, rows.split(sizes), strict=True)
        own.setdefault(module, []).extend(Place(parameter, part) for parameter, part in parts)
    dropped = [module for module in found if module not in own and module not in unplaced]
    if not own:
        raise InvalidInput("loras", lora.path, "none of its tensors belongs to this model")
    if unplaced or dropped:
        limit = f"{_counted(unplaced or dropped)} of its modules are not in this model"
        raise InvalidInput("loras", lora.path, limit)
    return own


def _named_plainly(found: Mapping[str, Change], modules: Modules) -> dict[str, list[Place]]:
    """The modules that are called as the denoiser's weights are, with dots or without."""
    component = "unet" if "unet" in modules else "transformer"
    weights = {
        name.removesuffix(".weight"): one
        for name, one in modules[component].named_parameters()
        if name.endswith(".weight")
    }
    flat = {name.replace(".", "_"): one for name, one in weights.items()}
    places: dict[str, list[Place]] = {}
    for module in found:
        bare = _BEFORE.sub("", module)
        weight = weights.get(bare) if bare != module or "." in module else None
        if weight is None and _FLAT.match(module):
            weight = flat.get(_FLAT.sub("", module))
        if weight is not None:
            places[module] = [Place(weight)]
    return places


def _labels(asked: Mapping[str, Change]) -> dict[str, Tensor]:
    """A LoRA of rank 1: each `down` holds its module's number, from 1 on, and each `up` the numbers of its rows."""
    labels: dict[str, Tensor] = {}
    for number, (module, change) in enumerate(asked.items(), 1):
        dotted = "." in module and not _FLAT.match(module)
        down, up = ("lora_A", "lora_B") if dotted else ("lora_down", "lora_up")
        kernel = (1,) * (len(change.inputs) - 1)
        labels[f"{module}.{down}.weight"] = torch.full((), float(number)).expand(1, *change.inputs)
        labels[f"{module}.{up}.weight"] = torch.arange(change.outputs, dtype=torch.float32).reshape(-1, 1, *kernel)
        if not dotted:
            labels[f"{module}.alpha"] = torch.tensor(1.0)  # of the rank: scales nothing
    return labels


def _read(lora: Lora, tensors: dict[str, Tensor], modules: Modules) -> dict[str, Tensor]:
    reader, options = _reader(lora, modules)
    try:
        answer = reader.lora_state_dict(dict(tensors), **options)
    except FAILURES as error:
        reason = str(error).partition("\n")[0][:_LONGEST_REASON] or type(error).__name__
        raise InvalidInput("loras", lora.path, f"it is not a LoRA of this kind of model ({reason})") from error
    return answer[0] if isinstance(answer, tuple) else answer


def _counted(names: list[str]) -> str:
    """`2 (a, b)`; the first few by name."""
    shown = ", ".join(name[-LONGEST_NAME:] for name in names[:_MOST_NAMES])
    return f"{len(names)} ({shown}{', ...' if len(names) > _MOST_NAMES else ''})"


def _reader(lora: Lora, modules: Modules) -> tuple[Any, dict[str, Any]]:
    """diffusers' reader for the family that has such a denoiser. Raises InvalidInput where it has none."""
    from diffusers import loaders

    if "unet" in modules:
        kind = "StableDiffusionXLLoraLoaderMixin" if "text_encoder_2" in modules else "StableDiffusionLoraLoaderMixin"
        return getattr(loaders, kind), {"unet_config": modules["unet"].config}
    denoiser = type(modules["transformer"]).__name__
    readers = {"Flux2": "Flux2", "Flux": "Flux", "QwenImage": "QwenImage", "ZImage": "ZImage", "BriaFibo": "Flux"}
    name = next((reader for start, reader in readers.items() if denoiser.startswith(start)), "")
    if not name:
        raise InvalidInput("loras", lora.path, f"its modules must have the names that {denoiser}'s own have")
    return getattr(loaders, f"{name}LoraLoaderMixin"), {"return_alphas": True} if name == "Flux" else {}


def _weights(path: str, modules: Modules) -> list[torch.nn.Parameter]:
    """The weights that a module of the file stands for: one, or query, key and value where the file has them in one; none
    where this model has no such module."""
    whole = _weight(path, modules)
    if whole is not None:
        return [whole]
    head, _, last = path.rpartition(".")
    parts = [_weight(f"{head}.{name}", modules) for name in _FUSED.get(last, ())]
    return [part for part in parts if part is not None] if None not in parts else []


def _weight(path: str, modules: Modules) -> torch.nn.Parameter | None:
    """The weight at a path such as `unet.down_blocks.0.attentions.0.proj_in`; None where this model has none."""
    component, _, rest = path.partition(".")
    module = modules.get(component)
    if module is None:
        return None
    names = _OLD_ENCODER_NAMES if component.startswith("text_encoder") else _OLD_NAMES
    rest = rest.removeprefix(f"{component}.").replace(".processor.", ".")  # diffusers puts it before a name that has it
    head, _, last = rest.rpartition(".")
    # transformers 5.6 took the `text_model` level out of CLIPTextModel; files still have it.
    for candidate in (rest, f"{head}.{names.get(last, last)}"):
        for flat in (candidate, candidate.removeprefix("text_model.")):
            try:
                return module.get_parameter(f"{flat}.weight")
            except AttributeError:
                continue
    return None
