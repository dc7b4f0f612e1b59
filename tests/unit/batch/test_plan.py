"""Plans: what is written becomes these cells, and what is wrong is told with file, key, value and remedy."""

import itertools
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inlay.batch.cells import Cell, cells_of
from inlay.batch.plan import read_plan
from inlay.errors import InvalidInput
from inlay.recipe import Tier

PLAN = """\
plan = 1
out = "out/{document}/{document}_{colour}_{scene}_{lang}.psd"   # a comment
seed = "same"

[recipe]
verb = "recolor"
target_color = "{colour.hex}"
prompt = "a jacket in {scene}, {lang.headline}"
strength = 0.5

[documents]
files = ["masters/*.png"]
mask = "masks/{document}.png"

[axes]
colour = { navy = { hex = "#1f4e79" }, rust = { hex = "#a3461f" } }
scene = ["forest", "street"]
lang = { csv = "copy.csv", key = "lang", fields = ["headline"] }

[[skip]]
colour = "rust"
scene = "street"
"""
COPY = 'lang,headline\r\nen,Made to last\r\nde,"Gemacht, um zu bleiben"\r\n'

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """The plan, with texts replaced, beside two masters and its CSV."""
    (tmp_path / "masters").mkdir()
    for name in ("hero", "side"):
        Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / "masters" / f"{name}.png")
    (tmp_path / "copy.csv").write_text("\ufeff" + COPY, encoding="utf-8", newline="")

    def written(*changes: tuple[str, str], name: str = "plan.toml", text: str = PLAN) -> Path:
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return written


def expanded(path: Path) -> tuple[Cell, ...]:
    return cells_of(read_plan(path))


def test_a_plan_is_the_product_of_documents_and_variables_less_what_is_skipped(write: Write, tmp_path: Path) -> None:
    cells = expanded(write())

    hoped = {
        (document, colour, scene, lang)
        for document, colour, scene, lang in itertools.product(
            ("hero", "side"), ("navy", "rust"), ("forest", "street"), ("en", "de")
        )
        if (colour, scene) != ("rust", "street")
    }
    assert len(cells) == len(hoped) == 12
    assert {tuple(cell.labels[name] for name in ("document", "colour", "scene", "lang")) for cell in cells} == hoped
    assert {cell.out for cell in cells} == {
        tmp_path / "out" / document / f"{document}_{colour}_{scene}_{lang}.psd"
        for document, colour, scene, lang in hoped
    }


def test_slots_are_filled_into_recipe_mask_and_name_from_values_and_their_fields(write: Write) -> None:
    cell = next(one for one in expanded(write()) if one.labels["colour"] == "rust" and one.labels["lang"] == "de")

    assert cell.asked.wish.target_color == "#a3461f"
    assert cell.asked.wish.prompt == "a jacket in forest, Gemacht, um zu bleiben"
    assert cell.asked.wish.strength == 0.5
    assert cell.mask == "masks/hero.png"
    assert cell.filling == {"colour.hex": "#a3461f", "lang.headline": "Gemacht, um zu bleiben"}


@pytest.mark.parametrize(
    "data",
    [
        COPY.encode(),
        COPY.encode("utf-8-sig"),
        "lang;headline\r\nen;Made to last\r\n\r\nde;Gemacht, um zu bleiben\r\n".encode("utf-8-sig"),
        "lang\theadline\r\nen\tMade to last\r\nde\tGemacht, um zu bleiben\r\n".encode("utf-16"),
    ],
    ids=["plain", "excel", "excel in german", "excel's unicode text"],
)
def test_tables_are_read_as_excel_writes_them(data: bytes, write: Write, tmp_path: Path) -> None:
    path = write()
    (tmp_path / "copy.csv").write_bytes(data)

    headlines = {cell.filling["lang.headline"] for cell in expanded(path)}

    assert headlines == {"Made to last", "Gemacht, um zu bleiben"}


