"""What a server's machine may lack, found without starting anything: driver, CUDA, torch, disk, rights, ports, certificate, clock.

Nothing is said here: a finding names its sentence and the facts in it (`forms/words/site`). CUDA's need of a driver:
docs.nvidia.com/deploy/cuda-compatibility, "Minor version compatibility".
"""

import contextlib
import datetime
import importlib.util
import json
import os
import re
import shutil
import socket
import ssl
import stat
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

DRIVERS = {11: (450, 80), 12: (525, 60), 13: (580, 65)}
"""The oldest driver for Linux on which every CUDA of that major version runs."""

LEAST_FREE_BYTES = 5 * 2**30
SOON_DAYS = 30
SKEW_S = 60.0
ANSWER_S = 10.0
STALE_YEAR = 2026
"""No clock that is right shows an earlier one."""

_NVIDIA_PCI = "0x10de"
_DISPLAY = "0x03"


@dataclass(frozen=True)
class Site:
    """Where to look. root: of the system's own files, another one in tests."""

    data: Path
    ports: tuple[int, ...]
    running: bool = False
    """Whether the server of this data folder runs: then its ports are taken by itself."""
    door: str = ""
    """Where it answers over HTTP then: http://HOST:PORT or https://HOST:PORT."""
    root: Path = Path("/")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    step: str
    ok: bool
    found: str
    """The key of a sentence below `site.`."""
    facts: Mapping[str, object] = field(default_factory=dict[str, object])
    cure: str = ""
    """The key of what to do about it; empty where there is nothing to do."""


def examine(site: Site) -> Iterator[Finding]:
    """Each finding, in the order in which they build on each other."""
    driver, cards = _driver(site.root), _cards(site.root)
    yield _card(site.root, driver, cards)
    yield _torch(driver, cards)
    yield _disk(site.data)
    yield from _rights(site.data)
    yield from (_port(port, site.running) for port in site.ports)
    yield from _painters(site.door)
    yield _certificate(site.data)
    yield _clock(site.data)


def _driver(root: Path) -> tuple[int, int] | None:
    """The version of NVIDIA's driver."""
    with contextlib.suppress(OSError):
        if found := re.search(r"\b(\d{3,})\.(\d+)", (root / "proc/driver/nvidia/version").read_text("utf-8")):
            return int(found[1]), int(found[2])
    return None


def _cards(root: Path) -> int:
    """NVIDIA's cards on the bus, whether a driver has them or not."""
    found = 0
    for device in (root / "sys/bus/pci/devices").glob("*"):
        with contextlib.suppress(OSError):
            vendor, kind = ((device / name).read_text("utf-8").strip() for name in ("vendor", "class"))
            found += vendor == _NVIDIA_PCI and kind.startswith(_DISPLAY)
    return found


def _card(root: Path, driver: tuple[int, int] | None, cards: int) -> Finding:
    if driver is None:
        facts = {"cards": cards}
        return (
            Finding("driver", False, "no_driver", facts, "install_driver")
            if cards
            else Finding("driver", True, "no_card")
        )
    facts = {"driver": f"{driver[0]}.{driver[1]}", "cards": cards}
    nodes = [path for path in (root / "dev").glob("nvidia*") if re.fullmatch(r"nvidia(\d+|ctl)", path.name)]
    if not nodes:
        return Finding("driver", False, "no_nodes", facts, "give_nodes")
    closed = [str(path) for path in nodes if not os.access(path, os.R_OK | os.W_OK)]
    if closed:
        return Finding("driver", False, "closed_nodes", {**facts, "nodes": ", ".join(closed)}, "join_groups")
    return Finding("driver", True, "driver", facts)


def _torch(driver: tuple[int, int] | None, cards: int) -> Finding:
    found = importlib.util.find_spec("torch")
    if found is None or not found.origin:
        return Finding("torch", not cards, "no_torch", cure="install_torch")
    said = (Path(found.origin).parent / "version.py").read_text("utf-8")
    version = re.search(r"__version__ = '([^']+)'", said)
    cuda = re.search(r"^cuda\b[^=]*= *'([^']+)'", said, re.MULTILINE)
    hip = re.search(r"^hip\b[^=]*= *'([^']+)'", said, re.MULTILINE)
    facts = {
        "torch": version[1] if version else "?",
        "built": f"CUDA {cuda[1]}" if cuda else f"ROCm {hip[1]}" if hip else "CPU",
    }
    if driver and not cuda:
        return Finding("torch", False, "torch", facts, "torch_for_card")
    least = DRIVERS.get(int(cuda[1].partition(".")[0])) if cuda else None
    if driver and least and driver < least:
        facts |= {"least": f"{least[0]}.{least[1]}", "driver": f"{driver[0]}.{driver[1]}"}
        return Finding("torch", False, "old_driver", facts, "newer_driver")
    return Finding("torch", True, "torch", facts)


