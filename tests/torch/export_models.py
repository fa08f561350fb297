#!/usr/bin/env python3
"""Exports small networks of many styles with torch.onnx.export, with inputs and PyTorch's outputs.

    python3 export_models.py FOLDER

writes for each network and operator set FOLDER/NAME_opsetN.onnx and, raw float32 with four
dimensions as NHWC, NAME_in.bin (SAMPLES samples) and NAME_out.bin; and FOLDER/list.txt with a line
`NAME OPSET` each. Weights are random, batch norms have statistics of random data.
"""

import sys
import warnings
from pathlib import Path

import numpy as np
import torch
from networks import NETWORKS
from torch import nn
from torch.ao import quantization

SAMPLES = 12


def warm_up(module, shape):
    """Gives batch norms statistics, and factors that are not all 1."""
    for part in module.modules():
        if isinstance(part, (nn.BatchNorm1d, nn.BatchNorm2d)):
            nn.init.uniform_(part.weight, 0.5, 1.5)
            nn.init.normal_(part.bias, 0, 0.2)
    module.train()
    with torch.no_grad():
        for _ in range(5):
            module(torch.rand(16, *shape))
    return module.apply(quantization.disable_observer).eval()


def nhwc(array):
    return array.transpose(0, 2, 3, 1) if array.ndim == 4 else array


def save(folder, name, module, shape):
    inputs = torch.rand(SAMPLES, *shape)
    with torch.no_grad():
        outputs = np.concatenate([module(x.unsqueeze(0)).numpy() for x in inputs])
    for part, array in (("in", inputs.numpy()), ("out", outputs)):
        data = np.ascontiguousarray(nhwc(array), dtype="<f4")
        (folder / f"{name}_{part}.bin").write_bytes(data.tobytes())


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")
    lines = []
    for name, (make, shape, opsets, options) in NETWORKS.items():
        torch.manual_seed(1)
        module = warm_up(make(), shape)
        save(folder, name, module, shape)
        for opset in opsets:
            torch.onnx.export(module, torch.rand(1, *shape), str(folder / f"{name}_opset{opset}.onnx"),
                              opset_version=opset, input_names=["image"], output_names=["result"],
                              **options)
            lines.append(f"{name} {opset}\n")
    (folder / "list.txt").write_text("".join(lines))


if __name__ == "__main__":
    main()
