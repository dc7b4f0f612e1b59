"""What a LoRA file changes: for each module it names, one matrix, computed in float32 from the factors that are stored.

LoRA: Hu et al. 2021, https://arxiv.org/abs/2106.09685. LoHa: https://arxiv.org/abs/2108.06098. LoKr and the names of both:
https://github.com/KohakuBlueleaf/LyCORIS. Whatever would come out as another change than the file means is refused by name.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, cast

import torch
from safetensors.torch import load_file
from torch import Tensor

from inlay.engines.models.catalog import Lora
from inlay.engines.models.header import header_of, metadata_of
from inlay.engines.models.layouts import layout_of
from inlay.errors import InvalidInput, Unsupported

Factors = Mapping[str, Tensor]


@dataclass(frozen=True)
class Change:
    """One module's. outputs: rows of the matrix. inputs: its columns, and for convolutions the kernel, which come after the rows in
    the weight's shape. make: the matrix, rows x columns, float32."""

    outputs: int
    inputs: tuple[int, ...]
    make: Callable[[], Tensor]


class _Kind(NamedTuple):
    """needed: factors that all have to be there. make: the change from them and alpha, None: no scale."""

    needed: tuple[str, ...]
    make: Callable[[Factors, float | None], Change]


_DOWN, _UP = r"lora_(?:A|down)|lora\.down|lora_linear_layer\.down", r"lora_(?:B|up)|lora\.up|lora_linear_layer\.up"
_NAMED = re.compile(
    rf"(?P<module>.+?)[._](?:(?P<down>{_DOWN})(?:\.default)?\.weight|(?P<up>{_UP})(?:\.default)?\.weight|(?P<mid>lora_mid)\.weight)$"
    r"|(?P<other>.+)\.(?P<factor>alpha|hada_(?:w[12]_[ab]|t[12])|lokr_(?:w[12](?:_[ab])?|t2))$"
)
_OTHER_KINDS = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"dora_scale|lora_magnitude_vector", "a DoRA"),
        (r"\.b?oft_", "an OFT adapter"),
        (r"\.diff(_b)?$|\.set_weight$", "a file of whole weights"),
        (r"lora_(B|up)(\.default)?\.bias$", "a LoRA with biases"),
    )
)
"""How files of further kinds give themselves away."""

LONGEST_NAME = 60
_HEAD = "lora_adapter_metadata"
"""Where diffusers writes down rank and alpha, for all modules together."""


def changes_in(lora: Lora) -> dict[str, Change]:
    """What a file changes, by the modules' names in it. Raises InvalidInput, Unsupported."""
    path = Path(lora.path)
    if path.suffix != ".safetensors" or not path.is_file():
        raise InvalidInput("loras", lora.path, "it must be a .safetensors file that exists")
    if layout_of(header_of(path)).packed:
        raise Unsupported(f"{path.name} is stored with scales; only LoRAs in plain numbers are merged", field="loras")
    told = _told(path)
    modules: dict[str, dict[str, Tensor]] = {}
    for name, tensor in load_file(path).items():
        kind = next((kind for pattern, kind in _OTHER_KINDS if pattern.search(name)), None)
        match = _NAMED.match(name)
        if kind is not None or match is None:
            kind = kind or f"a file with the tensor {name[-LONGEST_NAME:]!r}"
            raise Unsupported(f"{path.name} is {kind}, which cannot be merged exactly", field="loras")
        factor = match["factor"] or next(role for role in ("down", "up", "mid") if match[role])
        factors = modules.setdefault(match["module"] or match["other"], {})
        if factor in factors:
            raise InvalidInput("loras", lora.path, f"it has {name[-LONGEST_NAME:]!r} twice")
        factors[factor] = tensor
    _lend_alphas(modules)
    return {module: _change(lora, module, factors, told) for module, factors in modules.items()}


def _lend_alphas(modules: dict[str, dict[str, Tensor]]) -> None:
    """`M.lora_linear_layer.alpha` and the like, for the module M itself."""
    for module in [module for module, factors in modules.items() if set(factors) == {"alpha"}]:
        owner = re.sub(r"[._](lora_[AB]|lora_(down|up)|lora|lora_linear_layer)$|(\.weight)$", "", module)
        if owner != module and owner in modules:
            modules[owner] |= modules.pop(module)


def _change(lora: Lora, module: str, factors: Factors, told: Mapping[str, float]) -> Change:
    alpha = told.get(module.partition(".")[0])
    if "alpha" in factors and factors["alpha"].numel():
        alpha = float(factors["alpha"].flatten()[0])
    try:
        for kind in _KINDS:
            if set(kind.needed) <= set(factors):
                return kind.make(factors, alpha)
        limit = f"the module {module[-LONGEST_NAME:]} has {', '.join(sorted(factors))} and lacks the rest"
    except (RuntimeError, IndexError, KeyError) as error:
        reason = str(error).partition("\n")[0][:LONGEST_NAME]
        limit = f"the factors of the module {module[-LONGEST_NAME:]} do not fit each other ({reason})"
    raise InvalidInput("loras", lora.path, limit)


