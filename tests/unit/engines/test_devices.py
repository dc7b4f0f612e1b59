"""On what a server paints is what its torch was built for: a driver alone paints nothing."""

import importlib.machinery
import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

from inlay.engines import devices
from inlay.errors import InvalidInput

WITH_CARDS = "cuda: Optional[str] = '12.8'\nhip: Optional[str] = None\n"
FOR_AMD = "cuda: Optional[str] = None\nhip: Optional[str] = '6.4.43484'\n"
WITHOUT = "cuda: Optional[str] = None\nhip: Optional[str] = None\n"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int, str | None], None]:
    """A Linux machine with so many NVIDIA cards and a torch whose version.py says that; None: no torch."""

    def build(cards: int, torch: str | None) -> None:
        gpus = tmp_path / "gpus"
        for number in range(cards):
            (gpus / f"0000:0{number}:00.0").mkdir(parents=True)
        monkeypatch.setattr(devices, "_NVIDIA", gpus)
        monkeypatch.setattr("sys.platform", "linux")
        spec = None
        if torch is not None:
            (tmp_path / "version.py").write_text(torch)
            spec = importlib.machinery.ModuleSpec("torch", None, origin=str(tmp_path / "__init__.py"))
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)

    return build


@pytest.mark.parametrize(
    ("cards", "torch", "found"),
    [
        (2, WITH_CARDS, ("cuda:0", "cuda:1")),
        (1, FOR_AMD, ("cuda:0",)),
        (2, WITHOUT, ("cpu",)),
        (2, None, ("cpu",)),
        (0, WITH_CARDS, ("cpu",)),
    ],
)
def test_a_card_is_painted_on_where_there_is_one_and_torch_knows_it(machine, cards, torch, found):
    machine(cards, torch)
    assert devices.present_devices() == found


def test_a_card_that_torch_does_not_know_cannot_be_named(machine):
    machine(1, WITHOUT)
    with pytest.raises(InvalidInput, match=r"--device is cuda:0; PyTorch is built for the CPU here"):
        devices.checked(["cpu", "cuda:0"])
    machine(0, WITH_CARDS)
    assert devices.checked(["cuda:0", "cpu"]) == ("cuda:0", "cpu")


def test_the_installed_torch_is_read_as_it_is():
    torch = pytest.importorskip("torch")
    assert devices._torch_knows_cards() == (torch.version.cuda is not None or torch.version.hip is not None)
