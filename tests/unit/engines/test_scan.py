"""The models of other programs are found where they lie, by what their headers say, and nothing there is touched."""

import json
import os
from pathlib import Path

import pytest

from inlay.capabilities import Commercial
from inlay.engines.models.catalog import id_for
from inlay.engines.models.scan import Found, Scanned, scan
from support import model_folders as lay
from support.weight_files import Told, write_weights


def one(scanned: Scanned) -> Found:
    (found,) = scanned.models
    return found


def by_name(scanned: Scanned) -> dict[str, Found]:
    return {found.path.name: found for found in scanned.models}


def beside(found: Found) -> dict[str, list[str]]:
    return {each.piece.name: [path.name for path in each.found] for each in found.beside}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where somebody's models lie."""
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def look_through(home: Path, *folders: Path) -> Scanned:
    """What is found in folders of a home, in which every file, link and time is afterwards as it was."""
    before = state_of(home)
    found = scan(folders or [home])
    assert state_of(home) == before
    return found


def beginning_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(65_536)


def state_of(home: Path) -> dict[str, object]:
    return {
        str(path.relative_to(home)): (
            os.readlink(path) if path.is_symlink() else path.stat().st_mtime_ns,
            beginning_of(path) if path.is_file() else b"",
        )
        for path in sorted(home.rglob("*"))
    }


def test_comfyui_is_read_in_place_and_its_other_folders_too(home: Path) -> None:
    elsewhere = lay.put(home / "disk", {"unets/painter.safetensors": lay.z_image()})
    lay.put(elsewhere, {"te/words.safetensors": lay.qwen3(2560), "vaes/pixels.safetensors": lay.vae(16)})
    comfy = lay.put(home / "ComfyUI", {"models/checkpoints/photo.safetensors": lay.sdxl_checkpoint()})
    lay.put(comfy, {"models/loras/style.safetensors": lay.lora(), "models/vae/other.safetensors": lay.vae(4)})
    (comfy / "extra_model_paths.yaml").write_text(
        f"mine:\n    base_path: {elsewhere}\n    is_default: true\n    checkpoints: none\n"
        "    diffusion_models: |\n        unets\n        missing\n    text_encoders: te/\n    vae: vaes\n"
    )
    scanned = look_through(home, comfy)
    assert set(by_name(scanned)) == {"photo.safetensors", "painter.safetensors"}
    assert {found.program for found in scanned.models} == {"ComfyUI"}
    photo, painter = (by_name(scanned)[name] for name in ("photo.safetensors", "painter.safetensors"))
    assert (photo.families, photo.precision, photo.missing, photo.open) == (("sdxl",), "fp16", (), ())
    assert beside(painter) == {"qwen3_4b": ["words.safetensors"], "kl_16": ["pixels.safetensors"]}
    assert [path.name for path in scanned.loras] == ["style.safetensors"]


@pytest.mark.parametrize(
    ("program", "files", "marks"),
    [
        pytest.param("A1111 or Forge", "models/Stable-diffusion", {}, id="A1111"),
        pytest.param("StabilityMatrix", "Data/Models/StableDiffusion", {}, id="StabilityMatrix, portable"),
        pytest.param("StabilityMatrix", "Models/StableDiffusion", {}, id="StabilityMatrix"),
        pytest.param(
            "SwarmUI", "Models/Stable-Diffusion", {"Data/Settings.fds": "Paths:\n\tModelRoot: Models\n"}, id="SwarmUI"
        ),
        pytest.param(
            "SwarmUI",
            "Other/Stable-Diffusion",
            {"Data/Settings.fds": "#x\nPaths:\n\tModelRoot: Models;Other\n\tSDModelFolder: Stable-Diffusion\n"},
            id="SwarmUI with two roots",
        ),
        pytest.param("", "anything/below", {}, id="any folder"),
    ],
)
def test_a_program_is_known_by_its_own_marks(home: Path, program: str, files: str, marks: dict[str, str]) -> None:
    lay.put(home, {f"{files}/photo.safetensors": lay.sdxl_checkpoint(), "output/none.safetensors": lay.z_image()})
    for name, text in marks.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    found = one(look_through(home))
    assert (found.program, found.path.name, found.families) == (program, "photo.safetensors", ("sdxl",))


