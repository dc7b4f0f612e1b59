"""A network and the tensors of a file: whether they fit is known from names and shapes, before a tensor is read.

diffusers and transformers leave a tensor that they do not know aside, and draw one that they lack by chance, with no more than a
line in a log. Here either is an error that names it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from inlay.engines.diffusion.qwen21_vae import qwen21_vae
from inlay.engines.diffusion.unpacking import unpacked
from inlay.engines.models.detect import PREFIXES, QWEN_2511
from inlay.engines.models.header import Header
from inlay.engines.models.layouts import Layout
from inlay.errors import InvalidInput

OTHER_PARTS = ("vae.", "text_encoders.", "first_stage_model.", "cond_stage_model.", "conditioner.", "model_ema.")
"""How the tensors of what a checkpoint holds beside its denoiser begin."""

UNET = "model.diffusion_model."
"""What diffusers' converter of UNets wants before every name."""

FAILURES = (
    KeyError,
    IndexError,
    ValueError,
    RuntimeError,
    TypeError,
    AttributeError,
    NotImplementedError,
    AssertionError,
)
"""What diffusers' readers raise at a file that is not what they take it for; caught from them, never raised here."""

_LAID_OUT_AS = {"AutoencoderKLFlux2": "AutoencoderKL", "AutoencoderKLQwenImage": "AutoencoderKLWan"}
"""VAEs for which diffusers has no converter, and the one whose names theirs are."""

_ATTENTION = ".mid.attn_1."

_MOST_NAMES, _LONGEST_NAME = 3, 80


class Fitted:
    """A diffusers network, still without memory, into which the tensors of a file go."""

    def __init__(
        self, kind: Any, base: Path, subfolder: str, header: Header, layout: Layout, fits: str, **changed: Any
    ) -> None:
        """Compare names and shapes. base: the folder with its configuration; changed: what of it is another.

        fits: to what the tensors have to fit, for the sentence that says that they do not.

        Raises InvalidInput, naming the first tensors that are missing, left over or of another shape.
        """
        from accelerate import init_empty_weights

        self.header, self.layout = header, layout
        self._kind, self._base, self._subfolder, self._fits = kind, base, subfolder, fits
        self._config: dict[str, Any] = {
            **kind.load_config(str(base), subfolder=subfolder, local_files_only=True),
            **changed,
        }
        with init_empty_weights():
            self.network: Any = kind.from_config(self._config)
        self._names = self._own_names()
        self._parameters: set[str] = set()
        """Tensors of the file that go into something else than a linear layer, as they are."""
        self._renames = self._check()

    def load(self, dtype: torch.dtype) -> Any:
        """The network with its weights in `dtype`, unpacked where they are stored small."""
        weights = unpacked(self.header, self.layout, dtype)
        own = {self._names[name]: tensor for name, tensor in weights if name in self._names}
        self.network.load_state_dict(self._convert(own) if self._renames else own, strict=True, assign=True)
        return self.network

    def load_small(self, dtype: torch.dtype) -> Any:
        """The same through diffusers, which keeps a GGUF file's matrices as they are, and computes in `dtype`."""
        from diffusers.models.model_loading_utils import load_gguf_checkpoint
        from diffusers.quantizers.gguf.utils import dequantize_gguf_tensor
        from diffusers.quantizers.quantization_config import GGUFQuantizationConfig

        checkpoint: dict[str, Tensor] = load_gguf_checkpoint(str(self.header.path))
        own = {self._names[name]: tensor for name, tensor in checkpoint.items() if name in self._names}
        for name in self._parameters & own.keys():  # only linear layers unpack themselves
            own[name] = dequantize_gguf_tensor(own[name]).to(dtype)
        return self._kind.from_single_file(
            own,
            config=str(self._base),
            subfolder=self._subfolder,
            local_files_only=True,
            torch_dtype=dtype,
            quantization_config=GGUFQuantizationConfig(compute_dtype=dtype),
        )

    def others(self, dtype: torch.dtype) -> dict[str, Tensor]:
        """What the file holds beside this network, unpacked, under its own names."""
        return {name: tensor for name, tensor in unpacked(self.header, self.layout, dtype) if name not in self._names}

    def _own_names(self) -> dict[str, str]:
        """The names of the network's tensors in the file, and what they are called when nothing stands before them."""
        weights = {name: stored for name, stored in self.header.tensors.items() if name not in self.layout.marks}
        prefix = next((prefix for prefix in PREFIXES if any(name.startswith(prefix) for name in weights)), "")
        own = {name: name.removeprefix(prefix) for name in weights if name.startswith(prefix)}
        foreign = [name for name in weights if name not in own and not name.startswith(OTHER_PARTS)]
        if prefix and foreign and not self._is_unet:
            raise self._refused(Misfit(foreign, []).sentence)
        if self._kind.__name__.startswith("QwenImage") and (
            mark := next((name for name in own if own[name] == QWEN_2511), "")
        ):
            if not self._config.get("zero_cond_t"):
                limit = "it is Qwen-Image-Edit-2511, and the base folder is of another; give --base of 2511"
                raise InvalidInput("path", self.header.path, limit)
            del own[mark]
        return own

    @property
    def _is_unet(self) -> bool:
        """Checkpoints of Stable Diffusion carry a trainer's leftovers beside the UNet, under any name."""
        return self._kind.__name__.startswith("UNet")

    def _check(self) -> bool:
        """Whether the tensors have to be renamed. Raises InvalidInput where they fit neither way."""
        given = {own: torch.empty(self._shape(name), device="meta") for name, own in self._names.items()}
        wanted = {name: tuple(tensor.shape) for name, tensor in self.network.state_dict().items()}
        plain = check_names(wanted, given)
        converted: dict[str, Tensor] = {}
        found = plain
        if plain:
            try:
                rest = dict(given)
                converted = self._convert(rest)
                used = {id(tensor) for tensor in converted.values()}
                found = check_names(
                    wanted, converted, [name for name, tensor in rest.items() if id(tensor) not in used]
                )
            except FAILURES as error:
                if len(plain.missing) * 2 > len(wanted):  # it has not diffusers' names either
                    raise self._refused(f"it lacks {clipped(str(error))} ({type(error).__name__})") from error
        renames = len(found) < len(plain)
        if misfit := found if renames else plain:
            raise self._refused(misfit.sentence)
        places = converted if renames else given
        for name, tensor in places.items():
            if tuple(tensor.shape) != wanted[name]:
                raise self._refused(f"its {name} is {list(tensor.shape)} instead of {list(wanted[name])}")
        linear = {id(places[name]) for name in places if self._is_linear(name)}
        elsewhere = {id(tensor) for tensor in places.values()} - linear
        self._parameters = {name for name, tensor in given.items() if id(tensor) in elsewhere}
        return renames

    def _is_linear(self, name: str) -> bool:
        layer, _, last = name.rpartition(".")
        return last == "weight" and isinstance(self.network.get_submodule(layer), torch.nn.Linear)

    def _shape(self, name: str) -> tuple[int, ...]:
        return self.layout.packed[name].shape if name in self.layout.packed else self.header.tensors[name].shape

    def _convert(self, weights: dict[str, Tensor]) -> dict[str, Tensor]:
        """Under diffusers' names. Takes what it uses out of `weights`. Raises whatever a converter stumbles over."""
        if self._is_unet:  # its converter takes nothing out, and wants checkpoints' names
            named = {UNET + name: tensor for name, tensor in weights.items()}
            return _converter(self._kind)(checkpoint=named, config=self._config)
        for name, tensor in [*weights.items()]:
            if _ATTENTION in f".{name}" and tensor.ndim > 2:
                weights[name] = tensor[
                    :, :, 0, 0
                ]  # a VAE's attention: convolutions of one pixel there, linear layers here
        return _converter(self._kind)(checkpoint=weights, config=self._config)

    def _refused(self, what: str) -> InvalidInput:
        return InvalidInput(
            "path", self.header.path, f"it must hold a whole {self._kind.__name__} that {self._fits}: {what}"
        )


