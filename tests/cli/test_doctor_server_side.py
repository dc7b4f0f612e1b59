"""`inlay doctor --server-side`: what a server's machine lacks, each with its remedy, in both languages."""

import datetime
import importlib.util
import os
import shutil
import socket
import time
import types
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from cli.conftest import Run
from inlay.forms.catalogue import catalogues
from inlay.service import examine as room
from inlay.service.examine import Finding, Site, examine


class Machine:
    """A machine's own files, as Linux and NVIDIA's driver lay them out, and a data folder."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = folder / "root"
        self.data = folder / "data"
        self.data.mkdir(mode=0o700)
        self._patch = monkeypatch
        self.torch("2.13.0+cpu", "None")

    def card(self, driver: str = "", nodes: tuple[str, ...] = ("nvidia0", "nvidiactl")) -> None:
        bus = self.root / "sys/bus/pci/devices/0000:01:00.0"
        bus.mkdir(parents=True)
        (bus / "vendor").write_text("0x10de\n")
        (bus / "class").write_text("0x030000\n")
        (self.root / "dev").mkdir()
        if driver:
            (self.root / "proc/driver/nvidia").mkdir(parents=True)
            said = f"NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  {driver}  Release Build\n"
            (self.root / "proc/driver/nvidia/version").write_text(said)
            for name in nodes:
                (self.root / "dev" / name).touch()

    def torch(self, version: str, cuda: str) -> None:
        folder = self.root / "torch"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "version.py").write_text(
            f"__version__ = '{version}'\ncuda: Optional[str] = {cuda}\nhip: Optional[str] = None\n"
        )
        spec = types.SimpleNamespace(origin=str(folder / "__init__.py"))

        def find(_name: str) -> object:
            return spec

        self._patch.setattr(importlib.util, "find_spec", find)

    def look(self, step: str, ports: tuple[int, ...] = ()) -> Finding:
        return next(one for one in examine(Site(self.data, ports, root=self.root)) if one.step == step)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def certificate(path: Path, days: float) -> None:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([])
    until = now + datetime.timedelta(days=days)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(now - datetime.timedelta(days=900)).not_valid_after(until).sign(key, hashes.SHA256())
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    path.chmod(0o600)


@pytest.mark.parametrize(
    ("driver", "nodes", "found", "cure"),
    [
        ("", (), "no_driver", "install_driver"),
        ("580.95.05", (), "no_nodes", "give_nodes"),
        ("580.95.05", ("nvidia0", "nvidiactl"), "driver", ""),
    ],
)
def test_a_card_is_examined_from_the_bus_to_its_file(
    machine: Machine, driver: str, nodes: tuple[str, ...], found: str, cure: str
) -> None:
    machine.card(driver, nodes)
    said = machine.look("driver")
    assert (said.found, said.cure, said.ok) == (found, cure, not cure)


def test_a_card_whose_files_are_closed_to_the_server_is_named(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.card("580.95.05")

    def closed(_path: Path, _how: int) -> bool:
        return False

    monkeypatch.setattr(os, "access", closed)  # root may open everything
    said = machine.look("driver")
    assert (said.found, said.cure) == ("closed_nodes", "join_groups")
    assert "nvidia0" in str(said.facts["nodes"])


@pytest.mark.parametrize(
    ("cuda", "driver", "found", "cure"),
    [
        ("None", "580.95.05", "torch", "torch_for_card"),
        ("'13.0'", "580.95.05", "torch", ""),
        ("'13.0'", "550.54.14", "old_driver", "newer_driver"),
        ("'12.6'", "550.54.14", "torch", ""),
        ("'12.6'", "470.10.01", "old_driver", "newer_driver"),
    ],
)
def test_torch_is_held_against_the_driver(machine: Machine, cuda: str, driver: str, found: str, cure: str) -> None:
    machine.card(driver)
    machine.torch("2.13.0", cuda)
    said = machine.look("torch")
    assert (said.found, said.cure, said.ok) == (found, cure, not cure)


def test_without_a_card_torch_for_the_cpu_is_right(machine: Machine) -> None:
    assert machine.look("driver").found == "no_card"
    assert machine.look("torch").ok


def test_a_disk_that_is_nearly_full_is_said_before_it_is(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(10**12, 10**12 - 2**30, 2**30))  # pyright: ignore
    said = machine.look("disk")
    assert (said.ok, said.cure, said.facts["gigabytes"]) == (False, "make_room", 1.0)


def test_a_data_folder_that_others_can_read_is_named(machine: Machine) -> None:
    assert machine.look("rights").found == "closed_to_others"
    token = machine.data / "token"
    token.touch(mode=0o644)
    said = machine.look("rights")
    assert (said.ok, said.facts["path"], said.cure) == (False, token, "close_it")


def test_a_port_that_another_program_has_is_named(machine: Machine) -> None:
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert (machine.look("port", (port,)).found, machine.look("port", (port,)).ok) == ("taken_port", False)
        own = next(one for one in examine(Site(machine.data, (port,), running=True)) if one.step == "port")
        assert own.ok
    assert machine.look("port", (port,)).found == "free"


@pytest.mark.parametrize(
    ("days", "found", "ok"), [(400, "certificate", True), (10, "certificate", False), (-3, "expired", False)]
)
def test_a_certificate_is_told_of_before_it_runs_out(machine: Machine, days: int, found: str, ok: bool) -> None:
    certificate(machine.data / "certificate.pem", days + 0.5)
    said = machine.look("certificate")
    assert (said.found, said.ok, said.cure) == (found, ok, "" if ok else "renew")
    (machine.data / "certificate.pem").write_text("no certificate")
    assert machine.look("certificate").found == "bad_certificate"


def test_a_clock_that_stands_in_the_past_is_named(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_000_000.0)
    assert machine.look("clock").cure == "set_clock"
    monkeypatch.setattr(time, "time", lambda: 4_000_000_000.0)  # far from the disk's
    said = machine.look("clock")
    assert (said.found, said.cure) == ("skewed", "set_clock")


@pytest.mark.parametrize("locale", ["en", "de"])
def test_every_finding_and_every_remedy_is_a_sentence(locale: str) -> None:
    source = Path(room.__file__).read_text("utf-8")
    words = catalogues().speaking(locale)
    for key in (
        "no_card",
        "no_driver",
        "old_driver",
        "unwritable",
        "expired",
        "unsynchronised",
        "synchronise",
        "close_it",
    ):
        assert f'"{key}"' in source
        assert words.find(f"site.{key}")


@pytest.mark.slow
def test_the_command_tells_this_machine_and_ends_by_what_it_found(inlay: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    said = inlay("doctor", "--server-side", "--data", tmp_path / "data", "--language", "de")
    assert said.code == 4
    assert "andere Benutzer können" in said.out
    assert "-> schließen: chmod -R go=" in said.out
    (tmp_path / "data").chmod(0o700)
    told = inlay("doctor", "--server-side", "--data", tmp_path / "data", "--json").json
    assert {"driver", "torch", "disk", "rights", "port", "certificate", "clock"} == {
        one["step"] for one in told["checks"]
    }
    assert next(one for one in told["checks"] if one["step"] == "rights")["ok"] is True
