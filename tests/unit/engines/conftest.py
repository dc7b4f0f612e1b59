"""A ComfyUI for whoever asks: the imitation everywhere, and a real one too where INLAY_COMFYUI names its folder."""

import pytest

from support import comfy_real
from support.comfy_server import ComfyServer

REAL = pytest.param("a real one", marks=[pytest.mark.slow, pytest.mark.timeout(1200)])


@pytest.fixture(scope="module", params=["the imitation", *([REAL] if comfy_real.FOLDER else [])])
def comfy(request):
    """One for all tests of a module: each has its own jobs there."""
    if request.param == "the imitation":
        server = ComfyServer()
        yield server
        server.free.set()
        server.kill()
    else:
        server = comfy_real.RealComfy()
        yield server
        server.remove()
