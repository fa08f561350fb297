"""Fake quantizers of weights for quantization-aware training, from 8 bits to one.

A fake quantizer rounds weights to what few bits can hold and stays in float. Rounding has no useful
gradient, so training pretends that it is the identity (straight-through estimator: Bengio et al.,
Estimating or propagating gradients through stochastic neurons, 2013). All have one scale per
output channel.
"""

import torch
from torch import nn
from torch.ao.quantization import FakeQuantize, MovingAveragePerChannelMinMaxObserver


def uniform(bits):
    """torch.ao's: scale = max |w| / (2^(bits - 1) - 1), integers symmetric about 0."""
    limit = 2 ** (bits - 1) - 1
    # An averaging constant of 1: the range is that of the weights as they are now.
    return FakeQuantize.with_args(
        observer=MovingAveragePerChannelMinMaxObserver, averaging_constant=1.0,
        quant_min=-limit, quant_max=limit, dtype=torch.qint8,
        qscheme=torch.per_channel_symmetric, ch_axis=0)


class FewLevels(nn.Module):
    """Base of the fake quantizers that torch.ao does not have: scale x integers."""

    def __init__(self, factory_kwargs=None):  # torch.ao passes it
        super().__init__()

    def levels(self, weight):
        """(integers, scale per output channel) of `weight`, which has a row per channel."""
        raise NotImplementedError

    def forward(self, weight):
        rows = weight.flatten(1)
        integers, scale = self.levels(rows)
        rounded = (integers * scale.unsqueeze(1)).view_as(weight)
        return weight + (rounded - weight).detach()


class Ternary(FewLevels):
    """{-1, 0, 1} x scale: 0 where |w| < 0.7 mean |w|, else the sign; the scale is the mean of the
    |w| that are left (Li et al., Ternary weight networks, 2016)."""

    def levels(self, weight):
        size = weight.abs()
        kept = (size > 0.7 * size.mean(1, keepdim=True)).to(weight.dtype)
        scale = (size * kept).sum(1) / kept.sum(1).clamp(min=1)
        return weight.sign() * kept, scale


class Binary(FewLevels):
    """{-1, 1} x mean |w| (Rastegari et al., XNOR-Net, 2016)."""

    def levels(self, weight):
        return torch.where(weight < 0, -1.0, 1.0), weight.abs().mean(1)


def integers_of(quantizer, weight):
    """What a fake quantizer makes of `weight`: (int8 integers of its shape, scale per channel)."""
    with torch.no_grad():
        if isinstance(quantizer, FewLevels):
            integers, scale = quantizer.levels(weight.flatten(1))
            return integers.view_as(weight).to(torch.int8), scale
        scale = quantizer.scale
        shape = [-1] + [1] * (weight.dim() - 1)
        # As torch.fake_quantize_per_channel_affine: a product with the reciprocal, half to even.
        integers = torch.round(weight * (1 / scale).view(shape))
        return integers.clamp(quantizer.quant_min, quantizer.quant_max).to(torch.int8), scale
