"""Styles and palettes of other programs: what they hold arrives, and what has no place here is said.

The two styles are Acly's krita-ai-diffusion's own (ai_diffusion/styles, commits 0915a06 and 0cc07f2), in part. The .ase was
written by swatch 0.4.0, the .aco by adobe-color-swatch 1.0.0; the .gpl are those that Krita 5.1.5 installs.
"""

import base64
import colorsys
import json
from pathlib import Path

import pytest

from inlay.errors import InvalidInput
from inlay.recipe import Lora, NamedColor
from inlay.styles.foreign import Imported, imported
from inlay.styles.limits import check

ASE = (
    "QVNFRgABAAAAAAAGwAEAAAAOAAYASABvAHUAcwBlAAAAAQAAACwADABCAHIAYQBuAGQAIABnAHIAZQBlAG4AAFJHQiAAAAAAPyampz6ioqQAAgABAAAA"
    "HAAEAFIAbwB0AABMQUIgPwhLXkKgLhRChmZmAAEAAQAAACAABABJAG4AawAAQ01ZSz3MzM0/ZmZmP0zMzQAAAAAAAsACAAAAAAABAAAAFgAFAEgAYQBs"
    "AGYAAEdyYXk/AAAAAAI="
)
ACO = (
    "AAEAAgAAAACmplFRAAAAAcjIZGQyMgAAAAIAAgAAAACmplFRAAAAAAAMAEIAcgBhAG4AZAAgAGcAcgBlAGUAbgAAAAHIyGRkMjIAAAAAAAUAVwBhAHIA"
    "bQAA"
)
CINEMATIC = {
    "name": "Cinematic Photo (XL)",
    "version": 1,
    "sd_checkpoint": "juggernautXL_version6Rundiffusion.safetensors",
    "loras": [],
    "style_prompt": "cinematic film still {prompt}",
    "negative_prompt": "anime, cartoon, graphic, text, painting, crayon, graphite, abstract",
    "sampler": "DPM++ 2M Karras",
    "cfg_scale": 6,
}
SCHNELL = {
    "name": "Flux Schnell",
    "version": 2,
    "architecture": "auto",
    "checkpoints": ["svdq-fp4_r32-flux.1-schnell.safetensors", "flux1-schnell.safetensors"],
    "loras": [],
    "style_prompt": "photo of {prompt}, atmospheric film still",
    "negative_prompt": "",
}
CSV = """\ufeffname,prompt,negative_prompt
--- photos ---,,
Film,"cinematic still {prompt} . emotional, film grain, <lora:kodak:0.6>","text,
watermark"
Plain,"soft light, muted colours",
Film,"another {prompt}",
"""
PALETTES = Path("/usr/share/krita/palettes")


def read(folder: Path, name: str, content: str | bytes) -> list[Imported]:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    found = imported(path)
    for one in found:
        check(one.style, lambda part: part)
    return found


def test_a_style_of_krita_ai_diffusion_keeps_its_words_around_the_prompt(tmp_path: Path) -> None:
    ((style, notes),) = read(tmp_path, "cinematic-photo-xl.json", json.dumps(CINEMATIC))
    assert (style.id, style.title) == ("cinematic-photo-xl", "Cinematic Photo (XL)")
    assert (style.prompt_before, style.prompt_after) == ("cinematic film still", "")
    assert style.negative_prompt.startswith("anime, cartoon")
    assert "juggernautXL" in notes[0]
    assert "cfg_scale, sampler" in notes[1]
    ((style, notes),) = read(tmp_path, "flux-schnell.json", json.dumps(SCHNELL))
    assert (style.prompt_before, style.prompt_after) == ("photo of", ", atmospheric film still")
    assert len(notes) == 1


def test_its_loras_come_with_their_strength_but_not_those_that_are_switched_off(tmp_path: Path) -> None:
    loras = [{"name": "a.safetensors", "strength": 0.7}, {"name": "b.safetensors", "strength": 1.0, "enabled": False}]
    ((style, _),) = read(tmp_path, "x.json", json.dumps({**CINEMATIC, "loras": loras}))
    assert style.loras == (Lora("a.safetensors", "", 0.7),)


def test_the_rows_of_a1111_become_styles_and_headings_do_not(tmp_path: Path) -> None:
    film, plain, again = (one.style for one in read(tmp_path, "styles.csv", CSV))
    assert (film.prompt_before, film.prompt_after) == ("cinematic still", ". emotional, film grain")
    assert film.negative_prompt == "text,\nwatermark"
    assert film.loras == (Lora("kodak", "", 0.6),)
    assert (plain.prompt_before, plain.prompt_after) == ("", "soft light, muted colours")
    assert [film.id, plain.id, again.id] == ["film", "plain", "film-2"]


def test_a_swatch_exchange_has_its_colours_in_rgb_lab_and_gray_and_names_its_inks(tmp_path: Path) -> None:
    ((style, notes),) = read(tmp_path, "house.ase", base64.b64decode(ASE))
    assert style.title == "House"
    assert style.colors == (
        NamedColor("Brand green", "#00A651"),
        NamedColor("Rot", "lab(53.24, 80.09, 67.2)"),
        NamedColor("Half", "#808080"),
    )
    assert len(notes) == 1
    assert notes[0].startswith("Ink: ")


def test_photoshops_swatches_have_names_and_their_own_spaces(tmp_path: Path) -> None:
    ((style, _),) = read(tmp_path, "house.aco", base64.b64decode(ACO))
    hue, saturation, value = (int(part * 2, 16) / 65_535 for part in ("C8", "64", "32"))
    warm = "#" + "".join(f"{round(255 * one):02X}" for one in colorsys.hsv_to_rgb(hue, saturation, value))
    assert style.colors == (NamedColor("Brand green", "#00A651"), NamedColor("Warm", warm))


@pytest.mark.skipif(not PALETTES.exists(), reason="the palettes are Krita's, which is not installed")
def test_kritas_own_palettes_are_read_whole() -> None:
    for path in sorted(PALETTES.glob("*.gpl")):
        ((style, notes),) = imported(path)
        lines = path.read_text("utf-8", errors="replace").splitlines()
        told = [line.split()[:3] for line in lines if line.strip()[:1].isdigit()]
        said = [f"#{int(r):02X}{int(g):02X}{int(b):02X}" for r, g, b in told]
        assert [one.color for one in style.colors] == said[:256], path.name
        assert bool(notes) == (len(said) > 256)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.ase", b"ASEF\x00\x01\x00\x00\x00\x00\x00\x09"),
        ("a.ase", base64.b64decode(ASE)[:60]),
        ("a.aco", base64.b64decode(ACO)[:-9]),
        ("a.aco", b""),
        ("a.gpl", b"JASC-PAL\n"),
        ("a.gpl", b""),
        ("a.json", b"[1, 2]"),
        ("a.json", b"{"),
        ("a.csv", b"title,words\nx,y\n"),
        ("a.csv", b"\xff\xfe"),
        ("a.psd", b"8BPS"),
    ],
)
def test_what_is_none_of_these_is_refused_by_name(tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises(InvalidInput, match=name):
        read(tmp_path, name, content)
