"""The LoRAs of a style, found among those that the user has for a model."""

from dataclasses import replace
from pathlib import Path

from inlay.errors import Unsupported
from inlay.recipe import Lora, Style


def with_style(model: str, own: tuple[Lora, ...], has: tuple[Lora, ...], style: Style) -> tuple[Lora, ...]:
    """own: what the model wears at this tier. has: all that it could wear. What the style names is worn with the style's weight.

    Raises Unsupported, naming a LoRA that the model has not.
    """
    worn = {lora.sha256: lora for lora in own}
    for wanted in style.loras:
        found = next((lora for lora in has if _is(lora, wanted)), None)
        if found is None:
            here = ", ".join(sorted({lora.name for lora in has})) or "none"
            raise Unsupported(
                f"style {style.id!r} wears LoRA {wanted.name!r}, which model {model!r} has not; it has: {here}. "
                "Add it to the model in models.toml, with weight 0 if only styles shall wear it",
                field="sampling.style",
            )
        worn[found.sha256] = replace(found, weight=wanted.weight)
    return tuple(worn.values())


def _is(lora: Lora, wanted: Lora) -> bool:
    """By its hash where the style says one, else by its name, with or without its ending."""
    if wanted.sha256:
        return lora.sha256 == wanted.sha256
    return wanted.name.casefold() in (lora.name.casefold(), Path(lora.name).stem.casefold())