@dataclass(frozen=True)
class Misfit:
    """Names that are there and should not be, and the other way round. False where there are none."""

    extra: list[str]
    missing: list[str]

    def __len__(self) -> int:
        return len(self.extra) + len(self.missing)

    @property
    def sentence(self) -> str:
        """Which, with their number."""
        parts = [(self.missing, "it lacks"), (self.extra, "nobody knows its")]
        return " and ".join(f"{verb} {_listed(names)}" for names, verb in parts if names)


def check_names(wanted: Iterable[str], found: Iterable[str], left: Iterable[str] = ()) -> Misfit:
    """In what a network and the tensors for it differ. left: names that a converter passed over."""
    wanted, found = set(wanted), set(found)
    return Misfit([*left, *sorted(found - wanted)], sorted(wanted - found))


def _listed(names: list[str]) -> str:
    shown = ", ".join(clipped(name) for name in names[:_MOST_NAMES])
    return f"{len(names)} tensor{'s' if len(names) > 1 else ''} ({shown}{', ...' if len(names) > _MOST_NAMES else ''})"


def _converter(kind: Any) -> Callable[..., dict[str, Tensor]]:
    """diffusers' converter from the names that a network had where it was made. Raises ValueError where there is none."""
    from diffusers.loaders.single_file_model import SINGLE_FILE_LOADABLE_CLASSES as KNOWN

    if kind.__name__ == "AutoencoderKLQwenImage21":
        return qwen21_vae
    names = (_LAID_OUT_AS.get(base.__name__, base.__name__) for base in kind.__mro__)
    facts: Any = next((KNOWN[name] for name in names if name in KNOWN), None)
    if facts is None:
        raise ValueError(f"diffusers has no converter for {kind.__name__}")
    return facts["checkpoint_mapping_fn"]


def clipped(text: str) -> str:
    """The first line of a text, no longer than an error has room for."""
    line = text.strip().partition("\n")[0]
    return line if len(line) <= _LONGEST_NAME else "..." + line[-_LONGEST_NAME:]
