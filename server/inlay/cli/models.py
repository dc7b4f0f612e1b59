"""`inlay models`: what can paint, and the user's own models: add, pull, remove, check."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inlay import config
from inlay.cli import options, remote_models
from inlay.cli.access import HERE, Access, takes_access
from inlay.cli.adding import added, parse_loras, parse_parts
from inlay.cli.exits import EXIT_CODES, Exit
from inlay.cli.model_words import abilities_of, facts_of, held_by, plain_of
from inlay.errors import InlayError, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from inlay.engines.models.catalog import Catalog, ModelEntry
    from inlay.engines.models.files import NotifyBytes

app = typer.Typer(name="models", help="What the server can paint with.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="A model of `inlay models list`.")]
NewId = Annotated[str, typer.Option("--id", help="What to call it. Default: the name of the folder or file.")]
Family = Annotated[
    str,
    typer.Option("--family", help="Its family, where the files cannot tell, such as qwen_image or qwen_image_edit."),
]
Loras = Annotated[
    list[str] | None,
    typer.Option("--lora", metavar="FILE[:WEIGHT]", help="A LoRA to have in the weights; repeat for more. Weight: 1."),
]
Base = Annotated[
    Path | None,
    typer.Option(
        "--base",
        help="For a single file: a diffusers folder of the same family that has what it lacks (tokenizers, encoders, VAE). "
        "Whole SD 1.5 and SDXL checkpoints need none.",
        exists=True,
        file_okay=False,
    ),
]
Part = Annotated[
    list[Path] | None,
    typer.Option(
        "--part",
        metavar="PLACE or NAME=PLACE",
        help="What lies beside the model: for a lone transformer its text encoders, VAE and tokenizers; folders of "
        "DepthAnything or FLUX.1 Redux; files of IP-Adapters with their CLIP encoder, and ControlNets. Repeat for more.",
    ),
]
PreviewVae = Annotated[
    Path | None,
    typer.Option(
        "--preview-vae",
        help="A diffusers folder of a tiny VAE (AutoencoderTiny, such as TAESD) for the model's latents: sharper previews.",
        exists=True,
        file_okay=False,
    ),
]


@app.command("list", epilog=EXIT_CODES)
@takes_access
def list_models(
    access: Access = HERE,
    as_json: options.Json = False,
) -> None:
    """The models that are ready, in the order in which the server prefers them, and those that are not, with the cure."""
    from inlay.cli.connection import connected
    from inlay.cli.console import out, print_json

    with connected(access, may_start=True) as connection:
        models = connection.client.models()
        waiting = [
            {"id": name, "ready": False, "family": family, "cure": cure}
            for name, family, cure in connection.client.waiting()
        ]
    if as_json:
        print_json([*(plain_of(model) for model in models), *waiting])
        return
    console = out()
    for model in models:
        console.print(f"[bold]{model.name}[/bold]", end="  ")
        console.print(", ".join(plain_of(model)["verbs"]) or "helps other engines", markup=False)
        console.print(f"  {abilities_of(model)}", markup=False)
        if model.facts.family:
            console.print(f"  {facts_of(model)}", markup=False)
    for model in waiting:
        console.print(f"[bold]{model['id']}[/bold]  [yellow]not ready[/yellow]")
        console.print(f"  {model['cure']}", markup=False)


@app.command("add", epilog=EXIT_CODES)
def add(
    path: Annotated[
        str,
        typer.Argument(
            help="A diffusers folder, a .safetensors or .gguf file; or images_api, gemini or comfyui for another server."
        ),
    ],
    where: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ADDRESS] [GRAPH]", help="Of another server; for comfyui the graph that it exported (API)."
        ),
    ] = None,
    model_id: NewId = "",
    family: Family = "",
    base: Base = None,
    part: Part = None,
    preview_vae: PreviewVae = None,
    lora: Loras = None,
    said: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Of another server: model=..., key_env=..., mask=..."),
    ] = None,
    key: Annotated[
        bool, typer.Option("--key", help="Ask for the other server's key and keep it in the data folder.")
    ] = False,
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """Take a model of yours into models.toml. Its files stay where they are, and are hashed once.

    On another server: inlay models add comfyui http://127.0.0.1:8188 graph.json
    """
    catalog = _catalog(data)
    if remote_models.is_remote(path):
        entry, notes = remote_models.add_remote(
            catalog, path, where or (), model_id, said or (), _asked_key() if key else ""
        )
        _tell(catalog, entry, as_json, notes)
        return
    if where or said or key:
        raise InvalidInput("path", path, "only a model on another server has an address: images_api, gemini or comfyui")
    if not Path(path).expanduser().exists():
        raise typer.BadParameter(f"Path '{path}' does not exist.")
    with hashing(as_json) as notify:
        entry = added(
            catalog,
            Path(path),
            model_id=model_id,
            family=family,
            base=base,
            parts=parse_parts(part),
            preview_vae=preview_vae,
            loras=parse_loras(lora),
            notify=notify,
        )
    _tell(catalog, entry, as_json, [])


@app.command("pull", epilog=EXIT_CODES)
def pull(
    wanted: Annotated[
        list[str],
        typer.Argument(
            metavar="OWNER/NAME | NETWORK...",
            help="A repository of the Hugging Face Hub; or small networks: eyes for all, or subject, hands, faces, body, text, "
            "upscale2x, upscale4x.",
        ),
    ],
    revision: Annotated[str, typer.Option(help="Branch, tag or commit; the commit is what is recorded.")] = "main",
    model_id: NewId = "",
    family: Family = "",
    lora: Loras = None,
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """Download a diffusers repository, or small networks, into the data folder: the only command that goes to the network."""
    from inlay.engines.models.carriers import CARRIED, EYES
    from inlay.engines.models.carry import carry
    from inlay.engines.models.pull import download

    folder = config.data_dir(data)
    catalog = _catalog(data)
    if small := [name for name in CARRIED if name in wanted or EYES in wanted]:
        if strange := set(wanted) - {EYES, *CARRIED}:
            raise InvalidInput("NETWORK", strange.pop(), f"it must be {EYES} or one of {', '.join(CARRIED)}")
        for entry in carry(small, catalog):
            _tell(catalog, entry, as_json)
        return
    if len(wanted) > 1:
        raise InvalidInput("OWNER/NAME", " ".join(wanted), "one repository at a time")
    place, commit = download(wanted[0], revision, folder / "models")
    with hashing(as_json) as notify:
        entry = added(
            catalog, place, model_id=model_id, family=family, loras=parse_loras(lora), revision=commit, notify=notify
        )
    _tell(catalog, entry, as_json)


@app.command("key", epilog=EXIT_CODES)
def key(model_id: Id, data: options.Data = None) -> None:
    """Ask for the key of a model on another server, and keep it where only this user can read it."""
    from inlay.cli.console import out

    place = remote_models.keep_key(_catalog(data), model_id, _asked_key())
    out().print(f"the key of {model_id} is in {place}", markup=False)


def _asked_key() -> str:
    """From the terminal, unseen, or the first line of what is piped in. Raises InvalidInput where nothing came."""
    import getpass
    import sys

    given = getpass.getpass("key: ") if sys.stdin.isatty() else sys.stdin.readline()
    if not given.strip():
        raise InvalidInput("key", "empty", "it must be the other server's key")
    return given


@app.command("remove", epilog=EXIT_CODES)
def remove(model_id: Id, data: options.Data = None) -> None:
    """Forget a model. Its files stay where they are."""
    from inlay.cli.console import out

    entry = _catalog(data).remove(model_id)
    out().print(f"{entry.id} is forgotten; its files stay in {entry.path}", markup=False)


@app.command("check", epilog=EXIT_CODES)
def check(
    model_id: Annotated[str, typer.Argument(metavar="[ID]", help="A model. Default: all.")] = "",
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """Read every file again and compare it with what was added; say what keeps a model from being ready."""
    from inlay.cli.console import out, print_json
    from inlay.engines.models.catalog import check_files
    from inlay.engines.registry import why_not

    catalog = _catalog(data)
    entries = (catalog.entry(model_id),) if model_id else catalog.entries()
    found: list[dict[str, Any]] = []
    for entry in entries:
        wrong = why_not(entry)
        with hashing(as_json) as notify:
            try:
                check_files(entry, notify)
            except InlayError as error:
                wrong = error.message
        found.append({"id": entry.id, "family": entry.family, "sha256": entry.sha256, "ok": not wrong, "cure": wrong})
    if as_json:
        print_json(found)
    else:
        for one in found:
            out().print("[green]ok  [/green]" if one["ok"] else "[bold red]FAIL[/bold red]", end=" ")
            out().print(f"{one['id']}  {one['cure']}".rstrip(), markup=False)
    if not all(one["ok"] for one in found):
        raise typer.Exit(Exit.INVALID)


def _catalog(data: Path | None) -> "Catalog":
    from inlay.engines.models.catalog import Catalog

    return Catalog(config.data_dir(data) / config.MODELS_FILE)


@contextmanager
def hashing(silent: bool) -> "Generator[NotifyBytes | None]":
    """A bar while gigabytes are read; none where stdout is for a program."""
    if silent:
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    with Progress(
        TextColumn("reading"), BarColumn(), DownloadColumn(), transient=True, console=Console(stderr=True)
    ) as bar:
        task = bar.add_task("reading", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _tell(catalog: "Catalog", entry: "ModelEntry", as_json: bool, notes: "Sequence[str]" = ()) -> None:
    from inlay.cli.console import out, print_json
    from inlay.engines.models.eye_families import EYES
    from inlay.engines.registry import why_not

    cure = why_not(entry)
    if as_json:
        print_json(
            {
                "id": entry.id,
                "family": entry.family,
                "path": entry.path,
                "sha256": entry.sha256,
                "revision": entry.revision,
                "ready": not cure,
                "cure": cure,
                "notes": list(notes),
            }
        )
        return
    console = out()
    console.print(f"{entry.id} is in {catalog.path}: {entry.family}, {held_by(entry)}", markup=False)
    for note in notes:
        console.print(note, markup=False)
    used = "engines look through it from now on" if entry.family in EYES else f"use it with --model {entry.id}"
    console.print(f"not ready: {cure}" if cure else used, markup=False)
