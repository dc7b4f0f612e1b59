"""Downloading a model, only when the user asks for one: the one place of Inlay that goes to the network for weights."""

import os
import subprocess
import sys
from pathlib import Path

from inlay.engines.models.files import PICKLES
from inlay.engines.models.licence import is_paper
from inlay.errors import InlayError, InvalidInput, NotFound, Unavailable, Unsupported

_PARTS = (".json", ".txt", ".model", ".safetensors")
_ANY_WHEEL = ("--python-version", "3.11", "--implementation", "cp", "--abi", "cp311", "--abi", "none", "--platform")
_PLATFORMS = ("manylinux_2_17_x86_64", "any")
"""The networks in a wheel are the same for all systems, so everybody is given this one; none of its code is run."""

FETCH_S = 1800
_OTHER_RUNTIMES = ("flax", "onnx", "openvino", "non_ema", "tf_model")


def wanted(names: list[str]) -> list[str]:
    """The files of a diffusers repository that loading reads: each weight once, half-precision copies only where alone; and
    those that tell its licence.

    Raises InvalidInput for a repository of another kind, or of pickles.
    """
    if "model_index.json" not in names:
        raise InvalidInput("repository", "no model_index.json in it", "it must be one that diffusers saved")
    parts = [
        name
        for name in names
        if name.count("/") == 1 and name.endswith(_PARTS) and not any(other in name for other in _OTHER_RUNTIMES)
    ]
    whole = {name.split("/")[0] for name in parts if name.endswith(".safetensors") and ".fp16." not in name}
    chosen = [name for name in parts if ".fp16." not in name or name.split("/")[0] not in whole]
    weighty = {
        name.split("/")[0] for name in names if name.endswith((*PICKLES, ".safetensors")) and name.count("/") == 1
    }
    weighty -= {"safety_checker"}
    if bare := sorted(weighty - {name.split("/")[0] for name in chosen if name.endswith(".safetensors")}):
        raise InvalidInput(
            "repository", f"{bare[0]} is a pickle", "every part must be safetensors; pickles can run code"
        )
    papers = sorted(name for name in names if is_paper(name))
    return ["model_index.json", *papers, *sorted(name for name in chosen if not name.startswith("safety_checker/"))]


def download(repository: str, revision: str, into: Path) -> tuple[Path, str]:
    """The folder with the repository's files, and the commit they are of.

    Raises NotFound, Unavailable, Unsupported, InvalidInput.
    """
    try:
        from huggingface_hub import HfApi, snapshot_download
        from huggingface_hub.errors import (
            GatedRepoError,
            HFValidationError,
            RepositoryNotFoundError,
            RevisionNotFoundError,
        )
    except ImportError:
        raise Unsupported(
            "pulling needs more; run in Inlay's folder: pip install '.[diffusion]'", field="repository"
        ) from None
    try:
        facts = HfApi().model_info(repository, revision=revision)
        names = wanted([file.rfilename for file in facts.siblings or []])
        commit = str(facts.sha)
        place = into / repository.replace("/", "--") / commit[:12]
        snapshot_download(repository, revision=commit, local_dir=place, allow_patterns=names)
    except HFValidationError:
        raise InvalidInput("repository", repository, "it must be OWNER/NAME") from None
    except GatedRepoError:
        hint = "accept its terms on its page and set HF_TOKEN"
        raise NotFound("repository", repository, field="repository", hint=hint) from None
    except (RepositoryNotFoundError, RevisionNotFoundError) as error:
        hint = f"at revision {revision}: {str(error).splitlines()[0]}"
        raise NotFound("repository", repository, field="repository", hint=hint) from None
    except InlayError:
        raise
    except Exception as error:  # whichever HTTP library the hub's client uses has errors of its own
        offline = " (HF_HUB_OFFLINE is set)" if os.environ.get("HF_HUB_OFFLINE") else ""
        raise Unavailable(f"{repository} cannot be downloaded{offline}: {error}", field="repository") from None
    return place, commit


def package(name: str, version: str, into: Path) -> Path:
    """The wheel of a package in `into`, fetched by pip from wherever the user's pip fetches, without what it depends on.

    Nothing is installed. Raises Unavailable, Unsupported.
    """
    import importlib.util

    if importlib.util.find_spec("pip") is None:
        raise Unsupported("fetching packages needs pip; run in Inlay's folder: python -m ensurepip", field="name")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--quiet", "--no-input"]
    command += [
        "--disable-pip-version-check",
        "--dest",
        str(into),
        *_ANY_WHEEL,
        _PLATFORMS[0],
        "--platform",
        _PLATFORMS[1],
    ]
    try:
        said = subprocess.run([*command, f"{name}=={version}"], capture_output=True, text=True, timeout=FETCH_S)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{name} {version} did not arrive within {FETCH_S} s", field="name") from None
    wheels = list(into.glob(f"{name.replace('-', '_')}-{version}-*.whl"))
    if said.returncode or not wheels:
        why = (said.stderr.strip().splitlines() or ["pip says nothing"])[-1]
        raise Unavailable(f"{name} {version} cannot be fetched: {why}", field="name")
    return wheels[0]
