#!/usr/bin/env python3
"""Draws the MNIST example's twenty sample digits from strokes and writes them as a C++ header.

No picture is taken from a data set: each digit is a handful of lines, Bezier curves and arcs
(GLYPHS below), drawn with a round pen, then sized and placed as MNIST's digits are: the ink fits
a box of 20x20 pixels, and its centre of mass is in the middle of the 28x28 picture. White on black.

    python3 draw_digits.py --out digits.h

Needs numpy only (--check also needs python3-onnx).
"""

import argparse
import struct
import sys
from pathlib import Path

import numpy as np

SIZE = 28  # the picture's side, pixels
BOX = 20   # the side of the box that the ink fits

# --- strokes ----------------------------------------------------------------------------------
# Each gives an array of (x, y) points. x runs right and y runs down; the unit is free, since a
# digit is scaled to the box (the glyphs below are about 100 high).


def line(*points):
    """A polyline."""
    return np.array(points, dtype=float)


def bezier(*points, steps=16):
    """Cubic Bezier curves, end to end: a start, then two control points and an end per curve."""
    p = np.array(points, dtype=float)
    t = np.linspace(0, 1, steps + 1)[:, None]
    curves = [(1 - t) ** 3 * p[i] + 3 * (1 - t) ** 2 * t * p[i + 1]
              + 3 * (1 - t) * t ** 2 * p[i + 2] + t ** 3 * p[i + 3]
              for i in range(0, len(p) - 1, 3)]
    return np.concatenate(curves)


def arc(x, y, radius_x, radius_y, begin, end, steps=32):
    """Part of an ellipse about (x, y). Degrees, clockwise from the right (y runs down)."""
    angle = np.radians(np.linspace(begin, end, steps + 1))
    return np.stack([x + radius_x * np.cos(angle), y + radius_y * np.sin(angle)], axis=1)


def join(*strokes):
    """Strokes drawn without lifting the pen."""
    return np.concatenate(strokes)


# --- the digits -------------------------------------------------------------------------------
# (label, pen width in pixels, slant, strokes). Slant is how far the top leans right of the bottom,
# in heights. Two renderings a digit, of different shapes.

GLYPHS = (
    # A round upright zero; a narrow slanted one whose ends overlap at the top.
    (0, 3.0, 0.00, [arc(50, 50, 36, 48, -90, 270)]),
    (0, 2.0, 0.22, [bezier((58, 4), (20, -4), (14, 50), (22, 78), (30, 106), (62, 100), (70, 66),
                           (76, 38), (70, 8), (44, 6))]),
    # A bare stroke; one with a flag and a foot.
    (1, 2.6, 0.16, [line((50, 0), (50, 100))]),
    (1, 2.2, 0.00, [line((30, 22), (52, 2), (52, 98)), line((30, 98), (74, 98))]),
    # A flat-footed two; one with a loop at the bottom left.
    (2, 2.4, 0.00, [bezier((14, 24), (20, -6), (78, -8), (78, 26), (78, 54), (36, 70), (12, 98)),
                    line((12, 98), (86, 98))]),
    (2, 2.0, 0.12, [bezier((18, 16), (34, -6), (76, -4), (74, 26), (72, 58), (46, 84), (26, 92),
                           (6, 100), (4, 74), (24, 76), (46, 78), (58, 104), (90, 88))]),
    # Two round bows; a flat top with an angle.
    (3, 2.8, 0.00, [bezier((16, 14), (36, -8), (80, -4), (76, 24), (74, 44), (54, 48), (40, 48),
                           (60, 46), (84, 54), (82, 74), (80, 104), (32, 108), (12, 86))]),
    (3, 2.0, 0.06, [join(line((18, 2), (76, 2), (42, 40)),
                         bezier((42, 40), (66, 38), (84, 52), (80, 74), (76, 104), (34, 106),
                                (14, 88)))]),
    # An open four; a closed one.
    (4, 2.2, 0.06, [bezier((20, 6), (16, 30), (12, 44), (14, 52), (30, 56), (60, 52), (80, 48)),
                    line((74, 2), (70, 100))]),
    (4, 3.0, 0.00, [line((62, 100), (62, 0), (10, 66), (88, 66))]),
    # A five in two strokes, with corners; a rounder one in one stroke.
    (5, 2.4, 0.00, [join(line((26, 4), (22, 46)),
                         bezier((22, 46), (44, 32), (82, 40), (80, 70), (78, 104), (32, 108),
                                (12, 88))),
                    line((26, 4), (80, 4))]),
    (5, 2.0, 0.18, [join(line((84, 0), (34, 4)),
                         bezier((34, 4), (28, 20), (24, 32), (24, 42), (50, 42), (74, 54), (70, 76),
                                (66, 100), (36, 104), (14, 94)))]),
    # A round-backed six; a straight-backed slanted one with a small loop.
    (6, 2.8, 0.00, [bezier((70, 4), (36, 14), (16, 48), (18, 74), (20, 106), (78, 108), (78, 72),
                           (78, 42), (32, 44), (20, 70))]),
    (6, 2.0, 0.18, [bezier((46, 0), (36, 24), (26, 50), (26, 76), (26, 104), (64, 104), (66, 78),
                           (68, 56), (42, 54), (28, 76))]),
    # A plain seven; a crossed one with a bent stem.
    (7, 2.4, 0.00, [line((14, 4), (82, 4), (40, 100))]),
    (7, 2.0, 0.04, [bezier((12, 14), (14, 4), (16, 4), (24, 5), (50, 8), (66, 6), (84, 2),
                           (62, 34), (48, 66), (46, 100)),
                    line((34, 52), (80, 50))]),
    # Two stacked rings; one stroke that crosses itself.
    (8, 2.6, 0.00, [arc(50, 25, 24, 23, 90, 450), arc(50, 74, 31, 26, -90, 270)]),
    (8, 2.0, 0.14, [bezier((72, 14), (54, -10), (22, 2), (28, 26), (34, 50), (74, 54), (70, 80),
                           (66, 104), (26, 104), (28, 78), (30, 54), (76, 40), (72, 14))]),
    # A nine with a straight stem; one with a curled tail.
    (9, 2.4, 0.06, [join(arc(46, 28, 28, 26, -20, -340), line((74, 20), (70, 100)))]),
    (9, 2.0, 0.00, [join(arc(50, 30, 28, 28, 0, -360),
                         bezier((78, 30), (80, 62), (74, 100), (46, 98), (32, 98), (24, 90),
                                (20, 82)))]),
)