def test_invokeai_is_asked_by_its_database_which_stays_as_it_is(home: Path) -> None:
    elsewhere = lay.put(home / "disk", {"in place.safetensors": lay.sdxl_checkpoint()})
    invoke = lay.put(home / "invokeai", {"models/8f2a/managed.safetensors": lay.z_image()})
    lay.invoke_database(
        invoke, [str(elsewhere / "in place.safetensors"), "8f2a/managed.safetensors", "gone/x.safetensors"]
    )
    scanned = look_through(home, invoke)
    assert {found.program for found in scanned.models} == {"InvokeAI"}
    assert set(by_name(scanned)) == {"in place.safetensors", "managed.safetensors"}
    assert not list(invoke.glob("databases/*-wal"))


def test_the_hugging_face_cache_is_read_by_its_names(home: Path) -> None:
    snapshot = lay.hugging_face_cache(
        home / "hub", "Tongyi-MAI/Z-Image-Turbo", "c0ffee", "ZImagePipeline", "license: apache-2.0"
    )
    (home / "hub" / "models--a--b" / "blobs").mkdir(parents=True)
    lay.diffusers_folder(snapshot.parent / "0lder", "FluxPipeline")
    found = one(look_through(home))
    assert (found.path, found.program, found.families) == (snapshot, "Hugging Face", ("z_image",))
    assert (found.licence.id, found.licence.commercial, found.missing) == ("Apache-2.0", Commercial.YES, ())
    assert found.bytes == sum(path.stat().st_size for path in snapshot.rglob("*.safetensors"))
    assert id_for(found.path) == snapshot.parent.parent.name.split("--")[2].lower(), "not its commit"


def test_an_unfinished_download_is_no_model(home: Path) -> None:
    snapshot = lay.hugging_face_cache(home / "hub", "a/b", "c0ffee", "ZImagePipeline")
    index = {"weight_map": {"x": "diffusion_pytorch_model.safetensors", "y": "model-00002-of-00002.safetensors"}}
    (snapshot / "transformer" / "diffusion_pytorch_model.safetensors.index.json").write_text(json.dumps(index))
    scanned = look_through(home)
    assert scanned.models == ()
    ((path, reason),) = scanned.refused
    assert path == snapshot
    assert "model-00002-of-00002.safetensors" in reason


def test_parts_are_found_by_what_they_are_not_by_their_names(home: Path) -> None:
    lay.put(
        home,
        {
            "diffusion_models/a.safetensors": lay.flux(),
            "text_encoders/qwen_3_4b.safetensors": lay.t5(),
            "text_encoders/x.safetensors": lay.clip_l(),
            "vae/sdxl_vae.safetensors": lay.vae(16),
            "vae/ae.safetensors": lay.vae(4),
        },
    )
    found = one(look_through(home))
    assert found.families == ("flux_fill",)
    assert beside(found) == {
        "clip_l": ["x.safetensors"],
        "t5_xxl": ["qwen_3_4b.safetensors"],
        "kl_16": ["sdxl_vae.safetensors"],
    }


def test_what_is_missing_is_named_by_what_to_look_for(home: Path) -> None:
    lay.put(home, {"diffusion_models/klein.safetensors": lay.klein(4096)})
    found = one(look_through(home))
    assert found.missing == (
        "Qwen3 8B: qwen_3_8b_fp8mixed.safetensors",
        "FLUX.2's VAE: flux2-vae.safetensors",
        "Qwen's tokenizer: look for comfy/text_encoders/qwen25_tokenizer in the folder of a ComfyUI",
    )
    assert found.licence.commercial is Commercial.NO, "klein 9B is under another licence than 4B"


def test_klein_4b_is_free(home: Path) -> None:
    lay.put(home, {"klein.safetensors": lay.klein(3072)})
    found = one(look_through(home))
    assert (found.licence.id, found.licence.commercial) == ("Apache-2.0", Commercial.YES)


def test_of_several_that_fit_those_beside_the_model_go_first_and_more_than_one_is_asked(home: Path) -> None:
    lay.put(home / "one", {"diffusion_models/z.safetensors": lay.z_image(), "vae/near.safetensors": lay.vae(16)})
    lay.put(home / "two", {"vae/far.safetensors": lay.vae(16)})
    lay.put(
        home / "two",
        {"text_encoders/a.safetensors": lay.qwen3(2560), "text_encoders/b.safetensors": lay.qwen3(2560)},
    )
    found = one(look_through(home, home / "one", home / "two"))
    assert beside(found) == {"qwen3_4b": ["a.safetensors", "b.safetensors"], "kl_16": ["near.safetensors"]}


