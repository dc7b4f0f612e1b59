"""`inlay models`: what can paint."""

from typing import TYPE_CHECKING, Any

import typer

from inlay.cli import options
from inlay.cli.exits import EXIT_CODES

if TYPE_CHECKING:
    from inlay.engines import Capabilities

app = typer.Typer(name="models", help="What the server can paint with.", no_args_is_help=True)


@app.command("list", epilog=EXIT_CODES)
def list_models(
    server: options.Server = "",
    token: options.Token = "",
    token_file: options.TokenFile = None,
    ca: options.Ca = None,
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """The models that are ready, in the order in which the server prefers them."""
    from inlay.cli.connection import Access, connected
    from inlay.cli.console import out, print_json

    with connected(Access(server, token, token_file, ca, data), may_start=True) as connection:
        models = connection.client.models()
    if as_json:
        print_json([_plain(model) for model in models])
        return
    console = out()
    for model in models:
        console.print(f"[bold]{model.name}[/bold]", end="  ")
        console.print(", ".join(_plain(model)["verbs"]), markup=False)
        prompts = "follows prompts" if model.understands_prompts else "knows no prompts"
        console.print(
            f"  {prompts}; at most {model.max_px / 1e6:.0f} megapixels at once. {model.description}".rstrip(),
            markup=False,
        )


def _plain(model: "Capabilities") -> dict[str, Any]:
    return {
        "id": model.name,
        "verbs": sorted(verb.value for verb in model.verbs),
        "understands_prompts": model.understands_prompts,
        "native_px": model.native_px,
        "max_px": model.max_px,
        "description": model.description,
    }
