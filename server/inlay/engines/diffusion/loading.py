"""From an entry of `models.toml` to modules in memory: safetensors and GGUF only, from this machine only.

Everything is loaded component by component, so that loading shows where it is and stops when the job is taken back.
"""

import importlib.util
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import torch

from inlay.engines.diffusion import processors
from inlay.engines.diffusion.assembling import pieces_of, processor_of, tokenizers_of
from inlay.engines.diffusion.compiling import compile_blocks
from inlay.engines.diffusion.fitting import FAILURES, Fitted
from inlay.engines.diffusion.folders import network_of
from inlay.engines.diffusion.further import further_of
from inlay.engines.diffusion.loras import Wardrobe
from inlay.engines.diffusion.map_lora import see_map
from inlay.engines.diffusion.previews import TinyVae
from inlay.engines.models.assembly import MAP_LORA, Assembly, assembly_of
from inlay.engines.models.catalog import Lora, ModelEntry, check_unchanged
from inlay.engines.models.detect import channels_of, identify, qwen_edit_of
from inlay.engines.models.diffusion_family import DiffusionFamily
from inlay.engines.models.files import readable, tiny_vae
from inlay.engines.models.header import Header, header_of
from inlay.engines.models.layouts import Layout, layout_of
from inlay.engines.models.offline import go_offline
from inlay.engines.models.skeleton import shipped, skeleton
from inlay.engines.models.video_families import BY_DIFFUSERS
from inlay.errors import InvalidInput, Unsupported

INDEX = "model_index.json"
LIBRARIES = ("diffusers", "transformers")
"""Where components may come from; a model_index.json that names anything else wants to run code of its own."""

DENOISERS = ("unet", "transformer", "transformer_2")
SKIPPED = ("safety_checker", "feature_extractor", "image_encoder")
"""Named by old pipelines, used by no verb; see `DiffusionFamily.uses`."""

TOLD = ("_class_name", "is_distilled", "expand_timesteps", "boundary_ratio")
"""What adapters read of a model_index.json beside its parts."""

Tell = Callable[[str], None]
Check = Callable[[], None]


@dataclass
class LoadedModel:
    """A model in memory.

    components: by the names that the family's pipelines give them: unet or transformer, vae, text_encoder, tokenizer, scheduler ...
    The modules are shared by all requests; the scheduler is a template: a request works on a copy of it.
    """

    entry: ModelEntry
    family: DiffusionFamily
    components: dict[str, Any]
    device: torch.device
    dtype: torch.dtype
    wardrobe: Wardrobe = field(repr=False)
    relieved: str = ""
    """The last rung of the memory ladder that was taken for it; see `memory`."""
    compiled: bool = False
    """Whether its repeated blocks are."""
    notes: tuple[str, ...] = ()
    """Sentences for the retoucher about how it runs."""
    tiny_vae: TinyVae | None = None
    """What makes its previews, where the user has one."""

    @property
    def model_hash(self) -> str:
        """Of all files that decide the weights."""
        return self.entry.sha256

    @property
    def denoiser(self) -> torch.nn.Module:
        return next(self.components[name] for name in DENOISERS if name in self.components)

    @property
    def modules(self) -> dict[str, torch.nn.Module]:
        return {name: part for name, part in self.components.items() if isinstance(part, torch.nn.Module)}

    @property
    def bytes(self) -> int:
        """What its weights take in memory."""
        shown = [self.tiny_vae.module] if self.tiny_vae else []
        return sum(bytes_of(module) for module in (*self.modules.values(), *shown))

    def compile(self) -> None:
        """Have its repeated blocks compiled when they are first run; where they cannot be, its notes say so."""
        note = compile_blocks(self.denoiser, self.device)
        self.compiled = not note
        self.notes = (*self.notes, note) if note else self.notes

    def wear(self, loras: tuple[Lora, ...]) -> None:
        """Have exactly these LoRAs in the weights; the weights of before come back bit for bit without them."""
        self.wardrobe.wear(loras, self.modules)


