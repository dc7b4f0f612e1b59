"""GGUF files as llama.cpp's own library writes them."""

from pathlib import Path

import gguf
import numpy as np
import torch

Q8_0 = gguf.GGMLQuantizationType.Q8_0


def write_gguf(
    tensors: dict[str, torch.Tensor], path: Path, kind: gguf.GGMLQuantizationType = Q8_0, odd: str = ""
) -> None:
    """Matrices as `kind`, everything else as it is. odd: the name of one in 64 bit."""
    writer = gguf.GGUFWriter(path, "flux")
    for name, tensor in tensors.items():
        values = tensor.float().numpy()
        if name == odd:
            writer.add_tensor(name, values.astype(np.float64))
        elif values.ndim == 2 and values.shape[1] % 32 == 0:
            writer.add_tensor(name, gguf.quants.quantize(values, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
