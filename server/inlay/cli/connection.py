"""Which server a command talks to: the named one, the one that runs on this machine, or one for this call alone."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from inlay import config
from inlay.cli.access import Access
from inlay.client import local, paired
from inlay.client.client import Client
from inlay.errors import Unavailable


@dataclass(frozen=True)
class Connection:
    """A client and whose it is."""

    client: Client
    address: str
    own: bool
    """Whether the server was started for this call and ends with it."""
    models: Path | None
    """The `models.toml` it paints with, where it is on this machine and was not named by address."""


@contextmanager
def connected(access: Access, *, may_start: bool) -> Generator[Connection]:
    """The server that `access` names; without a name the running local one, else, if it may, one of our own.

    Raises Unavailable where there is none.
    """
    with ExitStack() as stack:
        if access.server:
            here = None if access.secret else local.find_at(access.server, config.data_dir(access.data))
            address, own, models = access.server, False, None
            let_in = None if here or access.secret else paired.known(address, config.data_dir(access.data))
            known = here or let_in
            token, ca = (known.token, access.ca or known.ca) if known else (access.secret, access.ca)
        else:
            folder = config.data_dir(access.data)
            running = local.find(folder)
            if running is None and not may_start:
                raise Unavailable(
                    f"no server of the data folder {folder} runs here; start one with `inlay serve`, or name one with --server"
                )
            models = folder / config.MODELS_FILE
            server = running or stack.enter_context(local.own_server(models))
            address, own = server.address, running is None
            token, ca = access.secret or server.token, access.ca or server.ca
        client = stack.enter_context(Client(address, token=token, ca=ca))
        yield Connection(client, address, own, models)
