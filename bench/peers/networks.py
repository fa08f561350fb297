#!/usr/bin/env python3
"""The benchmark networks as ONNX in QDQ form, for runtimes that do not read .tflite.

The same layers, shapes and fused activations as the TensorFlow Lite models of the same names, with
random weights: integer kernels take the same time for any values. Activations are uint8 per tensor,
weights int8 per output channel: the form that ONNX Runtime's x86 kernels are fastest with
(--signed makes the activations int8).

    networks.py OUT_DIR [--signed]
"""
import argparse
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Network:
    """Builds one QDQ graph, layer after layer; `x` names are quantized activations (NCHW)."""

    def __init__(self, name, shape, signed):
        self.name = name
        self.nodes = []
        self.constants = []
        self.random = np.random.default_rng(1)
        self.code_type = np.int8 if signed else np.uint8
        self.lowest = -128 if signed else 0
        self.count = 0
        self.shapes = {"input": shape}
        onnx_type = TensorProto.INT8 if signed else TensorProto.UINT8
        self.inputs = [helper.make_tensor_value_info("input", onnx_type, shape)]
        self.scales = {"input": self.scale(0.02)}

    def constant(self, values):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(values, name))
        return name

    def scale(self, value):
        """Names of a scale and of the zero point that makes ReLU vanish into the clamp."""
        return (
            self.constant(np.array(value, np.float32)),
            self.constant(np.array(self.lowest, self.code_type)),
        )

    def node(self, kind, inputs, **attributes):
        self.count += 1
        output = f"t{self.count}"
        self.nodes.append(helper.make_node(kind, inputs, [output], f"n{self.count}", **attributes))
        return output

    def dequantize(self, x):
        return self.node("DequantizeLinear", [x, *self.scales[x]])

    def quantize(self, real, shape, scale=0.05):
        names = self.scale(scale)
        x = self.node("QuantizeLinear", [real, *names])
        self.scales[x], self.shapes[x] = names, shape
        return x

    def weights(self, shape, axis=0):
        channels = shape[axis]
        codes = self.random.integers(-127, 128, shape).astype(np.int8)
        scale = np.full(channels, 0.05 / np.sqrt(np.prod(shape) / channels), np.float32)
        names = [self.constant(v) for v in (codes, scale, np.zeros(channels, np.int8))]
        return self.node("DequantizeLinear", names, axis=axis)

    def bias(self, channels):
        return self.constant(self.random.normal(0, 0.1, channels).astype(np.float32))

    def activate(self, real, activation):
        if activation == "relu":
            return self.node("Relu", [real])
        if activation == "relu6":
            limits = [self.constant(np.array(v, np.float32)) for v in (0, 6)]
            return self.node("Clip", [real, *limits])
        return real

    def conv(self, x, channels, kernel, stride=1, groups=1, activation="relu", same=True):
        _, c, h, w = self.shapes[x]
        kh, kw = kernel
        sh, sw = (stride, stride) if isinstance(stride, int) else stride
        oh, ow = (-(-h // sh), -(-w // sw)) if same else ((h - kh) // sh + 1, (w - kw) // sw + 1)
        ph, pw = max(0, (oh - 1) * sh + kh - h), max(0, (ow - 1) * sw + kw - w)
        real = self.node(
            "Conv",
            [self.dequantize(x), self.weights((channels, c // groups, kh, kw)), self.bias(channels)],
            kernel_shape=[kh, kw], strides=[sh, sw], group=groups,
            pads=[ph // 2, pw // 2, ph - ph // 2, pw - pw // 2],
        )
        # ReLU6 over the whole code range, so that it costs nothing, as in the original models.
        scale = 6 / 255 if activation == "relu6" else 0.05
        return self.quantize(self.activate(real, activation), (1, channels, oh, ow), scale)

    def depthwise(self, x, kernel, stride=1, activation="relu", same=True):
        channels = self.shapes[x][1]
        return self.conv(x, channels, kernel, stride, channels, activation, same)

    def dense(self, x, channels, activation="none"):
        depth = self.shapes[x][-1]
        real = self.node(
            "Gemm", [self.dequantize(x), self.weights((channels, depth)), self.bias(channels)],
            transB=1)
        return self.quantize(self.activate(real, activation), (1, channels))

    def add(self, a, b, activation="none"):
        real = self.node("Add", [self.dequantize(a), self.dequantize(b)])
        return self.quantize(self.activate(real, activation), self.shapes[a])

    def max_pool(self, x, size):
        _, c, h, w = self.shapes[x]
        real = self.node("MaxPool", [self.dequantize(x)], kernel_shape=[size, size],
                         strides=[size, size])
        return self.quantize(real, (1, c, h // size, w // size))

    def global_average(self, x):
        channels = self.shapes[x][1]
        real = self.node("GlobalAveragePool", [self.dequantize(x)])
        pooled = self.quantize(real, (1, channels, 1, 1))
        return self.flatten(pooled)

    def flatten(self, x):
        size = int(np.prod(self.shapes[x]))
        real = self.node("Flatten", [self.dequantize(x)])
        return self.quantize(real, (1, size))

    def softmax(self, x):
        real = self.node("Softmax", [self.dequantize(x)], axis=1)
        return self.quantize(real, self.shapes[x], 1 / 256)

    def save(self, x, directory):
        onnx_type = self.inputs[0].type.tensor_type.elem_type
        output = helper.make_tensor_value_info(x, onnx_type, self.shapes[x])
        graph = helper.make_graph(self.nodes, self.name, self.inputs, [output], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
        model.ir_version = 7
        onnx.checker.check_model(model)
        onnx.save(model, str(directory / f"{self.name}.onnx"))


def resnet8(net):
    x = net.conv("input", 16, (3, 3))
    for channels, stride in ((16, 1), (32, 2), (64, 2)):
        y = net.conv(x, channels, (3, 3), stride)
        y = net.conv(y, channels, (3, 3), activation="none")
        if stride != 1:
            x = net.conv(x, channels, (1, 1), stride, activation="none")
        x = net.add(x, y, "relu")
    return net.softmax(net.dense(net.global_average(x), 10))


def ds_cnn(net):
    x = net.conv("input", 64, (10, 4), 2)
    for _ in range(4):
        x = net.conv(net.depthwise(x, (3, 3)), 64, (1, 1))
    return net.softmax(net.dense(net.global_average(x), 12))


def mobilenet_v1(net, activation):
    # With one input channel this convolution is the depthwise one of multiplier 8 that
    # person_detect begins with.
    x = net.conv("input", 8, (3, 3), 2, activation=activation)
    plan = ((16, 1), (32, 2), (32, 1), (64, 2), (64, 1), (128, 2), (128, 1), (128, 1), (128, 1),
            (128, 1), (128, 1), (256, 2), (256, 1))
    for channels, stride in plan:
        x = net.depthwise(x, (3, 3), stride, activation)
        x = net.conv(x, channels, (1, 1), activation=activation)
    return net.softmax(net.dense(net.global_average(x), 2))


def autoencoder(net):
    x = "input"
    for channels in (128, 128, 128, 128, 8, 128, 128, 128, 128):
        x = net.dense(x, channels, "relu")
    return net.dense(x, 640)


def mobilenet_v2(net):
    x = net.conv("input", 32, (3, 3), 2, activation="relu6")
    plan = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
            (6, 160, 3, 2), (6, 320, 1, 1))
    for expansion, channels, repeat, first_stride in plan:
        for i in range(repeat):
            stride = first_stride if i == 0 else 1
            inside = net.shapes[x][1] * expansion
            y = x if expansion == 1 else net.conv(x, inside, (1, 1), activation="relu6")
            y = net.depthwise(y, (3, 3), stride, "relu6")
            y = net.conv(y, channels, (1, 1), activation="none")
            x = net.add(x, y) if net.shapes[x] == net.shapes[y] else y
    x = net.conv(x, 1280, (1, 1), activation="relu6")
    return net.softmax(net.dense(net.global_average(x), 1001))


def lenet(net):
    x = net.max_pool(net.conv("input", 8, (5, 5), same=False), 2)
    x = net.max_pool(net.conv(x, 16, (5, 5), same=False), 2)
    return net.softmax(net.dense(net.dense(net.flatten(x), 128, "relu"), 10))


NETWORKS = {
    "pretrainedResnet_quant": ((1, 3, 32, 32), resnet8),
    "kws_ref_model": ((1, 1, 49, 10), ds_cnn),
    "vww_96_int8": ((1, 3, 96, 96), lambda net: mobilenet_v1(net, "relu")),
    "ad01_int8": ((1, 640), autoencoder),
    "person_detect": ((1, 1, 96, 96), lambda net: mobilenet_v1(net, "relu6")),
    "tf2_mobilenet_v2_1.0_224_ptq": ((1, 3, 224, 224), mobilenet_v2),
    "mnist": ((1, 1, 28, 28), lenet),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--signed", action="store_true", help="int8 activations")
    arguments = parser.parse_args()
    arguments.directory.mkdir(parents=True, exist_ok=True)
    for name, (shape, build) in NETWORKS.items():
        net = Network(name, shape, arguments.signed)
        net.save(build(net), arguments.directory)


if __name__ == "__main__":
    main()
