"""Compiled models: the same pixels, compiled ahead, never twice, and eager where there is no compiler.

The first test runs the real compiler, which takes most of a minute on two cores; the others count programs, and end the same
way in PyTorch's own kernels (`aot_eager`).
"""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
import torch._dynamo
import torch._inductor.config
import torch.utils.cpp_extension  # setuptools, before another test has half of distutils taken away  # pyright: ignore[reportUnusedImport]
from torch._dynamo.utils import clear_compilation_metrics, counters
from torch._inductor import metrics
from torch._inductor.cpp_builder import cpp_compiler_search
from torch._inductor.utils import fresh_cache

from inlay.edit import perform
from inlay.edit.plan import working_of
from inlay.engines.diffusion import compiling
from inlay.engines.diffusion.engine import DiffusionEngine
from inlay.engines.models.catalog import Catalog, ModelEntry
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.engines.models.diffusion_family import BUCKET_PX
from inlay.engines.registry import Registry
from inlay.errors import Cancelled
from inlay.jobs.workers import child
from inlay.jobs.workers.base import Paint
from inlay.recipe import Tier, Verb
from inlay.region import Size
from support import tiny_models
from support.diffusion import Watch, engine, loaded, painted, recipe, scene
from support.edits import MemoryBlobs, Silent, recipe_for

pytestmark = pytest.mark.slow

NATIVE_PX = 256 * 256


