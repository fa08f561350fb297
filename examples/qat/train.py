#!/usr/bin/env python3
"""Trains a small network on MNIST in float, then with fake quantization, and writes all as ONNX.

The network is built like MobileNet, of depthwise and pointwise convolutions with batch norms: 5,000
weights, none to spare, so that every bit that is taken from them shows.

    float.onnx        trained in float, batch norms left in: what `quaver quantize` starts from
    qat8.onnx         from there, a few epochs with weights rounded to 8 bits (QDQ)
    qat4.onnx         4 bits: integers from -7 to 7
    qat_ternary.onnx  -1, 0, 1
    qat_binary.onnx   -1, 1

Activations are rounded to 8 bits in all but the first.

    python3 train.py --data MNIST --out models

Needs PyTorch 1.13, numpy and onnx: Debian's python3-torch and python3-onnx (scripts/setup train).
The same command on the same machine and PyTorch gives the same bytes.
"""

import argparse
import copy
import math
import sys
import time
from collections import OrderedDict
from pathlib import Path

import torch
from torch import nn
from torch.ao import quantization
from torch.nn import functional as F
from torch.nn.intrinsic.qat import freeze_bn_stats

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from export_qdq import OPSET, write_qdq  # noqa: E402
from mnist.train import DataError, accuracy, augment, load_digits  # noqa: E402
from weights import Binary, Ternary, uniform  # noqa: E402

INPUT_SHAPE = (1, 1, 28, 28)  # NCHW, a batch of one
BATCH = 128

# By name: the fake quantizer of the weights and the highest learning rate. The fewer bits, the
# further the weights have to go from where training in float has left them.
TRAININGS = OrderedDict([
    ("qat8", (uniform(8), 5e-4)),
    ("qat4", (uniform(4), 2e-3)),
    ("qat_ternary", (Ternary, 4e-3)),
    ("qat_binary", (Binary, 4e-3)),
])


def make_network():
    """28x28 -> 14x14x16 -> depthwise, 1x1: 14x14x32 -> 7x7x32 -> depthwise, 1x1 -> 3x3x32 -> 10."""
    layers = OrderedDict(quant=quantization.QuantStub())

    def convolution(name, *sizes, **options):
        layers[name] = nn.Conv2d(*sizes, bias=False, **options)
        layers[name + "_norm"] = nn.BatchNorm2d(sizes[1])
        layers[name + "_relu"] = nn.ReLU()

    convolution("conv1", 1, 16, 3, stride=2, padding=1)
    convolution("depthwise2", 16, 16, 3, padding=1, groups=16)
    convolution("conv2", 16, 32, 1)
    layers["pool2"] = nn.MaxPool2d(2)
    convolution("depthwise3", 32, 32, 3, padding=1, groups=32)
    convolution("conv3", 32, 32, 1)
    layers["pool3"] = nn.MaxPool2d(2)
    layers["flatten"] = nn.Flatten()
    layers["full"] = nn.Linear(288, 10)
    return nn.Sequential(layers)


def prepare(network, weights):
    """A copy of the float network with fake quantization, batch norms folded while training."""
    network = copy.deepcopy(network).train()
    convolutions = [name for name, module in network.named_children()
                    if isinstance(module, nn.Conv2d)]
    network = quantization.fuse_modules_qat(
        network, [[name, name + "_norm", name + "_relu"] for name in convolutions])
    activations = quantization.FakeQuantize.with_args(
        observer=quantization.MovingAverageMinMaxObserver, quant_min=0, quant_max=255,
        dtype=torch.quint8, qscheme=torch.per_tensor_affine)
    # The picture is pixel / 255: its grid is known.
    pixels = quantization.FixedQParamsFakeQuantize.with_args(
        observer=quantization.FixedQParamsObserver.with_args(
            scale=1 / 255, zero_point=0, dtype=torch.quint8, quant_min=0, quant_max=255))
    network.qconfig = quantization.QConfig(activation=activations, weight=weights)
    network.quant.qconfig = quantization.QConfig(activation=pixels, weight=weights)
    return quantization.prepare_qat(network)


def run_epoch(network, images, labels, optimizer, schedule):
    """One pass over the shuffled training pictures; the mean loss."""
    order = torch.randperm(len(images))
    total = 0.0
    for start in range(0, len(order), BATCH):
        chosen = order[start:start + BATCH]
        loss = F.cross_entropy(network(augment(images[chosen])), labels[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        total += loss.item() * len(chosen)
    return total / len(order)


def freeze(network):
    """Statistics of batch norms and ranges of activations stay as they are."""
    network.apply(freeze_bn_stats)
    for module in network.children():
        if hasattr(module, "activation_post_process"):
            module.activation_post_process.disable_observer()


def train(name, network, digits, epochs, rate, seed):
    """Adam with a one-cycle learning rate; the last epoch is kept, none is picked. In the last third
    of quantization-aware training all but the weights is frozen, so that they get used to it."""
    torch.manual_seed(seed)
    images, labels, test_images, test_labels = digits
    steps = epochs * math.ceil(len(images) / BATCH)
    optimizer = torch.optim.Adam(network.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=rate, total_steps=steps)
    for epoch in range(1, epochs + 1):
        begin = time.monotonic()
        network.train()
        if epoch > 1 and 3 * epoch > 2 * epochs:
            freeze(network)
        loss = run_epoch(network, images, labels, optimizer, schedule)
        print(f"{name}: epoch {epoch}/{epochs}  loss {loss:.4f}  ({time.monotonic() - begin:.0f} s)",
              flush=True)
    freeze(network)
    print(f"{name}: test accuracy {accuracy(network, test_images, test_labels):.2%}", flush=True)


def export_float(network, path):
    """As it was trained: PRESERVE, and no constant folding, leave the batch norms in."""
    torch.onnx.export(network.eval(), torch.zeros(INPUT_SHAPE), str(path), opset_version=OPSET,
                      training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False,
                      input_names=["image"], output_names=["logits"])


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", metavar="DIR", help="folder of MNIST's four IDX files, gzipped or "
                        "not (default: shared/mnist beside the checkout, else they are fetched)")
    parser.add_argument("--out", metavar="DIR", type=Path, default=HERE / "models",
                        help="default: models, beside this file")
    parser.add_argument("--epochs", type=int, default=5, help="passes over the training pictures "
                        "in float, and again for each way to round (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--threads", type=int, default=1, help="part of what fixes the result: "
                        "sums are split among them (default: %(default)s)")
    arguments = parser.parse_args()
    if arguments.epochs < 1 or arguments.threads < 1:
        parser.error("--epochs and --threads must be at least 1")
    return arguments


def main():
    arguments = parse_arguments()
    torch.manual_seed(arguments.seed)
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(arguments.threads)
    try:
        digits = load_digits(arguments.data)
    except DataError as error:
        sys.exit(f"train.py: {error}")
    arguments.out.mkdir(parents=True, exist_ok=True)
    network = make_network()
    train("float", network, digits, arguments.epochs, 1e-2, arguments.seed)
    export_float(network, arguments.out / "float.onnx")
    for name, (weights, rate) in TRAININGS.items():
        rounded = prepare(network, weights)
        train(name, rounded, digits, arguments.epochs, rate, arguments.seed)
        write_qdq(rounded.eval(), INPUT_SHAPE, arguments.out / f"{name}.onnx")
    for path in sorted(arguments.out.glob("*.onnx")):
        print(f"wrote {path} ({path.stat().st_size:,} bytes)")


if __name__ == "__main__":
    main()