def load(
    entry: ModelEntry, device: str = "cpu", tell: Tell = lambda _: None, check: Check = lambda: None
) -> LoadedModel:
    """Load `entry` to `device` (cpu, cuda, mps).

    tell: called with what is being loaded. check: called between components; raises Cancelled once the job was taken back.
    Raises FilesChanged, InvalidInput (pickles, foreign code, wrong shapes), Unsupported (a quantisation that is not here).
    """
    go_offline()
    family = BY_DIFFUSERS.get(entry.family)
    if family is None:
        raise InvalidInput("family", entry.family, f"it must be one of {', '.join(sorted(BY_DIFFUSERS))}")
    readable(entry.location)  # refuses pickles
    check_unchanged(entry)
    target = torch.device(device)
    loading = _Loading(entry, target, dtype_for(entry, target), tell, check)
    components = loading.folder(entry.location) if entry.kind == "folder" else loading.single_file()
    components |= further_of(entry, components, loading.dtype)
    if lora := dict(entry.parts).get(MAP_LORA):
        tell("LoRA")
        see_map(components["transformer"], Path(lora))
    for name, module in components.items():
        if isinstance(module, torch.nn.Module):
            _ready(name, module, target)
            check()
    model = LoadedModel(entry, family, components, target, loading.dtype, Wardrobe())
    if entry.preview_vae:
        tell("preview VAE")
        model.tiny_vae = tiny_vae_for(model)
    if entry.loras:
        tell("LoRA")
        model.wear(entry.loras)
    if entry.compile:
        tell("compiler")
        model.compile()
    return model


def tiny_vae_for(model: LoadedModel) -> TinyVae:
    """The entry's AutoencoderTiny. Raises InvalidInput where it is none, or one for other latents."""
    from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny

    place = tiny_vae(Path(model.entry.preview_vae))
    module: Any = AutoencoderTiny.from_pretrained(
        str(place), local_files_only=True, use_safetensors=True, torch_dtype=model.dtype
    )
    wanted = getattr(model.components["vae"].config, "latent_channels", None)
    if type(model.components["vae"]).__name__ != "AutoencoderKL" or module.config.latent_channels != wanted:
        able = f"it has {module.config.latent_channels} latent channels, {model.family.title}'s own VAE "
        raise InvalidInput("preview_vae", place, f"it must know the model's latents: {able}has {wanted or 'others'}")
    _ready("preview_vae", module, model.device)
    return TinyVae(module)


def dtype_for(entry: ModelEntry, device: torch.device) -> torch.dtype:
    """As the entry says; auto: float32 on a CPU, bfloat16 on a GPU that has it, else float16."""
    if entry.dtype != "auto":
        return getattr(torch, entry.dtype)
    if device.type == "cpu":
        return torch.float32
    if device.type == "cuda" and not torch.cuda.is_bf16_supported():
        return torch.float16
    return torch.bfloat16


def bytes_of(module: torch.nn.Module) -> int:
    return sum(part.numel() * part.element_size() for part in (*module.parameters(), *module.buffers()))


