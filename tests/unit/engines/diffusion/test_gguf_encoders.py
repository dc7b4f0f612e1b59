"""Text encoders in GGUF: named by llama.cpp's own library, read under the names of transformers, number by number."""

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch

from inlay.cli.adding import parse_parts
from inlay.cli.scan import added_of
from inlay.engines.diffusion.folders import encoder_from
from inlay.engines.diffusion.loading import load
from inlay.engines.models.catalog import Catalog
from inlay.engines.models.header import header_of
from inlay.engines.models.pieces import PIECES, piece_of
from inlay.engines.models.scan import scan
from inlay.errors import InvalidInput
from inlay.recipe import Verb
from support import comfy_folders as comfy
from support import tiny_models, tiny_words
from support.diffusion import engine, painted, recipe, scene
from support.gguf_files import Q8_0, say_words, write_gguf

pytest.importorskip("diffusers")
pytestmark = pytest.mark.slow

ARCHITECTURES = {
    "t5_xxl": (gguf.MODEL_ARCH.T5ENCODER, "t5encoder"),
    "qwen3_4b": (gguf.MODEL_ARCH.QWEN3, "qwen3"),
    "qwen2_5_vl_7b": (gguf.MODEL_ARCH.QWEN2VL, "qwen2vl"),
    "mistral_small_3": (gguf.MODEL_ARCH.LLAMA, "llama"),
}
EXACT = gguf.GGMLQuantizationType.F32


def as_llama(piece: str, module: Any) -> dict[str, torch.Tensor]:
    """An encoder's tensors under llama.cpp's names, as its converter makes them of transformers'."""
    architecture, _ = ARCHITECTURES[piece]
    names = gguf.get_tensor_name_map(architecture, 64)
    found: dict[str, torch.Tensor] = {}
    for name, tensor in module.state_dict().items():
        plain = name.replace("model.language_model.", "model.")
        if plain.startswith(("model.visual.", "model.vision_tower.", "model.multi_modal_projector.")):
            continue
        if plain == "encoder.embed_tokens.weight":
            continue
        theirs = names.get_name(
            plain if plain.startswith(("model.", "encoder.", "shared.", "lm_head.")) else f"model.{plain}",
            (".weight", ".bias"),
        )
        assert theirs, plain
        turned = architecture is gguf.MODEL_ARCH.LLAMA and theirs.endswith((".attn_q.weight", ".attn_k.weight"))
        found[theirs] = by_turns(tensor, 2) if turned else tensor
    return found


