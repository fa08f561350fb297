#!/usr/bin/env python3
"""Trains the MNIST example's network and exports it as float ONNX.

The network is LeNet-like and made of what every int8 runtime has:

    image 1x1x28x28 -> conv 5x5x8 -> ReLU -> max pool 2 -> conv 5x5x16 -> ReLU -> max pool 2
                    -> flatten 256 -> fully connected 128 -> ReLU -> fully connected 10 -> softmax

The input is pixel / 255, without subtracting a mean. So the raw grey picture already is the
quantized input: q = pixel - 128 has scale 1/255 and zero point -128, exactly.

    python3 train.py --out mnist.onnx

Needs PyTorch (1.13 or later) and numpy; with python3-onnx the exported file is checked as well.
The same command on the same machine and PyTorch gives the same bytes.
"""

import argparse
import gzip
import hashlib
import http.client
import math
import os
import sys
import time
import urllib.request
import zlib
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)

# SHA-256 of the uncompressed files: these do not depend on who ran gzip.
SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}

# The data folder that is used without asking, if it is there: shared/mnist beside the checkout.
DEFAULT_DATA = Path(__file__).resolve().parent / "../../../shared/mnist"

# What a missing, cut or damaged file or download can raise.
READ_ERRORS = (OSError, EOFError, zlib.error, http.client.HTTPException)

INPUT_SHAPE = (1, 1, 28, 28)  # NCHW, a batch of one
OPSET = 13


class DataError(Exception):
    """The digits could not be found, fetched or understood."""


# --- data -------------------------------------------------------------------------------------


def find_idx(folder, name):
    """The path of IDX file `name` in `folder`, plain or gzipped, or None."""
    for path in (folder / name, folder / (name + ".gz")):
        if path.is_file():
            return path
    return None


def read_file(path):
    """The bytes of a file, uncompressed if its name ends in .gz."""
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if path.suffix == ".gz" else data
    except READ_ERRORS as error:
        raise DataError(f"{path}: {error}") from error


def parse_idx(data, name):
    """An IDX file of unsigned bytes as an array: 0, 0, type 8, rank, big-endian sizes, elements."""
    if data[:3] != b"\0\0\x08" or len(data) < 4 or len(data) < 4 + 4 * data[3]:
        raise DataError(f"{name}: not an IDX file of unsigned bytes")
    rank = data[3]
    shape = tuple(int(n) for n in np.frombuffer(data[4:4 + 4 * rank], dtype=">u4"))
    elements = np.frombuffer(data[4 + 4 * rank:], dtype=np.uint8)
    if elements.size != math.prod(shape):
        raise DataError(f"{name}: header says {shape}, the file holds {elements.size} elements")
    return elements.reshape(shape).copy()


def download(name, cache):
    """Fetches `name` from the first mirror that gives the right bytes; the path in `cache`."""
    target = cache / name
    failures = []
    for mirror in MIRRORS:
        url = f"{mirror}{name}.gz"
        print(f"fetching {url}", flush=True)
        try:
            with urllib.request.urlopen(url, timeout=30) as reply:
                data = gzip.decompress(reply.read())
        except READ_ERRORS as error:
            failures.append(f"  {url}: {error}")
            continue
        if hashlib.sha256(data).hexdigest() != SHA256[name]:
            failures.append(f"  {url}: wrong SHA-256")
            continue
        cache.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".partial")
        partial.write_bytes(data)
        partial.replace(target)
        return target
    raise DataError(f"cannot fetch {name}:\n" + "\n".join(failures) + "\n"
                    "Put the four MNIST files (IDX, gzipped or not) in a folder: --data FOLDER")


