"""IP-Adapter: pictures that a UNet attends to beside the words, each with its own weight, and a style or a layout only where
those are decided.

Ye et al. 2023, arXiv 2308.06721; which layers decide style and layout: InstantStyle, arXiv 2404.02733. diffusers reads the files;
here the layers are put into a UNet for one run and taken out again, since its modules paint without pictures too.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch
from diffusers.models.attention_processor import IPAdapterAttnProcessor2_0
from diffusers.models.embeddings import ImageProjection, MultiIPAdapterImageProjection
from torch import Tensor, nn

from inlay.engines.diffusion.devices import execution_device
from inlay.engines.diffusion.fitting import FAILURES, clipped
from inlay.engines.diffusion.folders import network_of
from inlay.engines.diffusion.unpacking import unpacked
from inlay.engines.models.header import header_of
from inlay.engines.models.layouts import layout_of
from inlay.engines.models.steering_parts import IMAGE_ENCODER, IP_ADAPTER, IP_ADAPTER_FACE
from inlay.errors import InvalidInput
from inlay.recipe import IDENTITY, LAYOUT, STYLE

DECIDED_IN: Mapping[str, str] = {STYLE: "up_blocks.0.attentions.1.", LAYOUT: "down_blocks.2.attentions.1."}
"""Where SDXL decides on them: how the names of those layers begin. Every other role counts in all layers."""

_PARTS = ("image_proj", "ip_adapter")
_MEAN, _SPREAD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
"""Of the pictures that CLIP was trained on (openai/CLIP, `clip.py`)."""

_HEADS = 16
"""Of the CLIP encoders that IP-Adapters were trained with: ViT-L, ViT-H and ViT-bigG; no tensor tells."""


class IpAdapter(nn.Module):
    """What a file holds. names: of the layers it sits in, in the order of `layers`. tokens: that it makes of a picture."""

    def __init__(self, projection: nn.Module, layers: Mapping[str, IPAdapterAttnProcessor2_0]) -> None:
        super().__init__()
        self.projection = projection
        self.names = [*layers]
        self.layers = nn.ModuleList(layers.values())

    @property
    def tokens(self) -> int:
        return next(iter(self.layers)).num_tokens[0]  # type: ignore[union-attr,no-any-return]

    @property
    def sees_states(self) -> bool:
        """Whether it reads the encoder's last but one states, else what they come to."""
        return not isinstance(self.projection, ImageProjection)


class Slot(NamedTuple):
    """A picture in its place. seen: as `encoded` gives it."""

    adapter: IpAdapter
    role: str
    weight: float
    seen: Tensor


def part_for(role: str) -> str:
    """Which adapter takes a picture of that role: another was trained on faces."""
    return IP_ADAPTER_FACE if role == IDENTITY else IP_ADAPTER


def ip_adapter_from(file: Path, unet: Any, dtype: torch.dtype, part: str) -> IpAdapter:
    """The adapter in a file. Raises InvalidInput, naming the part, where it is none for this UNet."""
    header = header_of(file)
    held: dict[str, dict[str, Tensor]] = {name: {} for name in _PARTS}
    for name, tensor in unpacked(header, layout_of(header), dtype):
        room, _, rest = name.partition(".")
        if room in held:
            held[room][rest] = tensor
    try:
        made = unet._convert_ip_adapter_attn_to_diffusers([held])
        projection = unet._convert_ip_adapter_image_proj_to_diffusers(held["image_proj"])
        layers = {name: layer for name, layer in made.items() if isinstance(layer, IPAdapterAttnProcessor2_0)}
        if 2 * len(layers) != len(held["ip_adapter"]):
            raise ValueError(f"it has {len(held['ip_adapter'])} tensors for {len(layers)} layers")
        if lacking := [name for name, tensor in projection.state_dict().items() if tensor.is_meta]:
            raise ValueError(f"it lacks image_proj.{lacking[0]}")
    except FAILURES as error:
        limit = f"it must be an IP-Adapter for the model's own UNet, and none that wants faces measured: {clipped(str(error))}"
        raise InvalidInput(f"parts.{part}", file, limit) from error
    return IpAdapter(projection.to(dtype), layers)


def encoder_from(place: Path, dtype: torch.dtype) -> Any:
    """CLIP's encoder of pictures: a folder as transformers saves it, or its file alone. Raises InvalidInput for anything else."""
    from transformers import CLIPVisionModelWithProjection

    if place.is_dir():
        return network_of(CLIPVisionModelWithProjection, place, dtype)
    header = header_of(place)
    weights = {
        name: tensor
        for name, tensor in unpacked(header, layout_of(header), dtype)
        if name.startswith(("vision_model.", "visual_projection.")) and not name.endswith("position_ids")
    }
    try:
        with torch.device("meta"):
            network = CLIPVisionModelWithProjection(_config_of(weights))
        network.load_state_dict(weights, strict=False, assign=True)
        own: Any = network.vision_model.embeddings
        own.position_ids = torch.arange(own.num_positions)[None]
        if lacking := [name for name, tensor in network.named_parameters() if tensor.is_meta]:
            raise ValueError(f"it lacks {lacking[0]}")
    except FAILURES as error:
        limit = f"it must hold a CLIP encoder of pictures with its projection: {clipped(str(error))}"
        raise InvalidInput(f"parts.{IMAGE_ENCODER}", place, limit) from error
    return network