def by_turns(rows: torch.Tensor, heads: int) -> torch.Tensor:
    """Each head's rows, one of the first half and one of the second by turns: as llama.cpp turns queries and keys."""
    each = rows.shape[0] // heads
    order = [head * each + place for head in range(heads) for at in range(each // 2) for place in (at, at + each // 2)]
    return rows[order]


def put(
    piece: str, module: Any, path: Path, kind: gguf.GGMLQuantizationType = EXACT, words: tuple[Any, str] | None = None
) -> Path:
    """words: a tokenizer that the file carries, and whose way it has of cutting text."""

    def say(writer: gguf.GGUFWriter) -> None:
        if piece == "mistral_small_3":
            writer.add_head_count(2)
            writer.add_head_count_kv(2)
        if words:
            say_words(writer, *words)

    path.parent.mkdir(parents=True, exist_ok=True)
    write_gguf(as_llama(piece, module), path, kind, architecture=ARCHITECTURES[piece][1], say=say)
    return path


@pytest.mark.parametrize(
    ("family", "piece", "component", "kind"),
    [
        ("flux_fill", "t5_xxl", "text_encoder_2", EXACT),
        ("flux_fill", "t5_xxl", "text_encoder_2", Q8_0),
        ("z_image", "qwen3_4b", "text_encoder", EXACT),
        ("z_image", "qwen3_4b", "text_encoder", Q8_0),
        ("qwen_image", "qwen2_5_vl_7b", "text_encoder", EXACT),
        ("qwen_image", "qwen2_5_vl_7b", "text_encoder", Q8_0),
        ("flux2_dev", "mistral_small_3", "text_encoder", EXACT),
    ],
)
def test_an_encoder_in_gguf_is_the_encoder_that_it_was_made_of(
    family: str,
    piece: str,
    component: str,
    kind: gguf.GGMLQuantizationType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = comfy.tiny(family)
    comfy.shrunk(tmp_path, monkeypatch, family, made)
    path = comfy.laid_out(tmp_path / "ComfyUI", family, made)
    (tmp_path / "ComfyUI/models/text_encoders" / PIECES[piece].published).unlink()
    words = (made["tokenizer"], "tekken") if family == "flux2_dev" else None
    put(piece, made[component], tmp_path / "ComfyUI/models/text_encoders/mine.gguf", kind, words)

    (found,) = scan([tmp_path / "ComfyUI"]).models
    catalog = Catalog(tmp_path / "models.toml")
    ids = added_of(catalog, [dataclasses.replace(found, families=(family,))], True)
    loaded = load(catalog.entry(ids[path])).components[component]
    words = torch.arange(3, 20)[None]
    theirs: Any = made[component]
    with torch.no_grad():
        here, there = (one(input_ids=words, output_hidden_states=True).hidden_states for one in (loaded, theirs))
    distance = (here[-1] - there[-1]).norm() / there[-1].norm()
    assert distance <= (1e-6 if kind is EXACT else 0.03), distance
    assert kind is EXACT or distance > 0
    if family == "qwen_image":  # whose pipeline asks more of it than its states
        assert loaded.model.visual is None
        able = engine(family, components={**made, component: loaded})
        (ours,) = painted(able, recipe(Verb.FILL), scene())
        (other,) = painted(engine(family, components=made), recipe(Verb.FILL), scene())
        assert np.abs(ours.pixels - other.pixels).max() <= (1e-5 if kind is EXACT else 1)


def test_a_shown_encoder_without_eyes_is_refused_by_what_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = comfy.tiny("qwen_image_edit")
    comfy.shrunk(tmp_path, monkeypatch, "qwen_image_edit", made)
    path = comfy.laid_out(tmp_path / "ComfyUI", "qwen_image_edit", made)
    (tmp_path / "ComfyUI/models/text_encoders" / PIECES["qwen2_5_vl_7b"].published).unlink()
    put("qwen2_5_vl_7b", made["text_encoder"], tmp_path / "ComfyUI/models/text_encoders/mine.gguf")
    (found,) = scan([tmp_path / "ComfyUI"]).models
    catalog = Catalog(tmp_path / "models.toml")
    ids = added_of(catalog, [dataclasses.replace(found, families=("qwen_image_edit",))], True)
    with pytest.raises(InvalidInput, match=r"it lacks \d+ tensors \(model\.visual\."):
        load(catalog.entry(ids[path]))


def test_a_llama_that_is_not_mistral_small_is_no_encoder_here(tmp_path: Path) -> None:
    encoder = tiny_models.z_image()["text_encoder"]
    path = tmp_path / "llama.gguf"
    write_gguf(as_llama("qwen3_4b", encoder), path, EXACT, architecture="llama")
    assert piece_of(header_of(path).shapes) is None
    wide = {"model.layers.0.post_attention_layernorm.weight": (5120,)}
    gate = "model.layers.0.mlp.gate_proj.weight"
    assert piece_of({**wide, gate: (14336, 5120)}) is None, "Mistral Nemo"
    assert piece_of({**wide, gate: (32768, 5120)}) is PIECES["mistral_small_3"]


@pytest.mark.parametrize(
    ("family", "piece", "cuts"), [("z_image", "qwen3_4b", "qwen2"), ("flux2_dev", "mistral_small_3", "tekken")]
)
def test_where_no_tokenizer_lies_beside_it_that_in_the_gguf_file_is_taken(
    family: str, piece: str, cuts: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiny_models, "qwen_tokenizer", merging_tokenizer)
    made = comfy.tiny(family)
    comfy.shrunk(tmp_path, monkeypatch, family, made)
    path = comfy.laid_out(tmp_path / "ComfyUI", family, made)
    root = tmp_path / "ComfyUI"
    (root / "models/text_encoders" / PIECES[piece].published).unlink()
    shutil.rmtree(root / "comfy", ignore_errors=True)
    mine = root / "models/text_encoders/mine.gguf"

    put(piece, made["text_encoder"], mine)  # which carries none
    scanned = scan([root])
    assert scanned.models[0].missing
    assert family == "z_image" or "it must carry its tokenizer" in scanned.refused[0][1]

    put(piece, made["text_encoder"], mine, words=(made["tokenizer"], cuts))
    (found,) = scan([root]).models
    assert (found.missing, found.open) == ((), ())
    assert dict(found.parts).items() <= dict(parse_parts([mine, root / "models/vae" / vae_of(family)])).items()
    catalog = Catalog(tmp_path / "models.toml")
    ids = added_of(catalog, [found], True)
    tokenizer = load(catalog.entry(ids[path])).components["tokenizer"]
    text = "a red kite\n  \u00e4 ITE re 123, isn't it?"
    assert tokenizer(text)["input_ids"] == made["tokenizer"](text)["input_ids"]
    for word in ("<|im_end|>", "[INST]"):
        if word in made["tokenizer"].get_vocab():
            assert len(tokenizer(word, add_special_tokens=False)["input_ids"]) == 1


def merging_tokenizer() -> Any:
    """Qwen's with two words that are longer than a byte."""
    from transformers import Qwen2Tokenizer

    plain = tiny_words.qwen_tokenizer()
    vocabulary = plain.get_vocab()
    longer = {word: len(vocabulary) + number for number, word in enumerate(("re", "red"))}
    made = Qwen2Tokenizer(
        vocab=vocabulary | longer,
        merges=[("r", "e"), ("re", "d")],
        additional_special_tokens=list(tiny_words.QWEN_WORDS[1:]),
        model_max_length=4096,
    )
    made.chat_template = plain.chat_template
    return made


def vae_of(family: str) -> str:
    return {"z_image": "ae.safetensors", "flux2_dev": "flux2-vae.safetensors"}[family]


def test_a_tensor_that_is_missing_is_named_as_transformers_calls_it(tmp_path: Path) -> None:
    encoder = tiny_models.z_image()["text_encoder"].model
    encoder.save_pretrained(tmp_path)
    tensors = as_llama("qwen3_4b", encoder)
    del tensors["blk.1.ffn_up.weight"]
    write_gguf(tensors, tmp_path / "model.gguf", EXACT, architecture="qwen3")
    with pytest.raises(InvalidInput, match=r"it lacks 1 tensor .*layers\.1\.mlp\.up_proj\.weight"):
        encoder_from(type(encoder), tmp_path, tmp_path / "model.gguf", torch.float32)