@dataclass(frozen=True)
class _Loading:
    """One load under way."""

    entry: ModelEntry
    device: torch.device
    dtype: torch.dtype
    tell: Tell
    check: Check

    @property
    def family(self) -> DiffusionFamily:
        return BY_DIFFUSERS[self.entry.family]

    def folder(self, place: Path, without: tuple[str, ...] = ()) -> dict[str, Any]:
        """The components of a diffusers folder."""
        index = _index_of(place)
        skipped = {*SKIPPED, *without} - self.family.uses
        named = {name: value for name, value in index.items() if isinstance(value, list) and name not in skipped}
        components: dict[str, Any] = {}
        for number, (name, (library, class_name)) in enumerate(named.items(), 1):
            if library is None:
                components[name] = None
                continue
            self.check()
            self.tell(f"{name} ({number} of {len(named)})")
            components[name] = self._component(place, name, _part_class(place, name, library, class_name))
        return components | {name: index[name] for name in TOLD if name in index}

    def single_file(self) -> dict[str, Any]:
        """What a checkpoint holds; its base, or what is shipped for its family, tells how it is read and brings what it lacks."""
        path = self.entry.location
        lora_of = self.family.lora_of if MAP_LORA in dict(self.entry.parts) else ""
        whole = identify(path, lora_of or self.family.name).whole
        base = Path(self.entry.base) if self.entry.base else skeleton(self.entry.family) if whole else None
        assembly = assembly_of(self.entry.family, dict(self.entry.parts)) if base is None else None
        if assembly and assembly.wanted.keys() <= dict(self.entry.parts).keys():
            return self._assembled(assembly)
        if base is None:
            limit = "a single file has no tokenizers; add it with --base FOLDER, a diffusers folder of the same family"
            raise InvalidInput("base", "missing", f"{path.name}: {limit}")
        header = header_of(path)
        layout = layout_of(header)
        if whole:
            return self._checkpoint(base, header, layout)
        index = _index_of(base)
        name = next(name for name in DENOISERS if name in index)
        fitted = Fitted(_part_class(base, name, *index[name]), base, name, header, layout, "fits the base folder")
        components = self.folder(base, without=(name,))
        self.check()
        self.tell(name)
        components[name] = self._denoiser(fitted)
        return components

    def _assembled(self, assembly: Assembly) -> dict[str, Any]:
        """What a lone denoiser and its parts hold, each in a file of its own."""
        index, header = _index_of(assembly.place), header_of(self.entry.location)
        kind = _part_class(assembly.place, "transformer", *index["transformer"])
        told, changed = qwen_edit_of(header) if self.family.name == "qwen_image_edit" else ({}, {})
        fits = "has its family's size"
        fitted = Fitted(kind, assembly.place, "transformer", header, layout_of(header), fits, **changed)
        components: dict[str, Any] = {name: index[name] for name in TOLD if name in index} | told
        for name, network in pieces_of(assembly, self.entry.parts, self.dtype):
            self.check()
            self.tell(name)
            components[name] = network
        components |= tokenizers_of(assembly, self.entry.parts, components)
        components |= processor_of(assembly, components["tokenizer"])
        scheduler = _part_class(assembly.place, "scheduler", *index["scheduler"])
        components["scheduler"] = self._component(assembly.place, "scheduler", scheduler)
        self.check()
        self.tell("transformer")
        return components | {"transformer": self._denoiser(fitted)}

    def _denoiser(self, fitted: Fitted) -> Any:
        """The network that a file fits."""
        try:
            return fitted.load_small(self.dtype) if fitted.layout.stays_small else fitted.load(self.dtype)
        except FAILURES as error:
            raise self._unreadable(error) from error

    def _checkpoint(self, base: Path, header: Header, layout: Layout) -> dict[str, Any]:
        """A whole checkpoint of Stable Diffusion: its UNet first, then what diffusers finds of the rest."""
        lacking = {} if self.entry.base else shipped(self.entry.family, header.tensors, header.metadata, header.path)
        index = _index_of(base)
        pipeline = component_class(base, INDEX, "diffusers", index["_class_name"])
        kind = _part_class(base, "unet", *index["unet"])
        fits = "fits the base folder" if self.entry.base else "has its family's size (others need --base FOLDER)"
        fitted = Fitted(kind, base, "unet", header, layout, fits, in_channels=channels_of(header.shapes))
        self.check()
        self.tell("unet")
        parts: dict[str, Any] = {"unet": self._denoiser(fitted)}
        self.check()
        self.tell("checkpoint")
        options: dict[str, Any] = {"config": str(base), "local_files_only": True, "torch_dtype": self.dtype}
        try:
            if layout.packed:
                parts |= self._unpacked_parts(base, index, fitted, options)
            loaded = pipeline.from_single_file(
                self.entry.path, safety_checker=None, **parts, **lacking, **options
            ).components
        except FAILURES as error:
            raise self._unreadable(error) from error
        components = {name: part for name, part in loaded.items() if name not in SKIPPED}
        self._check_whole(components)
        return components

    def _unpacked_parts(
        self, base: Path, index: dict[str, Any], fitted: Fitted, options: dict[str, Any]
    ) -> dict[str, Any]:
        """The VAE and the encoders of a checkpoint in which layers are stored small."""
        from diffusers.loaders.single_file_utils import create_diffusers_clip_model_from_ldm as encoder_from

        weights = fitted.others(self.dtype)
        parts: dict[str, Any] = {}
        for name in ("vae", "text_encoder", "text_encoder_2"):
            if name in index:
                kind: Any = _part_class(base, name, *index[name])
                read: Any = kind.from_single_file if name == "vae" else partial(encoder_from, kind)
                parts[name] = read(dict(weights), subfolder=name, **options)
        return parts

    def _component(self, place: Path, name: str, kind: Any) -> Any:
        folder = place / name
        from transformers import ProcessorMixin

        if issubclass(kind, ProcessorMixin):
            return processors.processor_of(kind, folder)
        if not issubclass(kind, torch.nn.Module):
            options = {} if kind.__module__.startswith("diffusers") else {"trust_remote_code": False}
            return kind.from_pretrained(str(folder), local_files_only=True, **options)
        if name == "vae" and self.family.exact_vae:
            return network_of(kind, folder, torch.float32)
        if self.entry.quantization and name in DENOISERS:
            quantization = _quantization(self.entry.quantization, self.dtype)
            return network_of(kind, folder, self.dtype, quantization_config=quantization)
        return network_of(kind, folder, self.dtype)

    def _unreadable(self, error: Exception) -> InvalidInput:
        """What to say of a file that fits by its names, and cannot be read all the same."""
        what = str(error).strip().partition("\n")[0] or type(error).__name__
        return InvalidInput("path", self.entry.path, f"its tensors must be those of a model that is whole: {what}")

    def _check_whole(self, components: dict[str, Any]) -> None:
        """diffusers leaves tensors that a checkpoint lacks without memory, and only the first use would tell."""
        for name, module in components.items():
            if isinstance(module, torch.nn.Module):
                missing = [key for key, tensor in module.state_dict().items() if tensor.is_meta]
                if missing:
                    limit = f"it lacks {len(missing)} tensors of the {name}, such as {missing[0]}"
                    raise InvalidInput("path", self.entry.path, limit)