def _scale(alpha: float | None, rank: int) -> float:
    return 1.0 if alpha is None else alpha / rank


def _lora(factors: Factors, alpha: float | None) -> Change:
    down, up = factors["down"], factors["up"]
    rank = down.shape[0]
    if up.flatten(1).shape[1] != rank:
        raise RuntimeError(f"ranks {up.flatten(1).shape[1]} and {rank}")
    return Change(
        up.shape[0],
        tuple(down.shape[1:]),
        lambda: up.float().flatten(1) @ down.float().flatten(1) * _scale(alpha, rank),
    )


def _cp_lora(factors: Factors, alpha: float | None) -> Change:
    """A convolution in three: 1 x 1, then the kernel among few channels, then 1 x 1."""
    down, mid, up = factors["down"].flatten(1), factors["mid"], factors["up"].flatten(1)
    rank = down.shape[0]
    if (up.shape[1], rank) != tuple(mid.shape[:2]):
        raise RuntimeError(f"ranks {up.shape[1]}, {list(mid.shape[:2])} and {rank}")

    def make() -> Tensor:
        return _tucker(mid, up.T, down).flatten(1) * _scale(alpha, rank)

    return Change(up.shape[0], (down.shape[1], *mid.shape[2:]), make)


def _loha(factors: Factors, alpha: float | None) -> Change:
    scale = _scale(alpha, factors["hada_w1_b"].shape[0])

    def half(found: Factors, which: str) -> Tensor:
        first, second, core = found[f"hada_w{which}_a"], found[f"hada_w{which}_b"], found.get(f"hada_t{which}")
        return first.float() @ second.float() if core is None else _tucker(core, first, second)

    return _computed(factors, lambda found: half(found, "1") * half(found, "2") * scale)


def _lokr(factors: Factors, alpha: float | None) -> Change:
    ranks = [factors[name].shape[0] for name in ("lokr_w1_b", "lokr_w2_b") if name in factors]
    scale = _scale(alpha, ranks[-1]) if ranks else 1.0  # two whole sides are never scaled

    def side(found: Factors, which: str) -> Tensor:
        if f"lokr_w{which}" in found:
            return found[f"lokr_w{which}"].float()
        first, second = found[f"lokr_w{which}_a"], found[f"lokr_w{which}_b"]
        core = found.get("lokr_t2") if which == "2" else None
        return first.float() @ second.float() if core is None else _tucker(core, first, second)

    def make(found: Factors) -> Tensor:
        left, right = side(found, "1"), side(found, "2")
        return torch.kron(left.reshape(*left.shape, *(1 for _ in range(right.ndim - 2))), right) * scale

    return _computed(factors, make)


def _tucker(core: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """Outputs x inputs x kernel from a core of ranks x ranks x kernel, ranks x outputs and ranks x inputs."""
    return torch.einsum("i j ..., i p, j r -> p r ...", core.float(), first.float(), second.float())


def _computed(factors: Factors, make: Callable[[Factors], Tensor]) -> Change:
    """A change of which the shape follows from the factors' shapes."""
    shape = tuple(make({name: tensor.to("meta") for name, tensor in factors.items()}).shape)
    return Change(shape[0], shape[1:], lambda: make(factors).flatten(1))


_KINDS = (
    _Kind(("down", "mid", "up"), _cp_lora),
    _Kind(("down", "up"), _lora),
    _Kind(("hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b"), _loha),
    *(
        _Kind((*first, *second), _lokr)
        for first in (("lokr_w1",), ("lokr_w1_a", "lokr_w1_b"))
        for second in (("lokr_w2",), ("lokr_w2_a", "lokr_w2_b"))
    ),
)


def _told(path: Path) -> dict[str, float]:
    """The alpha that diffusers wrote down, by what module names begin with (`transformer`); nothing in most files.

    Raises Unsupported for a DoRA, and where modules differ.
    """
    said = metadata_of(path).get(_HEAD)
    if said is None:
        return {}
    alphas: dict[str, float] = {}
    try:
        read: Any = json.loads(said)
        for name, value in cast(dict[str, Any], read).items():
            component, _, key = name.partition(".")
            if key == "use_dora" and value:
                raise Unsupported(f"{path.name} is a DoRA, which cannot be merged exactly", field="loras")
            if key in ("alpha_pattern", "rank_pattern", "use_rslora") and value:
                raise Unsupported(f"{path.name} has scales by {key}, which are not read", field="loras")
            if key == "lora_alpha":
                alphas[component] = float(value)
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidInput("loras", str(path), f"its {_HEAD} must be diffusers' ({type(error).__name__})") from None
    return alphas
