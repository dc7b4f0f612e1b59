"""Graphs for ComfyUI: found by their titles, checked against what is there, refused by node and file."""

import copy
import json

import pytest

from inlay.engines.models.remote_entry import Remote
from inlay.engines.remote.comfy_check import TEMPLATES, faults_of, options_of, template
from inlay.engines.remote.comfy_graph import SAVES, filled, marks_of, parsed
from inlay.engines.remote.comfy_graph_file import stored
from inlay.errors import InvalidInput, Unavailable
from support import comfy_graphs
from support.comfy_nodes import NODES
from support.comfy_server import comfy_server


def of(graph) -> dict:
    return parsed(json.dumps(graph).encode())


def changed(graph, **nodes) -> dict:
    made = copy.deepcopy(graph)
    for name, node in nodes.items():
        made[name.lstrip("n")] = node
    return made


def titled(graph, node: str, title: str) -> dict:
    made = copy.deepcopy(graph)
    made[node]["_meta"] = {"title": title}
    return made


@pytest.mark.parametrize(
    "title", ["Inlay picture", "inlay:picture", "INLAY PICTURE ", "Inlay  picture", "inlay: picture"]
)
def test_a_node_is_found_by_its_title_however_it_is_written(title):
    two = changed(comfy_graphs.INVERT, n7={"class_type": "LoadImage", "inputs": {"image": "x.png"}})
    assert marks_of(of(titled(two, "1", title))).picture == "1"


def test_without_titles_the_only_node_of_its_class_is_meant():
    bare = {name: {k: v for k, v in node.items() if k != "_meta"} for name, node in comfy_graphs.INVERT.items()}
    marks = marks_of(of(bare))
    assert (marks.picture, marks.mask, marks.output) == ("1", "2", "9")


def test_two_that_could_be_meant_are_asked_about():
    two = changed(titled(comfy_graphs.INVERT, "1", "a"), n7={"class_type": "LoadImage", "inputs": {"image": "x.png"}})
    with pytest.raises(InvalidInput, match="title one node of it 'Inlay picture'"):
        marks_of(of(two))


def test_the_editors_own_format_is_refused_with_what_to_do():
    with pytest.raises(InvalidInput, match=r"File > Export \(API\)"):
        of({"nodes": [], "links": [], "version": 0.4})


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"1": 5}', b'{"1": {"class_type": 3, "inputs": {}}}', b"[" * 100_000]
)
def test_what_is_no_graph_is_refused(data):
    with pytest.raises(InvalidInput):
        parsed(data)


def test_a_link_is_never_overwritten():
    linked = copy.deepcopy(comfy_graphs.slow())
    linked["5"] = {"class_type": "PrimitiveInt", "inputs": {"value": 3}}
    linked["4"]["inputs"]["seed"] = ["5", 0]
    with pytest.raises(InvalidInput, match="a link is never overwritten"):
        marks_of(of(titled(linked, "4", "Inlay seed")))


def test_several_nodes_may_share_a_title_and_references_are_numbered():
    graph = changed(
        comfy_graphs.INVERT,
        n10={"class_type": "CLIPTextEncode", "inputs": {"text": ""}, "_meta": {"title": "Inlay prompt"}},
        n11={"class_type": "TextEncodeQwenImageEditPlus", "inputs": {"prompt": ""}, "_meta": {"title": "Inlay prompt"}},
        n12={"class_type": "LoadImage", "inputs": {"image": "b"}, "_meta": {"title": "Inlay reference 2"}},
        n13={"class_type": "LoadImage", "inputs": {"image": "a"}, "_meta": {"title": "Inlay reference 1"}},
    )
    marks = marks_of(of(graph))
    assert marks.references == (("reference", "13"), ("reference", "12"))
    made = filled(
        of(graph),
        marks,
        {"picture": "p.exr", "prompt": "a dog"},
        {"13": "r1.png", "12": "r2.png"},
        "inlay/x",
        exact=True,
    )
    assert (made["10"]["inputs"]["text"], made["11"]["inputs"]["prompt"]) == ("a dog", "a dog")
    assert (made["13"]["inputs"]["image"], made["12"]["inputs"]["image"]) == ("r1.png", "r2.png")


@pytest.mark.parametrize("save", SAVES)
def test_whatever_shows_the_result_becomes_the_node_that_writes_floats(save):
    graph = changed(comfy_graphs.INVERT, n9={"class_type": save, "inputs": {"images": ["4", 0]}})
    made = filled(of(graph), marks_of(of(graph)), {}, {}, "inlay/job", exact=True)
    assert made["9"]["class_type"] == "SaveImageAdvanced"
    assert made["9"]["inputs"] == {
        "images": ["4", 0],
        "filename_prefix": "inlay/job",
        "format": "exr",
        "format.bit_depth": "32-bit float",
        "format.input_color_space": "linear",
    }
    assert graph["9"]["class_type"] == save