def test_a_number_from_a_table_and_a_flag_from_a_slot_take_the_fields_type(write: Write, tmp_path: Path) -> None:
    (tmp_path / "copy.csv").write_text("lang,headline\nen,0.25\nde,1\n", encoding="utf-8")

    path = write(
        ("strength = 0.5", 'strength = "{lang.headline}"\ntier = "draft"\nraw = true\noptions = { edge = "{scene}" }')
    )
    wishes = [cell.asked.wish for cell in expanded(path)]

    assert {wish.strength for wish in wishes} == {0.25, 1.0}
    assert {(wish.tier, wish.raw) for wish in wishes} == {(Tier.DRAFT, True)}
    assert {wish.options["edge"] for wish in wishes} == {"forest", "street"}


def test_several_recipes_are_an_axis_over_what_they_share(write: Write) -> None:
    several = '[recipes.strong]\nstrength = 1.0\n[recipes.plain]\nverb = "erase"\ntarget_color = ""\n\n[documents]'

    cells = expanded(write(("[documents]", several), ("_{lang}.psd", "_{lang}_{recipe}.psd")))

    assert len(cells) == 24
    assert {(cell.recipe, cell.asked.wish.verb, cell.asked.wish.strength) for cell in cells} == {
        ("strong", "recolor", 1.0),
        ("plain", "erase", 0.5),
    }


def test_the_seed_is_one_for_all_or_one_for_each_or_a_variable(write: Write) -> None:
    same = {cell.asked.wish.seed for cell in expanded(write())}
    given = {cell.asked.wish.seed for cell in expanded(write(('seed = "same"', "seed = 77")))}
    each = [cell.asked.wish.seed for cell in expanded(write(('seed = "same"', 'seed = "cell"')))]
    again = [cell.asked.wish.seed for cell in expanded(write(('seed = "same"', 'seed = "cell"'), ("0.5", "0.75")))]
    axis = expanded(
        write(('seed = "same"', 'seed = "{scene}"'), ('["forest", "street"]', "[7, 8]"), ('= "street"', "= 8"))
    )

    assert len(same) == 1
    assert given == {77}
    assert len(set(each)) == len(each) == 12
    assert again == each
    assert {(cell.labels["scene"], cell.asked.wish.seed) for cell in axis} == {("7", 7), ("8", 8)}


def test_a_plan_that_extends_another_fills_up_its_tables_and_keeps_its_folders(write: Write, tmp_path: Path) -> None:
    write()
    (tmp_path / "more").mkdir()
    more = 'plan = 1\nextends = "../plan.toml"\n[recipe]\nstrength = 0.9\n[axes]\nscene = ["beach"]\n[[skip]]\nlang = "de"\n'
    path = write(name="more/beach.toml", text=more)

    cells = expanded(path)

    assert [cell.out.name for cell in cells] == [
        f"{document}_{colour}_beach_en.psd" for document in ("hero", "side") for colour in ("navy", "rust")
    ]
    assert {cell.out.parents[1] for cell in cells} == {tmp_path / "more" / "out"}
    assert {(cell.asked.wish.strength, cell.asked.wish.verb) for cell in cells} == {(0.9, "recolor")}
    assert {cell.document.parent for cell in cells} == {tmp_path / "masters"}
    assert read_plan(path).mask is not None
    assert read_plan(path).mask.file == tmp_path / "plan.toml"  # pyright: ignore[reportOptionalMemberAccess]


