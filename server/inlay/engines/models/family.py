"""A family: models of one architecture, as far as it is known without loading any. The gateway builds capabilities from it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from inlay.capabilities import Capabilities, Kind
from inlay.engines.models.catalog import ModelEntry


@dataclass(frozen=True, kw_only=True)
class Family(ABC):
    """What all families tell.

    kind: what comes of it; only those that paint are chosen without being named. engine: `module:function`, which takes a
    ModelEntry and a ModelCache and returns the Engine; imported only inside a worker. libraries: found by name, nothing
    is imported. install: what brings them, the argument of pip install in Inlay's folder. licence: of the weights that its makers
    published, as an SPDX id, for a model that does not say another; empty where they published several. resolves:
    `module:function` from a ModelEntry, a recipe and a kind of device (cpu, cuda, mps) to what decides the pixels, a `Resolved`
    without the working size; empty where the weights alone do. looks: the
    function takes `Eyes` too, the small networks that there are.
    """

    name: str
    title: str
    kind: Kind
    verbs: frozenset[str]
    engine: str
    libraries: tuple[str, ...]
    install: str
    licence: str = ""
    resolves: str = ""
    looks: bool = False

    @abstractmethod
    def capabilities(self, name: str, compiled: bool = False) -> Capabilities:
        """What an engine called `name` of this family can do. compiled: its model is."""

    def capabilities_of(self, entry: ModelEntry) -> Capabilities:
        """What the engine of a model can do, and under which licence its weights are."""
        return replace(self.capabilities(entry.id, entry.compile), licence=entry.licence or self.licence)

    def check(self, entry: ModelEntry) -> None:  # noqa: B027 - by default every key means something
        """Raise InvalidInput, naming the key, for what of `models.toml` means nothing to this family."""

    def check_options(self, given: Mapping[str, Any]) -> None:  # noqa: B027
        """The same for what somebody adds from the command line. given: options with their values. Raises InvalidInput."""
