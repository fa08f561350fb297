"""Writes a network that was trained with fake quantization as QDQ ONNX.

torch.onnx.export (1.13) refuses what is trained here: it takes 8-bit ranges only, and writes
weights as floats with a QuantizeLinear. Here weights are int8 tensors with a DequantizeLinear, and
every activation that was rounded in training passes through QuantizeLinear and DequantizeLinear
with its scale and zero point. Whoever reads the file computes with the very same integers.
"""

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from torch.nn import intrinsic

from weights import integers_of

OPSET = 13  # The first in which DequantizeLinear has a scale per channel.


def folded(layer):
    """(weights before rounding, bias) of a layer whose batch norm is folded into it, as its forward
    pass does: w' = w * gamma / sqrt(variance + epsilon), b' = beta - mean * gamma / sqrt(...)."""
    if not hasattr(layer, "bn"):
        return layer.weight, layer.bias
    factor = layer.bn.weight / torch.sqrt(layer.bn.running_var + layer.bn.eps)
    bias = layer.bn.bias - layer.bn.running_mean * factor
    return layer.weight * factor.view(-1, 1, 1, 1), bias


class Writer:
    """One ONNX graph, node by node; `value` is the name of the tensor written last."""

    def __init__(self, name):
        self.value = name
        self.nodes, self.constants = [], []

    def constant(self, name, array):
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def node(self, kind, inputs, output, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        self.value = output

    def quantize(self, fake_quantize):
        """QuantizeLinear and DequantizeLinear of the activation written last, to uint8."""
        name = self.value
        grid = [self.constant(f"{name}/scale", np.float32(fake_quantize.scale.item())),
                self.constant(f"{name}/zero_point", np.uint8(fake_quantize.zero_point.item()))]
        self.node("QuantizeLinear", [name, *grid], f"{name}/quantized")
        self.node("DequantizeLinear", [self.value, *grid], f"{name}/dequantized")

    def layer(self, name, layer):
        """A convolution or fully connected layer, its ReLU, and its output's quantization."""
        inputs = [self.value]
        weight, bias = (tensor.detach() for tensor in folded(layer))
        integers, scale = integers_of(layer.weight_fake_quant, weight)
        grid = [self.constant(f"{name}/weights_scale", scale.detach().float().numpy()),
                self.constant(f"{name}/weights_zero_point", np.zeros(len(scale), np.int8))]
        stored = self.constant(f"{name}/weights_quantized", integers.numpy())
        self.node("DequantizeLinear", [stored, *grid], f"{name}/weights", axis=0)
        inputs += [self.value, self.constant(f"{name}/bias", bias.numpy())]
        if isinstance(layer, nn.Conv2d):
            pads = [*layer.padding, *layer.padding]
            self.node("Conv", inputs, name, strides=layer.stride, pads=pads, group=layer.groups,
                      kernel_shape=layer.kernel_size)
        else:
            self.node("Gemm", inputs, name, transB=1)
        if isinstance(layer, intrinsic.qat.ConvBnReLU2d):
            self.node("Relu", [self.value], f"{name}/relu")
        self.quantize(layer.activation_post_process)


def write_qdq(network, shape, path):
    """`network`: a trained module whose children run one after the other, prepared by
    torch.ao.quantization.prepare_qat; `shape`: of its input, NCHW."""
    writer = Writer("image")
    for name, module in network.named_children():
        if isinstance(module, torch.ao.quantization.QuantStub):
            writer.quantize(module.activation_post_process)
        elif hasattr(module, "weight_fake_quant"):
            writer.layer(name, module)
        elif isinstance(module, nn.MaxPool2d):
            size = [module.kernel_size] * 2
            writer.node("MaxPool", [writer.value], name, kernel_shape=size, strides=size)
        elif isinstance(module, nn.Flatten):
            writer.node("Flatten", [writer.value], name, axis=1)
        elif not isinstance(module, nn.Identity):  # what fusing leaves of a batch norm or a ReLU
            raise TypeError(f"{name}: no ONNX is written for {type(module).__name__}")
    classes = list(network.children())[-1].out_features
    graph = helper.make_graph(
        writer.nodes, "quaver",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(writer.value, TensorProto.FLOAT, [shape[0], classes])],
        writer.constants)
    model = helper.make_model(graph, producer_name="quaver examples/qat",
                              opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = 7  # of opset 13
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString())
