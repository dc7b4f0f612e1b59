"""No library of models may ask the network for anything: said in the environment, which they read when they are imported."""

import os

OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",  # a worker has no terminal, and tells its client by itself
    "DIFFUSERS_TRUST_REMOTE_KERNELS": "false",
    "DIFFUSERS_VERBOSITY": "error",
    "TRANSFORMERS_VERBOSITY": "error",
}


def go_offline() -> None:
    """To be called before diffusers, transformers or huggingface_hub are imported; only `inlay models pull` never does."""
    os.environ.update(OFFLINE)