# --- drawing ----------------------------------------------------------------------------------


def fit(strokes, slant, pen):
    """The strokes slanted, then scaled so that the ink's longer side is BOX, about (0, 0)."""
    sheared = [np.stack([s[:, 0] - slant * s[:, 1], s[:, 1]], axis=1) for s in strokes]
    points = np.concatenate(sheared)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = (BOX - pen) / (high - low).max()
    return [(s - (low + high) / 2) * scale for s in sheared]


def distance_to_stroke(x, y, stroke):
    """The distance of each (x, y) from the nearest of the stroke's segments."""
    a, b = stroke[:-1], stroke[1:]
    step = b - a
    length_squared = np.maximum((step ** 2).sum(axis=1), 1e-12)
    to_x, to_y = x[..., None] - a[:, 0], y[..., None] - a[:, 1]
    along = np.clip((to_x * step[:, 0] + to_y * step[:, 1]) / length_squared, 0, 1)
    return np.hypot(to_x - along * step[:, 0], to_y - along * step[:, 1]).min(axis=-1)


def ink(strokes, pen, centre):
    """The picture, 0 to 1, of strokes about `centre`. A pixel's value falls from 1 to 0 over one
    pixel across the pen's edge, which is close to the share of it that the pen covers."""
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(float)
    distance = np.min([distance_to_stroke(x - centre[0], y - centre[1], s) for s in strokes],
                      axis=0)
    return np.clip(pen / 2 + 0.5 - distance, 0, 1)


def draw(pen, slant, strokes):
    """A glyph as uint8 pixels with its centre of mass in the middle of the picture."""
    fitted = fit(strokes, slant, pen)
    middle = np.full(2, (SIZE - 1) / 2)
    picture = ink(fitted, pen, middle)
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    mass = np.array([(x * picture).sum(), (y * picture).sum()]) / picture.sum()
    return np.rint(255 * ink(fitted, pen, 2 * middle - mass)).astype(np.uint8)


def draw_all():
    """(labels, pictures) of all glyphs: uint8[n], uint8[n, 28, 28]."""
    labels = np.array([glyph[0] for glyph in GLYPHS], dtype=np.uint8)
    return labels, np.stack([draw(*glyph[1:]) for glyph in GLYPHS])


# --- output -----------------------------------------------------------------------------------

HEADER = """\
// Twenty sample digits, two of each, in MNIST's size: 28x28 grey pixels, white (255) on black.
// A script draws them from strokes; they are not taken from a data set.
// Generated, do not edit: python3 draw_digits.py --out digits.h

#pragma once

#include <cstdint>

namespace mnist {

struct SampleDigit {
  // 0 to 9.
  std::uint8_t label;
  // Row by row from the top left.
  std::uint8_t pixels[28 * 28];
};

// clang-format off
inline constexpr SampleDigit kSampleDigits[%d] = {
%s
};
// clang-format on

}  // namespace mnist
"""