def cache_folder():
    """Where downloads are kept between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "quaver" / "mnist"


def locate(data_folder):
    """{name: path} of the four files: in the folder asked for, else the default, else fetched."""
    folder = Path(data_folder) if data_folder else DEFAULT_DATA
    paths = {name: find_idx(folder, name) for name in SHA256}
    missing = [name for name, path in paths.items() if path is None]
    if missing and data_folder:
        raise DataError(f"{folder}: no {', '.join(missing)} (nor .gz)")
    if missing:
        cache = cache_folder()
        paths = {name: find_idx(cache, name) or download(name, cache) for name in SHA256}
    return paths


def load_digits(data_folder):
    """(train images, train labels, test images, test labels): float N1HW in [0, 1], int64."""
    arrays = {name: parse_idx(read_file(path), name) for name, path in locate(data_folder).items()}
    parts = []
    for part in ("train", "t10k"):
        images, labels = arrays[f"{part}-images-idx3-ubyte"], arrays[f"{part}-labels-idx1-ubyte"]
        if images.shape != (len(labels), 28, 28):
            raise DataError(f"{part}: {images.shape} pictures, {labels.shape} labels")
        parts += [torch.from_numpy(images).float().div_(255).unsqueeze(1),
                  torch.from_numpy(labels).long()]
    return parts


# --- network ----------------------------------------------------------------------------------


def make_network():
    """The network up to the logits. The layers' names become the ONNX nodes' names."""
    return nn.Sequential(OrderedDict([
        ("conv1", nn.Conv2d(1, 8, 5)),
        ("relu1", nn.ReLU()),
        ("pool1", nn.MaxPool2d(2)),
        ("conv2", nn.Conv2d(8, 16, 5)),
        ("relu2", nn.ReLU()),
        ("pool2", nn.MaxPool2d(2)),
        ("flatten", nn.Flatten()),
        ("fc1", nn.Linear(256, 128)),
        ("relu3", nn.ReLU()),
        ("fc2", nn.Linear(128, 10)),
    ]))


def count_macs(network):
    """Multiply-accumulates of one picture: output elements x weights that each one sees."""
    macs = 0

    def count(module, _inputs, output):
        nonlocal macs
        macs += output.numel() * module.weight[0].numel()

    hooks = [module.register_forward_hook(count) for module in network
             if isinstance(module, (nn.Conv2d, nn.Linear))]
    with torch.no_grad():
        network(torch.zeros(INPUT_SHAPE))
    for hook in hooks:
        hook.remove()
    return macs


# --- training ---------------------------------------------------------------------------------


def augment(images):
    """Each picture rotated, scaled, sheared and shifted by a little, at random (bilinear)."""
    def uniform(limit):
        return (torch.rand(len(images)) * 2 - 1) * limit

    angle, scale, shear = uniform(math.radians(12)), 1 + uniform(0.12), uniform(0.15)
    cosine, sine = torch.cos(angle) / scale, torch.sin(angle) / scale
    shift_x, shift_y = uniform(2 / 14), uniform(2 / 14)  # +-2 pixels; 14 pixels are one unit
    matrices = torch.stack([cosine, shear * cosine - sine, shift_x,
                            sine, shear * sine + cosine, shift_y], dim=1).view(-1, 2, 3)
    grid = F.affine_grid(matrices, list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, align_corners=False)


def train_epoch(network, images, labels, optimizer, schedule, batch):
    """One pass over the shuffled training pictures; the mean loss."""
    network.train()
    order = torch.randperm(len(images))
    total = 0.0
    for start in range(0, len(order), batch):
        chosen = order[start:start + batch]
        loss = F.cross_entropy(network(augment(images[chosen])), labels[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        total += loss.item() * len(chosen)
    return total / len(order)


def accuracy(network, images, labels):
    """The share of pictures whose largest logit is their label."""
    network.eval()
    with torch.no_grad():
        right = sum((network(some).argmax(1) == wanted).sum().item()
                    for some, wanted in zip(images.split(1000), labels.split(1000)))
    return right / len(labels)


def train(network, digits, epochs, batch=128):
    """Adam with a one-cycle (cosine) learning rate. The last epoch is kept: none is picked by its
    test accuracy, so the figure stays honest."""
    train_images, train_labels, test_images, test_labels = digits
    steps = epochs * math.ceil(len(train_images) / batch)
    optimizer = torch.optim.Adam(network.parameters(), weight_decay=1e-5)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=4e-3, total_steps=steps)
    for epoch in range(1, epochs + 1):
        begin = time.monotonic()
        loss = train_epoch(network, train_images, train_labels, optimizer, schedule, batch)
        test = accuracy(network, test_images, test_labels)
        print(f"epoch {epoch:2}/{epochs}  loss {loss:.4f}  test accuracy {test:.2%}"
              f"  ({time.monotonic() - begin:.0f} s)", flush=True)


# --- export -----------------------------------------------------------------------------------


def export(network, path):
    """Writes the network with a softmax behind it as ONNX, with a batch of one."""
    layers = OrderedDict(network.named_children())
    layers["softmax"] = nn.Softmax(dim=1)
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(nn.Sequential(layers).eval(), torch.zeros(INPUT_SHAPE), str(path),
                      opset_version=OPSET, do_constant_folding=True,
                      input_names=["image"], output_names=["probabilities"])


def check(path):
    """Lets the onnx package check the file, where it is installed, and lists the operators."""
    try:
        import onnx
    except ImportError:
        print("python3-onnx is not installed: the file was not checked")
        return
    model = onnx.load(str(path))
    onnx.checker.check_model(model, full_check=True)
    print("checked:", " ".join(node.op_type for node in model.graph.node))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", metavar="DIR", help="folder of the four IDX files, gzipped or "
                        "not (default: shared/mnist beside the checkout, else they are fetched)")
    parser.add_argument("--epochs", type=int, default=15, help="passes over the training pictures "
                        "(default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--threads", type=int, default=2, help="part of what fixes the result: "
                        "sums are split among them (default: %(default)s)")
    parser.add_argument("--out", metavar="FILE", type=Path, default=Path("mnist.onnx"),
                        help="default: %(default)s")
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
    network = make_network()
    parameters = sum(p.numel() for p in network.parameters())
    print(f"{count_macs(network):,} MACs, {parameters:,} parameters; {len(digits[0]):,} training "
          f"and {len(digits[2]):,} test pictures")
    train(network, digits, arguments.epochs)
    export(network, arguments.out)
    check(arguments.out)
    print(f"wrote {arguments.out} ({arguments.out.stat().st_size:,} bytes)")


if __name__ == "__main__":
    main()