@torch.no_grad()
def encoded(encoder: Any, adapter: IpAdapter, picture: Tensor) -> Tensor:
    """A picture as the adapter reads it, after one that shows nothing: 2 x 1 x C, or 2 x 1 x tokens x C.

    picture: 1 x 3 x H x W in -1..1.
    """
    seen = _framed(picture, encoder.config.image_size).to(execution_device(encoder), encoder.dtype)
    if adapter.sees_states:
        both = encoder(torch.cat([torch.zeros_like(seen), seen]), output_hidden_states=True).hidden_states[-2]
    else:
        found = encoder(seen).image_embeds
        both = torch.cat([torch.zeros_like(found), found])
    return both[:, None]


def embeds_for(slots: Sequence[Slot], batch: int, *, guided: bool) -> list[Tensor]:
    """The pipelines' `ip_adapter_image_embeds`: for each slot those of the whole batch, the ones of nothing first."""
    first = 0 if guided else 1
    return [
        torch.cat([one[None].repeat(batch, *(1 for _ in one.shape)) for one in slot.seen[first:]]) for slot in slots
    ]


@contextmanager
def attending(unet: Any, slots: Sequence[Slot]) -> Generator[None]:
    """Have `unet` attend to these pictures, and to none afterwards, its modules as they were."""
    if not slots:
        yield
        return
    for slot in slots:
        slot.adapter.to(execution_device(unet))  # nothing calls it as a module, so that no hook would bring it
    before = dict(unet.attn_processors)
    projection, kind = unet.encoder_hid_proj, unet.config.encoder_hid_dim_type
    layers = [dict(zip(slot.adapter.names, slot.adapter.layers, strict=True)) for slot in slots]
    unet.set_attn_processor(
        {
            name: _Joined([mine[name] for mine in layers], [_scale(slot, name) for slot in slots])
            if name in layers[0]
            else plain
            for name, plain in before.items()
        }
    )
    unet.encoder_hid_proj = MultiIPAdapterImageProjection([slot.adapter.projection for slot in slots])
    unet.config.encoder_hid_dim_type = "ip_image_proj"
    try:
        yield
    finally:
        unet.encoder_hid_proj = projection  # first: a projection may have attention of its own
        unet.set_attn_processor(before)
        unet.config.encoder_hid_dim_type = kind


class _Joined(IPAdapterAttnProcessor2_0):
    """One layer's attention to several pictures. It holds the adapters' own weights: none is made anew."""

    def __init__(self, layers: Sequence[Any], scales: Sequence[float]) -> None:
        nn.Module.__init__(self)
        self.hidden_size, self.cross_attention_dim = layers[0].hidden_size, layers[0].cross_attention_dim
        self.num_tokens = [layer.num_tokens[0] for layer in layers]
        self.scale = [*scales]
        self.to_k_ip = nn.ModuleList([layer.to_k_ip[0] for layer in layers])
        self.to_v_ip = nn.ModuleList([layer.to_v_ip[0] for layer in layers])


def _scale(slot: Slot, layer: str) -> float:
    return slot.weight if layer.startswith(DECIDED_IN.get(slot.role, "")) else 0.0


def _framed(picture: Tensor, side: int) -> Tensor:
    """All of a picture in a square of its mean colour, as CLIP reads it: 1 x 3 x side x side."""
    height, width = picture.shape[-2:]
    longer = max(height, width)
    square = picture.float().mean((2, 3), keepdim=True).repeat(1, 1, longer, longer)
    top, left = (longer - height) // 2, (longer - width) // 2
    square[..., top : top + height, left : left + width] = picture
    seen = nn.functional.interpolate(square, (side, side), mode="bicubic", antialias=True, align_corners=False)
    mean, spread = (torch.tensor(values).view(1, 3, 1, 1) for values in (_MEAN, _SPREAD))
    return ((seen.clamp(-1, 1) + 1) / 2 - mean) / spread


def _config_of(weights: Mapping[str, Tensor]) -> Any:
    """By the shapes of the tensors."""
    from transformers import CLIPVisionConfig

    width, _, patch, _ = weights["vision_model.embeddings.patch_embedding.weight"].shape
    cells = weights["vision_model.embeddings.position_embedding.weight"].shape[0] - 1
    layers = {name.split(".")[3] for name in weights if name.startswith("vision_model.encoder.layers.")}
    projected = weights["visual_projection.weight"].shape[0]
    return CLIPVisionConfig(
        hidden_size=width,
        intermediate_size=weights["vision_model.encoder.layers.0.mlp.fc1.weight"].shape[0],
        projection_dim=projected,
        num_hidden_layers=len(layers),
        num_attention_heads=_HEADS,
        image_size=round(cells**0.5) * patch,
        patch_size=patch,
        hidden_act="quick_gelu"
        if width == 1024 and projected == 768
        else "gelu",  # OpenAI's own; the others are LAION's
    )