def cpp_digit(label, picture):
    """One element of the array: a line a row of pixels, so that the digit can be seen."""
    rows = ["     " + " ".join(f"{pixel:3}," for pixel in row) for row in picture]
    return "\n".join([f"    {{{label}, {{", *rows, "    }},"])


def write_header(path, labels, pictures):
    """Writes the C++ header."""
    digits = "\n".join(cpp_digit(*pair) for pair in zip(labels, pictures))
    path.write_text(HEADER % (len(labels), digits), encoding="ascii")


def write_idx(folder, labels, pictures):
    """Writes the digits as MNIST's own file format: 0, 0, type 8, rank, sizes, elements."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in (("images-idx3", pictures), ("labels-idx1", labels)):
        head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
        (folder / f"sample-{name}-ubyte").write_bytes(head + array.tobytes())


def preview(labels, pictures):
    """Prints the digits as text, two characters a pixel."""
    shades = " .:-=+*#%@"
    for label, picture in zip(labels, pictures):
        print(f"--- {label} " + "-" * (2 * SIZE - 6))
        for row in picture:
            print("".join(2 * shades[int(pixel) * len(shades) // 256] for pixel in row).rstrip())


# --- check ------------------------------------------------------------------------------------


def conv(x, weights, bias):
    """Convolution without padding, stride 1. NCHW, OIHW."""
    windows = np.lib.stride_tricks.sliding_window_view(x, weights.shape[2:], axis=(2, 3))
    return np.einsum("nchwij,ocij->nohw", windows, weights, optimize=True) + bias[:, None, None]


def max_pool(x):
    """The largest of each 2x2, stride 2. NCHW."""
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2).max(axis=(3, 5))


def softmax(x):
    """Along the last axis."""
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# What train.py exports, and no more: every attribute is the one that train.py's layers have.
OPERATORS = {
    "Conv": conv,
    "Relu": lambda x: np.maximum(x, 0),
    "MaxPool": max_pool,
    "Flatten": lambda x: x.reshape(len(x), -1),
    "Gemm": lambda x, weights, bias: x @ weights.T + bias,
    "Softmax": softmax,
}


def probabilities(model_path, pictures):
    """Runs train.py's ONNX file on uint8 pictures in numpy."""
    try:
        import onnx
        from onnx import numpy_helper
    except ImportError:
        sys.exit("draw_digits.py: --check needs the onnx package (Debian: python3-onnx)")
    graph = onnx.load(str(model_path)).graph
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    values[graph.input[0].name] = pictures[:, None].astype(np.float32) / np.float32(255)
    for node in graph.node:
        values[node.output[0]] = OPERATORS[node.op_type](*(values[name] for name in node.input))
    return values[graph.output[0].name]


def check(model_path, labels, pictures, least=0.8):
    """Prints what the float model thinks of each digit; whether all are right and sure enough."""
    results = probabilities(model_path, pictures)
    good = 0
    for index, (label, result) in enumerate(zip(labels, results)):
        first, second = np.argsort(result)[::-1][:2]
        passed = first == label and result[first] >= least
        good += passed
        print(f"{index:2}: a {label} is seen as {first} ({result[first]:.3f}), then {second} "
              f"({result[second]:.3f}){'' if passed else '  <-- not good enough'}")
    print(f"{good} of {len(labels)} right with a probability of at least {least}")
    return good == len(labels)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", metavar="FILE", type=Path, help="write a C++ header")
    parser.add_argument("--idx", metavar="DIR", type=Path, help="write two IDX files")
    parser.add_argument("--preview", action="store_true", help="print the digits as text")
    parser.add_argument("--check", metavar="ONNX", type=Path,
                        help="run train.py's network on the digits; fails if one is not recognised")
    arguments = parser.parse_args()
    if not any(vars(arguments).values()):
        parser.error("nothing to do: give --out, --idx, --preview or --check")
    return arguments


def main():
    arguments = parse_arguments()
    labels, pictures = draw_all()
    if arguments.out:
        write_header(arguments.out, labels, pictures)
    if arguments.idx:
        write_idx(arguments.idx, labels, pictures)
    if arguments.preview:
        preview(labels, pictures)
    if arguments.check and not arguments.check.is_file():
        sys.exit(f"draw_digits.py: {arguments.check}: no such file (train.py makes it)")
    if arguments.check and not check(arguments.check, labels, pictures):
        sys.exit(1)


if __name__ == "__main__":
    main()