@pytest.fixture(autouse=True)
def fresh_compiler(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing compiled before, and a native size at which tiny models answer at once."""
    for name, facts in list(DIFFUSION.items()):
        monkeypatch.setitem(DIFFUSION, name, dataclasses.replace(facts, native_px=NATIVE_PX, least_px=NATIVE_PX // 4))
    torch._dynamo.reset()
    clear_compilation_metrics()
    counters.clear()
    yield
    torch._dynamo.reset()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same way without the C++ compiler at its end: programs are found, and run by PyTorch's own kernels."""
    monkeypatch.setattr(compiling, "BACKEND", "aot_eager")


class Log(Silent):
    """Keeps what was being prepared; taken back at a given check."""

    def __init__(self, cancelled_at: int = 0) -> None:
        self.told: list[str] = []
        self.checks, self._cancelled_at = 0, cancelled_at

    def loading(self, what: str) -> None:
        self.told.append(what)

    def check(self) -> None:
        self.checks += 1
        if self.checks == self._cancelled_at:
            raise Cancelled


def compiled(family: str, batch: int = 1) -> DiffusionEngine:
    model = loaded(family, compile=True)
    model.compile()
    return DiffusionEngine(model.entry, lambda _entry, _progress: model, batch)


def programs() -> int:
    return counters["stats"]["unique_graphs"]


def test_a_compiled_model_paints_what_it_paints_uncompiled() -> None:
    if reason := compiling.missing_for(torch.device("cpu")):
        pytest.skip(reason)
    plain = painted(engine("sd15"), recipe())[0].pixels

    torch.compiler.reset()  # Another file of tests may have compiled the same blocks in this process.
    with fresh_cache(), torch._inductor.config.patch(compile_threads=1):  # no helper process that another test may end
        metrics.reset()
        (again,) = painted(compiled("sd15"), recipe())

    assert not again.notes
    assert programs() > 0
    assert not counters["graph_break"]
    assert metrics.generated_kernel_count > 0, "the compiler made nothing; the blocks ran as they are"
    assert again.receipt["compiled"] == "True"
    assert np.abs(again.pixels - plain).max() <= 1e-4


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("family", ["sd15", "sdxl", "flux_fill", "qwen_image", "z_image"])
def test_nothing_is_compiled_once_the_rehearsal_is_over(family: str) -> None:
    found = compiled(family, batch=2)
    found.rehearse(Log())
    rehearsed = programs()

    assert rehearsed > 0
    for size, count in ((Size(256, 256), 1), (Size(384, 128), 1), (Size(128, 256), 2), (Size(256, 384), 1)):
        seen = scene(np.ones((size.height, size.width), np.float32))
        painted(found, recipe(Verb.FILL, size=size, count=count), seen)
        assert programs() == rehearsed, f"{size} x {count} was compiled anew"


@pytest.mark.usefixtures("quick")
def test_two_windows_of_one_bucket_are_painted_by_the_same_program() -> None:
    found = compiled("sd15")
    family = found.capabilities()
    sizes = {working_of(recipe(size=Size(side, side), tier=Tier.FINAL), family) for side in (250, 256, 300)}
    assert family.multiple == BUCKET_PX
    assert sizes == {Size(256, 256)}

    seen = scene(np.ones((256, 256), np.float32))
    painted(found, recipe(size=Size(256, 256)), seen)
    first = programs()
    painted(found, recipe(size=Size(256, 256), seed=5), seen)

    assert programs() == first > 0


@pytest.mark.usefixtures("quick")
def test_a_rehearsal_says_where_it_is_and_stops_when_a_job_arrives() -> None:
    found, whole = compiled("sd15", batch=2), Log()
    found.rehearse(whole)
    assert whole.told == [
        "sd15: compiler (1 of 3, 256 x 256)",
        "sd15: compiler (2 of 3, 384 x 128)",
        "sd15: compiler (3 of 3, 384 x 128)",
    ]
    again = Log()
    found.rehearse(again)
    for at in range(1, again.checks + 1):
        watch = Log(cancelled_at=at)
        with pytest.raises(Cancelled):
            found.rehearse(watch)
        assert watch.checks == at, "it went on after it was taken back"
    assert painted(found, recipe(), watch=Watch())


def test_what_a_worker_prepares_is_over_as_soon_as_a_job_is_there() -> None:
    desk = child.Desk()
    ahead = child._Ahead(desk)  # pyright: ignore[reportPrivateUsage]
    ahead.loading("sdxl: compiler (1 of 3, 1024 x 1024)")
    desk.put(Paint("job", "{}", 0))
    with pytest.raises(Cancelled):
        ahead.check()
    with pytest.raises(Cancelled):
        ahead.loading("sdxl: compiler (2 of 3, 1024 x 1024)")


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """Knows one model, "mine", that wants to be compiled."""
    folder = tiny_models.saved("sd15", tmp_path / "sd15")
    catalog = Catalog(tmp_path / "models.toml")
    catalog.add(ModelEntry("mine", "sd15", str(folder), "folder", "0" * 64, compile=True))
    return Registry(catalog)


@pytest.mark.usefixtures("quick")
def test_a_worker_compiles_the_models_that_want_it_when_it_starts(registry: Registry) -> None:
    log = Log()
    perform.warm_up(registry, log)
    assert any(what.startswith("mine: unet") for what in log.told)
    assert log.told[-1] == "mine: compiler (2 of 2, 384 x 128)"
    ahead = programs()
    assert ahead > 0

    blobs = MemoryBlobs()
    wanted = recipe_for(blobs, verb=Verb.FILL, prompt="a hat", model="mine", tier=Tier.DRAFT)
    (one,) = perform.perform(wanted, blobs, Silent(), registry)

    assert programs() == ahead
    assert not any("not compiled" in note for note in one.report.notes)


def test_without_a_compiler_the_model_paints_as_it_is_and_says_so() -> None:
    plain = painted(engine("sd15"), recipe())[0]

    cpp_compiler_search.cache_clear()
    with torch._inductor.config.patch({"cpp.cxx": ("no-such-compiler",)}):
        (one,) = painted(compiled("sd15"), recipe())
    cpp_compiler_search.cache_clear()

    assert programs() == 0
    assert np.array_equal(one.pixels, plain.pixels)
    assert any("not compiled: there is no C++ compiler" in note for note in one.notes)
    assert one.receipt["compiled"] == "False"
    assert not any("compile" in note for note in plain.notes)


def test_a_compiler_that_fails_is_told_of_with_what_it_said(tmp_path: Path) -> None:
    plain = painted(engine("sd15"), recipe())[0]
    broken = tmp_path / "c++"
    broken.write_text('#!/bin/sh\n[ "$1" = --version ] && exec c++ --version\necho out of disk >&2; exit 1\n')
    broken.chmod(0o755)

    cpp_compiler_search.cache_clear()
    torch.compiler.reset()
    with fresh_cache(), torch._inductor.config.patch({"cpp.cxx": (str(broken),), "compile_threads": 1}):
        (one,) = painted(compiled("sd15"), recipe())
    cpp_compiler_search.cache_clear()

    assert np.array_equal(one.pixels, plain.pixels)
    assert any(note.startswith(compiling.STUMBLED) and "CppCompileError" in note for note in one.notes), one.notes
    assert not plain.notes
