"""Tokenizers and text encoders of the tiny models: a few hundred words, random weights."""

from pathlib import Path
from typing import Any

QWEN_WORDS = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
)


CHAT = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for part in message['content'] %}{{ part['text'] }}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def clip_tokenizer() -> Any:
    from transformers import CLIPTokenizer
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    symbols = list(bytes_to_unicode().values())
    words = [*symbols, *(symbol + "</w>" for symbol in symbols), "<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(vocab={word: index for index, word in enumerate(words)}, merges=[], model_max_length=77)


def clip_encoder(tokenizer: Any, width: int, *, projected: bool = False, layers: int = 3) -> Any:
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=layers,
        num_attention_heads=4,
        projection_dim=width,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return (CLIPTextModelWithProjection if projected else CLIPTextModel)(config).eval()


def t5_tokenizer() -> Any:
    from transformers import T5Tokenizer

    pieces = ["<pad>", "</s>", "<unk>", "\u2581", *(chr(code) for code in range(33, 127))]
    return T5Tokenizer(
        vocab=[(piece, -float(index)) for index, piece in enumerate(pieces)], extra_ids=0, model_max_length=64
    )


def t5_encoder(tokenizer: Any, width: int) -> Any:
    from transformers import T5Config, T5EncoderModel

    inner: dict[str, Any] = {"d_kv": 8, "d_ff": 2 * width, "feed_forward_proj": "gated-gelu"}
    config = T5Config(vocab_size=len(tokenizer), d_model=width, num_layers=1, num_heads=4, **inner)
    return T5EncoderModel(config).eval()


def umt5(tokenizer: Any, width: int) -> Any:
    from transformers import UMT5Config, UMT5EncoderModel

    inner: dict[str, Any] = {"d_kv": 8, "d_ff": 2 * width, "feed_forward_proj": "gated-gelu"}
    return UMT5EncoderModel(
        UMT5Config(vocab_size=len(tokenizer), d_model=width, num_layers=1, num_heads=2, **inner)
    ).eval()


def qwen_tokenizer() -> Any:
    from transformers import Qwen2Tokenizer
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    symbols = list(bytes_to_unicode().values())
    tokenizer = Qwen2Tokenizer(
        vocab={word: index for index, word in enumerate([*symbols, *QWEN_WORDS])},
        merges=[],
        additional_special_tokens=list(QWEN_WORDS[1:]),
        model_max_length=4096,
    )
    tokenizer.chat_template = CHAT
    return tokenizer


def qwen3(tokenizer: Any, width: int, layers: int) -> Any:
    from transformers import Qwen3Config, Qwen3ForCausalLM

    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=layers,
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=8,
    )
    return Qwen3ForCausalLM(config).eval()


def qwen_vl(tokenizer: Any) -> Any:
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    text = {
        "vocab_size": len(tokenizer),
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "rope_scaling": {"type": "mrope", "mrope_section": [2, 3, 3]},
        "bos_token_id": 0,
        "eos_token_id": 0,
    }
    vision = {
        "depth": 1,
        "hidden_size": 32,
        "intermediate_size": 32,
        "num_heads": 2,
        "out_hidden_size": 32,
        "patch_size": 14,
        "window_size": 112,
        "fullatt_block_indexes": [0],
    }
    ids = {name: tokenizer.convert_tokens_to_ids(word) for name, word in _VL_IDS.items()}
    return Qwen2_5_VLForConditionalGeneration(Qwen2_5_VLConfig(text_config=text, vision_config=vision, **ids)).eval()


_VL_IDS = {
    "image_token_id": "<|image_pad|>",
    "video_token_id": "<|video_pad|>",
    "vision_start_token_id": "<|vision_start|>",
    "vision_end_token_id": "<|vision_end|>",
}


def _looking(kind: Any) -> Any:
    """A processor's class as the product loads it, which saves what there is of it."""
    from inlay.engines.diffusion.processors import without_films

    def saved(self: Any, folder: Any, **_: Any) -> None:
        self.tokenizer.save_pretrained(folder)
        self.image_processor.save_pretrained(folder)

    return type(kind.__name__, (without_films(kind),), {"__module__": kind.__module__, "save_pretrained": saved})