def test_a_missing_node_a_missing_file_and_a_node_that_sends_pixels_away_are_named():
    graph = changed(
        comfy_graphs.INVERT,
        n20={"class_type": "FancySampler", "inputs": {}, "_meta": {"title": "My sampler"}},
        n21={"class_type": "UNETLoader", "inputs": {"unet_name": "gone.safetensors", "weight_dtype": "default"}},
        n22={"class_type": "SendsAway", "inputs": {"image": ["1", 0]}},
    )
    faults = faults_of(of(graph), marks_of(of(graph)), lambda kind: NODES.get(kind, {}), allow_api_nodes=False)
    assert len(faults) == 3
    assert "node 20 'My sampler' is of the class FancySampler, which this ComfyUI does not have" in faults
    assert "node 21 'UNETLoader' wants unet_name 'gone.safetensors', which this ComfyUI does not have" in faults
    assert any("sends pixels on to another company" in fault for fault in faults)
    allowed = faults_of(of(graph), marks_of(of(graph)), lambda kind: NODES.get(kind, {}), allow_api_nodes=True)
    assert len(allowed) == 2


@pytest.mark.parametrize("spec", [[["a", "b"], {}], ["COMBO", {"options": ["a", "b"]}]])
def test_choices_are_read_in_both_of_their_shapes(spec):
    assert options_of({"input": {"optional": {"x": spec}}}, "x") == ("a", "b")
    assert options_of({"input": {"required": {"x": ["INT", {}]}}}, "x") is None


FILES = {
    "CheckpointLoaderSimple": {"ckpt_name": ["juggernautXL.safetensors", "sd_xl_base_1.0.safetensors"]},
    "UNETLoader": {
        "unet_name": [
            "flux1-fill-dev-fp8.safetensors",
            "flux-2-klein-4b-fp8.safetensors",
            "qwen_image_edit_2511_fp8mixed.safetensors",
        ]
    },
    "DualCLIPLoader": {"clip_name1": ["clip_l.safetensors"], "clip_name2": ["t5xxl_fp8.safetensors"]},
    "CLIPLoader": {"clip_name": ["qwen_2.5_vl_7b_fp8_scaled.safetensors", "qwen_3_4b.safetensors"]},
    "VAELoader": {"vae_name": ["qwen_image_vae.safetensors", "ae.safetensors", "flux2-vae.safetensors"]},
    "LoraLoaderModelOnly": {"lora_name": ["Qwen-Image-Edit-2511-Lightning-4steps-V1.0-bf16.safetensors"]},
}


def stocked(kind: str) -> dict:
    files = FILES.get(kind, {})
    return {"input": {"required": {name: [options, {}] for name, options in files.items()}}}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_graph_that_inlay_brings_takes_the_files_that_are_there(name):
    graph = template(name, stocked)
    marks = marks_of(graph)
    assert marks.picture
    assert marks.prompt
    assert marks.seed
    assert marks.output
    assert bool(marks.mask) == (name in ("sdxl_inpaint", "flux_fill"))
    assert not faults_of(graph, marks, stocked, allow_api_nodes=False)
    for node in graph.values():
        for value in node["inputs"].values():
            assert not isinstance(value, list) or value[0] in graph


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_graph_that_inlay_brings_makes_as_many_steps_as_its_entry_says(name):
    graph = template(name, stocked)
    made = filled(graph, marks_of(graph), {"steps": 7}, {}, "x", exact=True)
    assert [node["inputs"]["steps"] for node in made.values() if "steps" in node["inputs"]] == [7]


def test_steps_that_a_sampler_has_from_another_node_stay_so():
    graph = comfy_graphs.slow()
    graph["4"]["inputs"]["steps"] = ["5", 0]
    assert not marks_of(of(graph)).steps


def test_a_graph_that_inlay_brings_names_the_file_that_is_not_there():
    with pytest.raises(InvalidInput, match=r"UNETLoader unet_name: a file like flux1-fill-dev"):
        template("flux_fill", lambda kind: {} if kind == "UNETLoader" else stocked(kind))


def test_a_graph_is_kept_once_its_comfyui_says_that_it_runs(tmp_path):
    with comfy_server() as server:
        remote = Remote(server.address)
        given = comfy_graphs.written(comfy_graphs.INVERT, tmp_path / "graph.json")
        path, digest, files, notes = stored(str(given), tmp_path / "graphs" / "x.json", remote)
        assert json.loads((tmp_path / "graphs" / "x.json").read_text()) == comfy_graphs.INVERT
        assert files[0].sha256 == digest
        assert path.endswith("x.json")
        assert any("'Inlay prompt'" in note for note in notes)
        wrong = comfy_graphs.written(
            changed(comfy_graphs.INVERT, n5={"class_type": "No", "inputs": {}}), tmp_path / "w.json"
        )
        with pytest.raises(InvalidInput, match="class No"):
            stored(str(wrong), tmp_path / "graphs" / "y.json", remote)
        assert not (tmp_path / "graphs" / "y.json").exists()


def test_no_comfyui_is_told_as_such(tmp_path):
    given = comfy_graphs.written(comfy_graphs.INVERT, tmp_path / "graph.json")
    with pytest.raises(Unavailable, match="no ComfyUI answers"):
        stored(str(given), tmp_path / "x.json", Remote("http://127.0.0.1:9"))