def _index_of(place: Path) -> dict[str, Any]:
    return json.loads((place / INDEX).read_text(encoding="utf-8"))


def component_class(place: Path, name: str, library: str, class_name: str) -> Any:
    """The class that a model_index.json names. Raises InvalidInput for any that is not diffusers' or transformers' own."""
    found = getattr(import_module(library), class_name, None) if library in LIBRARIES else None
    if not isinstance(found, type):
        limit = f"only classes of {' and '.join(LIBRARIES)} are loaded, never code that comes with a model"
        raise InvalidInput(f"{place / INDEX}: {name}", f"{library}.{class_name}", limit)
    return found


def _part_class(place: Path, name: str, library: str, class_name: str) -> Any:
    """The class of a part. Raises InvalidInput for what is no network, tokenizer, processor or scheduler: a pipeline within
    a pipeline, or a retriever, would read files that nobody looked at."""
    from diffusers.models.modeling_utils import ModelMixin
    from diffusers.schedulers.scheduling_utils import SchedulerMixin
    from transformers import (
        AutoTokenizer,
        ImageProcessingMixin,
        PreTrainedModel,
        PreTrainedTokenizerBase,
        ProcessorMixin,
    )

    found = component_class(place, name, library, class_name)
    if library == "transformers" and class_name in processors.WORDS_ALONE:
        return AutoTokenizer
    if not issubclass(
        found,
        (ModelMixin, SchedulerMixin, PreTrainedModel, PreTrainedTokenizerBase, ProcessorMixin, ImageProcessingMixin),
    ):
        limit = "a part must be a network, a tokenizer, a processor or a scheduler"
        raise InvalidInput(f"{place / INDEX}: {name}", f"{library}.{class_name}", limit)
    return found


def _ready(name: str, module: torch.nn.Module, device: torch.device) -> None:
    module.eval().requires_grad_(False)
    if not getattr(module, "is_quantized", False) or device.type != "cpu":
        module.to(device)
    if device.type == "cuda" and name in ("unet", "vae"):
        module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # convolutions run faster so


def _quantization(name: str, dtype: torch.dtype) -> Any:
    """diffusers' configuration for a quantisation of the catalog. Raises Unsupported where its library is missing."""
    library = "torchao" if name.startswith("torchao") else "bitsandbytes"
    if importlib.util.find_spec(library) is None:
        raise Unsupported(
            f"quantization {name!r} needs the library {library}: pip install {library}", field="quantization"
        )
    from diffusers.quantizers.quantization_config import BitsAndBytesConfig, TorchAoConfig

    if name == "nf4":
        return BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype)
    if name == "int8":
        return BitsAndBytesConfig(load_in_8bit=True)
    return TorchAoConfig(import_module("torchao.quantization").Int8WeightOnlyConfig())