def qwen_processor(tokenizer: Any) -> Any:
    """Looks at pictures so coarsely that a test has few tokens of them."""
    from transformers import Qwen2VLProcessor
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    looking = Qwen2VLImageProcessorPil(size={"shortest_edge": 56 * 56, "longest_edge": 112 * 112})
    return _looking(Qwen2VLProcessor)(image_processor=looking, tokenizer=tokenizer, chat_template=CHAT)


def qwen3_vl(tokenizer: Any) -> Any:
    from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

    text = {
        "vocab_size": len(tokenizer),
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [2, 3, 3]},
    }
    vision = {
        "depth": 1,
        "hidden_size": 32,
        "intermediate_size": 32,
        "num_heads": 2,
        "out_hidden_size": 32,
        "num_position_embeddings": 16,
        "deepstack_visual_indexes": [0],
    }
    ids = {name: tokenizer.convert_tokens_to_ids(word) for name, word in _VL_IDS.items()}
    return Qwen3VLForConditionalGeneration(Qwen3VLConfig(text_config=text, vision_config=vision, **ids)).eval()


def qwen3_vl_processor(tokenizer: Any) -> Any:
    """As `qwen_processor`."""
    from transformers import Qwen3VLProcessor
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    looking = Qwen2VLImageProcessorPil(size={"shortest_edge": 64 * 64, "longest_edge": 128 * 128}, patch_size=16)
    return _looking(Qwen3VLProcessor)(image_processor=looking, tokenizer=tokenizer, chat_template=CHAT)


def tekken() -> bytes:
    """A tekken.json of all bytes and a few words, beside what it says of itself."""
    import base64
    import json

    control = {
        0: "<unk>",
        1: "<s>",
        2: "</s>",
        3: "[INST]",
        4: "[/INST]",
        11: "<pad>",
        17: "[SYSTEM_PROMPT]",
        18: "[/SYSTEM_PROMPT]",
    }
    words = [
        *(bytes([code]) for code in range(256)),
        b"re",
        b"it",
        b"ed",
        b"ite",
        b"red",
        b" k",
        b" kite",
        b"di",
        b"\xc3\xa4",
    ]
    return json.dumps(
        {
            "config": {
                "pattern": r"[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s+",
                "default_vocab_size": 20 + len(words) - 1,
                "default_num_special_tokens": 20,
            },
            "vocab": [
                {"rank": number, "token_bytes": base64.b64encode(word).decode()} for number, word in enumerate(words)
            ],
            "special_tokens": [{"rank": rank, "token_str": word, "is_control": True} for rank, word in control.items()],
        }
    ).encode()


def mistral3(tokenizer: Any, width: int, layers: int = 30) -> Any:
    """Deep enough for the layers that FLUX.2 dev reads, the 10th, 20th and 30th."""
    from transformers import Mistral3Config, Mistral3ForConditionalGeneration

    heads = {"num_attention_heads": 2, "head_dim": 8, "hidden_size": width, "intermediate_size": width}
    text = {
        "model_type": "mistral",
        "vocab_size": len(tokenizer),
        "num_hidden_layers": layers,
        "num_key_value_heads": 2,
        "rms_norm_eps": 1e-5,
    }
    vision = {"model_type": "pixtral", "num_hidden_layers": 1, "patch_size": 14, "image_size": 28}
    config = Mistral3Config(text_config={**text, **heads}, vision_config={**vision, **heads}, image_token_index=3)
    return Mistral3ForConditionalGeneration(config).eval()


def smollm3(tokenizer: Any, width: int) -> Any:
    from transformers import SmolLM3Config, SmolLM3ForCausalLM

    config = SmolLM3Config(
        vocab_size=128_001,  # its pipeline gives no words as token 128,000
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
    )
    return SmolLM3ForCausalLM(config).eval()


SEES = (
    "{% for turn in messages %}{% for part in turn.content %}{% if part.type == 'image' %}"
    "<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ part.text }}{% endif %}{% endfor %}{% endfor %}"
)
"""As Qwen's own puts pictures among words."""


def saved_speaker(place: Path) -> Path:
    """A random Qwen2.5-VL of no size that says something, in a folder as transformers saves one."""
    import torch

    tokenizer = qwen_tokenizer()
    tokenizer.chat_template = SEES
    processor = qwen_processor(tokenizer)
    processor.chat_template = SEES
    torch.manual_seed(0)
    qwen_vl(tokenizer).save_pretrained(place)
    processor.save_pretrained(place)
    return place