def test_the_plan_in_the_documentation_is_one(write: Write, tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs/production.md").read_text("utf-8")
    text = page.partition("```toml\n")[2].partition("```")[0]
    for name in ("hero", "side"):
        (tmp_path / "masters" / f"{name}.psd").write_bytes(b"")

    cells = expanded(write(text=text))

    assert len(cells) == 2 * 2 * 3  # documents x formats x (colours x languages less one)
    assert cells[0].out == tmp_path / "out" / "hero" / "hero_square_navy_en.psd"
    assert {cell.mask for cell in cells} == {"layer:Jacket"}


MISTAKES: dict[str, tuple[tuple[str, str], tuple[str, ...]]] = {
    "an unknown key": (("seed =", "sede ="), ("plan.toml: sede", "did you mean seed?")),
    "an unknown field of the recipe": (
        ("strength = 0.5", "strenght = 0.5"),
        ("plan.toml: recipe.strenght", "strength?"),
    ),
    "an unknown field of the documents": (("mask =", "msk ="), ("plan.toml: documents.msk", "did you mean mask?")),
    "an unknown slot": (("{colour.hex}", "{color.hex}"), ("recipe.target_color", "'{color.hex}'", "{colour.hex}")),
    "a field that a value lacks": (
        ('{ hex = "#a3461f" }', '{ hx = "#a3461f" }'),
        ("target_color", "nothing fills {colour.hex}"),
    ),
    "a slot that looks into Python": (
        ("{scene}, ", "{scene.__class__}, "),
        ("recipe.prompt", "nothing fills {scene.__class__}"),
    ),
    "a brace by itself": (("a jacket in", "a } jacket in"), ("recipe.prompt", "{{ or }}")),
    "two cells of one name": (
        ("_{scene}_{lang}", "_{lang}"),
        ("plan.toml: out", "scene forest", "scene street", "put {scene}"),
    ),
    "names that differ in case": (('["forest", "street"]', '["forest", "Forest", "street"]'), ("would both be it",)),
    "a column that is missing": (
        ('["headline"]', '["headlin"]'),
        ("axes.lang.csv", "no column 'headlin'", "lang, headline"),
    ),
    "a table that is missing": (('"copy.csv"', '"kopie.csv"'), ("axes.lang.csv", "kopie.csv", "No such file")),
    "a number that is a text": (("strength = 0.5", 'strength = "half"'), ("recipe.strength", "'half'", "0 .. 1")),
    "a number beyond its limit": (("strength = 0.5", "strength = 1.5"), ("recipe.strength", "1.5", "0 .. 1")),
    "a text that is a number": (('verb = "recolor"', "verb = 3"), ("recipe.verb", "text in quotes")),
    "a flag that is a text": (("strength = 0.5", 'raw = "maybe"'), ("recipe.raw", "'maybe'", "true or false")),
    "a tier that is none": (
        ("strength = 0.5", 'tier = "finest"'),
        ("recipe.tier", "'finest'", "draft, standard, final"),
    ),
    "a seed in the recipe": (("strength = 0.5", "seed = 3"), ("recipe.seed", "above the tables")),
    "a seed that is none": (('seed = "same"', "seed = -1"), ("plan.toml: seed", "-1", "0 .. 4294967295")),
    "no verb": (('verb = "recolor"', ""), ("recipe.verb", "missing")),
    "no files": (("masters/*.png", "masters/*.tif"), ("documents.files[0]", "masters/*.tif", "no file")),
    "a list that is a text": (('["masters/*.png"]', '"masters/*.png"'), ("documents.files", "list")),
    "an axis that is a number": (('scene = ["forest", "street"]', "scene = 3"), ("axes.scene", "table")),
    "an axis that is there already": (("scene = [", "format = ["), ("axes.format", "choose another name")),
    "an axis without values": (('["forest", "street"]', "[]"), ("axes.scene", "at least one")),
    "a value twice": (('["forest", "street"]', '["forest", "forest"]'), ("axes.scene", "'forest'", "twice")),
    "a skip of no axis": (('scene = "street"', 'scenery = "street"'), ("skip[0].scenery", "did you mean scene?")),
    "a skip of no value": (('scene = "street"', 'scene = "stret"'), ("skip[0].scene", "'stret'", "forest, street")),
    "everything skipped": (('colour = "rust"\nscene = "street"', 'lang = ["en", "de"]'), ("skip", "nothing to do")),
    "a name that leaves its folder": (
        ('["forest", "street"]', '["../../x", "street"]'),
        ("out", "'../../x'", "another field"),
    ),
    "a colour as a folder": (("_{colour}_", "_{lang.headline}_"), ("out",)),
    "a suffix that is none": (("_{lang}.psd", "_{lang}.gif"), ("plan.toml: out", ".gif", ".psd")),
    "results among the masters": (
        ('"out/{document}/{document}_', '"masters/{document}_'),
        ("documents.files", "hero_navy_forest_en.png", "folder of their own"),
    ),
    "another kind of plan": (("plan = 1", "plan = 2"), ("plan.toml: plan", "plan = 1")),
    "no TOML": (("seed =", "seed = ="), ("plan.toml", "line 3")),
    "itself": (("plan = 1", 'plan = 1\nextends = "plan.toml"'), ("extends", "cannot extend itself")),
    "more than anybody looks at": (
        ('["forest", "street"]', json.dumps(["street", *(f"s{number}" for number in range(9_998))])),
        ("79992 cells", "at most 20000"),
    ),
    "a master of GIMP's": (
        ("masters/*.png", "masters/*"),
        ("documents.files", "hero.xcf", "save a copy as one of them"),
    ),
    "a text with a hole": (('"forest"', '"for\\u0000est"'), ("axes.scene[0]", "character 0")),
    "a number without end": (("strength = 0.5", "strength = inf"), ("recipe.strength", "inf")),
    "a date": (("strength = 0.5", "strength = 2026-11-30"), ("recipe.strength", "a number")),
    "a number beyond all": (("strength = 0.5", "strength = 1" + "0" * 400), ("recipe.strength", "0 .. 1")),
    "a format of no shape": (
        ("[axes]", '[formats]\nstory = "9by16"\n[axes]'),
        ("plan.toml: formats.story", "9by16", "4:5"),
    ),
    "a format with a typo": (
        ("[axes]", "[formats.story]\nsize = [9, 16]\nsave = [0, 0, 0, 0]\n[axes]"),
        ("plan.toml: formats.story.save", "size, ratio or platform"),
    ),
    "a format without a name in the file's": (
        ("[axes]", '[formats]\na = "1:1"\nb = "4:5"\n[axes]'),
        ("put {format} into out",),
    ),
    "rows of no axis": (("[axes]", '[sheet]\nrows = "color"\n[axes]'), ("plan.toml: sheet.rows", "'color'", "colour")),
    "options that are a list": (("strength = 0.5", "options = [1]"), ("recipe.options", "table")),
    "an input without a role": (("strength = 0.5", 'inputs = [{ file = "a.png" }]'), ("inputs[0].role", "missing")),
    "an input with a typo": (("strength = 0.5", 'inputs = [{ rule = "a" }]'), ("inputs[0].rule", "did you mean role?")),
    "what a master is carried from is not said": (
        ('"masks/{document}.png"', '"propagate:masters/hero.png"'),
        ("documents.master_mask", "missing", "layer:Jacket"),
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_its_key_its_value_and_what_to_do(mistake: str, write: Write, tmp_path: Path) -> None:
    change, told = MISTAKES[mistake]
    path = write(change)
    if "masters/{document}_" in change[1]:
        path = write(change, (".psd", ".png"))
        Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / "masters" / "hero_navy_forest_en.png")
    if mistake == "a colour as a folder":
        (tmp_path / "copy.csv").write_text("lang,headline\nen,a/b\nde,c\n", encoding="utf-8")

    if mistake == "a master of GIMP's":
        (tmp_path / "masters" / "hero.xcf").write_bytes(b"gimp xcf ")

    with pytest.raises(InvalidInput) as refused:
        expanded(path)

    for part in told:
        assert part in refused.value.message
    assert refused.value.field


def test_several_variations_need_a_file_with_layers(write: Write) -> None:
    with pytest.raises(InvalidInput, match=r"out is .*count is 2: it must end in .ora or .psd"):
        expanded(write(("strength = 0.5", "count = 2"), (".psd", ".png")))
    assert {cell.asked.wish.count for cell in expanded(write(("strength = 0.5", "count = 2")))} == {2}