def _disk(data: Path) -> Finding:
    place = next(path for path in (data, *data.parents) if path.exists())
    free = shutil.disk_usage(place).free
    facts = {"place": place, "gigabytes": round(free / 2**30, 1)}
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(bytes(4096))
            file.flush()
    except OSError as error:
        return Finding("disk", False, "unwritable", facts | {"why": error.strerror or error}, "make_writable")
    return Finding("disk", free >= LEAST_FREE_BYTES, "disk", facts, "" if free >= LEAST_FREE_BYTES else "make_room")


def _rights(data: Path) -> Iterator[Finding]:
    """Who else may look in; where files have an owner and a mode."""
    secret = [path for path in (data, data / "token", data / "key.pem", data / "people.sqlite") if path.exists()]
    if os.name != "posix" or not secret:
        return
    for path in secret:
        state = path.stat()
        facts = {"path": path, "mode": f"{stat.S_IMODE(state.st_mode):o}"}
        if state.st_uid != os.geteuid():
            yield Finding("rights", False, "another_owner", facts | {"owner": state.st_uid}, "run_as_owner")
            return
        if state.st_mode & 0o077:
            yield Finding("rights", False, "open_to_others", facts, "close_it")
            return
    yield Finding("rights", True, "closed_to_others", {"path": data})


def _port(port: int, running: bool) -> Finding:
    facts = {"port": port}
    if running:
        return Finding("port", True, "own_port", facts)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))
        except OSError:
            return Finding("port", False, "taken_port", facts, "free_port")
    return Finding("port", True, "free", facts)


def _painters(door: str) -> Iterator[Finding]:
    """Whether the devices of the server that runs have painted since it started, as it says itself."""
    if not door:
        return
    unverified = ssl.create_default_context()
    unverified.check_hostname, unverified.verify_mode = False, ssl.CERT_NONE  # nothing is sent, and it is this machine
    try:
        try:
            with urllib.request.urlopen(f"{door}/readyz", timeout=ANSWER_S, context=unverified) as answer:
                said = json.load(answer)
        except urllib.error.HTTPError as unready:
            said = json.load(unready)
    except (OSError, ValueError) as error:
        yield Finding("painter", False, "no_answer", {"door": door, "why": error}, "restart_server")
        return
    for one in said["devices"]:
        facts = {"device": one["device"], "why": one["why"]}
        if one["ready"] or not one["why"]:
            yield Finding("painter", True, "painter" if one["ready"] else "painter_starts", facts)
        else:
            yield Finding("painter", False, "painter_unfit", facts, "mend_painter")


def _certificate(data: Path) -> Finding:
    path = data / "certificate.pem"
    if not path.exists():
        return Finding("certificate", True, "no_certificate")
    from cryptography import x509

    try:
        until = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except (OSError, ValueError):
        return Finding("certificate", False, "bad_certificate", {"path": path}, "new_certificate")
    days = (until - datetime.datetime.now(datetime.UTC)).days
    facts = {"path": path, "until": until.date(), "days": days}
    good = days >= SOON_DAYS
    return Finding("certificate", good, "certificate" if days >= 0 else "expired", facts, "" if good else "renew")


def _clock(data: Path) -> Finding:
    now = time.time()
    facts = {"now": datetime.datetime.fromtimestamp(now).astimezone().isoformat(" ", "seconds")}
    if datetime.datetime.fromtimestamp(now).year < STALE_YEAR:
        return Finding("clock", False, "clock", facts, "set_clock")
    if data.is_dir() and os.access(data, os.W_OK):
        with contextlib.suppress(OSError), tempfile.NamedTemporaryFile(dir=data) as file:
            skew_s = os.stat(file.name).st_mtime - now
            if abs(skew_s) > SKEW_S:
                return Finding("clock", False, "skewed", facts | {"seconds": round(skew_s)}, "set_clock")
    if control := shutil.which("timedatectl"):
        command = [control, "show", "--property=NTPSynchronized", "--value"]
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            if subprocess.run(command, capture_output=True, text=True, timeout=5, check=False).stdout.strip() == "no":
                return Finding("clock", False, "unsynchronised", facts, "synchronise")
    return Finding("clock", True, "clock", facts)
