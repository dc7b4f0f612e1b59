"""How a command is told which server it talks to: five options that every such command shares, and the value they become."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from inlay.cli import options

Told = TypeVar("Told")


@dataclass(frozen=True)
class Access:
    """What the options say about the server. Each field is an option, in this order."""

    server: options.Server = ""
    token: options.Token = ""
    token_file: options.TokenFile = None
    ca: options.Ca = None
    data: options.Data = None

    @property
    def secret(self) -> str:
        """The token; a file that holds it goes before one from the environment."""
        return self.token_file.read_text(encoding="utf-8").strip() if self.token_file else self.token


HERE = Access()
"""Nothing was said: the server that runs on this machine."""

_OPTIONS = inspect.signature(Access, eval_str=True).parameters


def takes_access(command: Callable[..., Told]) -> Callable[..., Told]:
    """A command with a parameter `access: Access` offers the fields of `Access` as its options, in that parameter's place.

    Typer has no parameters of several options; it goes by a function's signature.
    """

    def with_options(**given: Any) -> Told:
        said = {name: given.pop(name) for name in _OPTIONS}
        return command(access=Access(**said), **given)

    own = inspect.signature(command, eval_str=True)
    shown: list[inspect.Parameter] = []
    for parameter in own.parameters.values():
        shown += _OPTIONS.values() if parameter.name == "access" else [parameter]
    by_name = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in shown]
    offered: Any = functools.wraps(command)(with_options)
    offered.__signature__ = own.replace(parameters=by_name)
    offered.__annotations__ = {one.name: one.annotation for one in by_name}
    return offered