def test_a_folder_of_the_family_lends_its_tokenizers_and_several_are_asked(home: Path) -> None:
    lay.put(home, {"diffusion_models/z.safetensors": lay.z_image()})
    folder = lay.diffusers_folder(home / "diffusers" / "z", "ZImagePipeline")
    found = by_name(look_through(home))["z.safetensors"]
    assert (found.bases, found.missing, found.open) == ((folder,), (), ())
    lay.diffusers_folder(home / "diffusers" / "again", "ZImagePipeline")
    found = by_name(look_through(home))["z.safetensors"]
    assert len(found.open) == 1
    assert "--base" in found.open[0]


def test_a_family_that_the_tensors_leave_open_is_asked(home: Path) -> None:
    lay.put(home, {"qwen.safetensors": lay.qwen_image()})
    found = one(look_through(home))
    assert found.open[0] == "which family it is: qwen_image or qwen_image_edit (--family)"


def test_what_nobody_reads_is_said_with_its_reason(home: Path) -> None:
    lay.put(home, {"strange.safetensors": {"w": Told("F16", (3,))}})
    (home / "cut.safetensors").write_bytes(b"\xff" * 20)
    (home / "old.ckpt").write_bytes(b"pickled")
    reasons = {path.name: reason for path, reason in look_through(home).refused}
    assert set(reasons) == {"strange.safetensors", "cut.safetensors", "old.ckpt"}
    assert "none of the families" in reasons["strange.safetensors"]
    assert "whole safetensors file" in reasons["cut.safetensors"]
    assert "pickle" in reasons["old.ckpt"]
    assert not any(str(home) in reason for reason in reasons.values()), "the path is said before it"


def test_the_same_file_is_found_once_however_many_links_lead_to_it(home: Path) -> None:
    lay.put(home, {"models/checkpoints/a.safetensors": lay.sdxl_checkpoint()})
    (home / "models" / "checkpoints" / "link.safetensors").symlink_to("a.safetensors")
    os.link(home / "models/checkpoints/a.safetensors", home / "models/checkpoints/hard.safetensors")
    (home / "models" / "round").symlink_to(home / "models", target_is_directory=True)
    assert one(look_through(home)).path.name == "a.safetensors"


def test_a_licence_that_a_file_names_goes_before_its_familys(home: Path) -> None:
    write_weights(home / "a.safetensors", lay.sdxl_checkpoint(), {"modelspec.license": "CC-BY-NC-4.0"})
    assert one(look_through(home)).licence.commercial is Commercial.NO


def test_what_steers_a_model_is_lent_to_it_where_there_is_no_choice(home: Path) -> None:
    lay.put(
        home / "models",
        {
            "checkpoints/xl.safetensors": lay.sdxl_checkpoint(),
            "ipadapter/ip-adapter-plus_sdxl_vit-h.safetensors": lay.ip_adapter(),
            "ipadapter/ip-adapter-plus-face_sdxl_vit-h.safetensors": lay.ip_adapter(),
            "ipadapter/ip-adapter_sd15.safetensors": lay.ip_adapter(768),
            "ipadapter/ip-adapter-faceid_sdxl.safetensors": lay.ip_adapter(
                2048, **{"image_proj.proj.0.weight": (8, 512)}
            ),
            "clip_vision/CLIP-ViT-H-14.safetensors": lay.clip_vision(),
        },
    )
    found = dict(one(look_through(home)).parts)
    assert {name: Path(place).name for name, place in found.items()} == {
        "ip_adapter": "ip-adapter-plus_sdxl_vit-h.safetensors",
        "ip_adapter_face": "ip-adapter-plus-face_sdxl_vit-h.safetensors",
        "image_encoder": "CLIP-ViT-H-14.safetensors",
    }
    lay.put(home / "models", {"clip_vision/CLIP-ViT-bigG.safetensors": lay.clip_vision()})
    assert one(look_through(home)).parts == ()


def test_controlnets_are_lent_by_what_their_names_say_and_their_words_width(home: Path) -> None:
    lay.put(
        home / "models",
        {
            "checkpoints/xl.safetensors": lay.sdxl_checkpoint(),
            "controlnet/controlnet-union-promax.safetensors": lay.controlnet(union=True),
            "controlnet/controlnet-canny-sdxl.safetensors": lay.controlnet(),
            "controlnet/control_v11f1p_sd15_depth.safetensors": lay.controlnet(768, original=True),
            "controlnet/mystery.safetensors": lay.controlnet(),
        },
    )
    found = look_through(home)
    assert {name: Path(place).name for name, place in one(found).parts} == {
        "controlnet": "controlnet-union-promax.safetensors",
        "controlnet_edges": "controlnet-canny-sdxl.safetensors",
    }
    assert [path.name for path, _ in found.refused] == ["mystery.safetensors"]
