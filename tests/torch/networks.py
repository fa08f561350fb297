"""Small networks of many styles, for export_models.py."""

import torch
from torch import nn
from torch.ao import quantization
from torch.ao.quantization.quantize_fx import prepare_qat_fx
from torch.nn import functional as F
from torch.nn.quantized import FloatFunctional

OPSETS = (11, 13, 16)
NETWORKS = {}  # name: (module, input shape, options of torch.onnx.export)


def network(shape, opsets=OPSETS, **options):
    """Registers a function that makes a network of inputs [1, *shape]."""
    def register(make):
        NETWORKS[make.__name__] = (make, shape, opsets, options)
        return make
    return register


def conv_bn(inputs, outputs, kernel=3, activation=nn.ReLU, **options):
    padding = options.pop("padding", (kernel - 1) // 2)
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, padding=padding, bias=False, **options),
                         nn.BatchNorm2d(outputs), activation())


class InvertedResidual(nn.Module):
    def __init__(self, inputs, outputs, stride, expand, activation=nn.ReLU6, squeeze=None):
        super().__init__()
        hidden = inputs * expand
        layers = [conv_bn(inputs, hidden, 1, activation)] if expand > 1 else []
        layers.append(conv_bn(hidden, hidden, 3, activation, stride=stride, groups=hidden))
        if squeeze:
            layers.append(squeeze(hidden))
        layers += [nn.Conv2d(hidden, outputs, 1, bias=False), nn.BatchNorm2d(outputs)]
        self.conv = nn.Sequential(*layers)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.conv(x) if self.residual else self.conv(x)


class SqueezeExcite(nn.Module):
    """x times a gate per channel, as in MobileNetV3 and EfficientNet."""

    def __init__(self, channels, gate=nn.Hardsigmoid, linear=False):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.linear = linear
        layer = nn.Linear if linear else (lambda a, b: nn.Conv2d(a, b, 1))
        self.reduce, self.expand = layer(channels, channels // 4), layer(channels // 4, channels)
        self.gate = gate()

    def forward(self, x):
        y = self.pool(x)
        if self.linear:  # SENet's: flattened with the sizes of x
            b, c, _, _ = x.size()
            y = self.gate(self.expand(F.relu(self.reduce(y.view(b, c)))))
            return x * y.view(b, c, 1, 1).expand_as(x)
        return x * self.gate(self.expand(F.relu(self.reduce(y))))


class Lambda(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *x):
        return self.function(*x)


class Head(nn.Module):
    def __init__(self, channels, classes=10):
        super().__init__()
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(channels, classes))

    def forward(self, x):
        x = F.adaptive_avg_pool2d(x, (1, 1))
        return self.classifier(torch.flatten(x, 1))


@network((3, 32, 32), (11, 13, 17))
def mobilenet_v2():
    return nn.Sequential(conv_bn(3, 16, stride=2, activation=nn.ReLU6),
                         InvertedResidual(16, 8, 1, 1), InvertedResidual(8, 12, 2, 6),
                         InvertedResidual(12, 12, 1, 6), conv_bn(12, 64, 1, nn.ReLU6), Head(64))


@network((3, 32, 32), dynamic_axes={"image": {0: "batch"}})
def mobilenet_v2_dynamic_batch():
    return mobilenet_v2()


@network((3, 32, 32), training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)
def mobilenet_v2_batch_norms_left():
    return mobilenet_v2()


@network((3, 32, 32), (11, 13, 16, 17))
def mobilenet_v3():
    def squeeze(channels):
        return SqueezeExcite(channels)
    return nn.Sequential(conv_bn(3, 16, stride=2, activation=nn.Hardswish),
                         InvertedResidual(16, 16, 2, 1, nn.ReLU, squeeze),
                         InvertedResidual(16, 16, 1, 4, nn.Hardswish, squeeze),
                         nn.AdaptiveAvgPool2d(1), nn.Flatten(1), nn.Linear(16, 32), nn.Hardswish(),
                         nn.Linear(32, 10))


@network((3, 32, 32))
def efficientnet():
    def squeeze(channels):
        return SqueezeExcite(channels, nn.Sigmoid)
    return nn.Sequential(conv_bn(3, 16, stride=2, activation=nn.SiLU),
                         InvertedResidual(16, 16, 1, 4, nn.SiLU, squeeze),
                         InvertedResidual(16, 24, 2, 4, nn.SiLU, squeeze), Head(24))


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride, squeeze=None):
        super().__init__()
        self.conv1 = conv_bn(inputs, outputs, stride=stride)
        self.conv2 = nn.Sequential(nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
                                   nn.BatchNorm2d(outputs))
        self.squeeze = squeeze or nn.Identity()
        self.downsample = None if stride == 1 and inputs == outputs else nn.Sequential(
            nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        return F.relu(self.squeeze(self.conv2(self.conv1(x))) + shortcut)


class ResNet(nn.Module):
    def __init__(self, squeeze=None):
        super().__init__()
        self.stem = nn.Sequential(conv_bn(3, 16, 7, stride=2), nn.MaxPool2d(3, 2, 1))
        self.blocks = nn.Sequential(BasicBlock(16, 16, 1, squeeze and squeeze(16)),
                                    BasicBlock(16, 32, 2, squeeze and squeeze(32)))
        self.pool, self.full = nn.AvgPool2d(4), nn.Linear(32, 10)

    def forward(self, x):
        x = self.pool(self.blocks(self.stem(x)))
        return F.softmax(self.full(x.view(x.size(0), -1)), dim=1)


@network((3, 32, 32), (11, 13, 17))
def resnet():
    return ResNet()


@network((3, 32, 32), dynamic_axes={"image": {0: "batch"}})
def se_resnet_dynamic_batch():
    return ResNet(lambda channels: SqueezeExcite(channels, nn.Sigmoid, linear=True))


class UNet(nn.Module):
    def __init__(self, up):
        super().__init__()
        self.down1, self.down2 = conv_bn(3, 8), conv_bn(8, 16)
        self.up, self.out = up, nn.Sequential(conv_bn(24, 8), nn.Conv2d(8, 2, 1))

    def forward(self, x):
        a = self.down1(x)
        b = self.down2(F.max_pool2d(a, 2))
        return torch.sigmoid(self.out(torch.cat([a, self.up(b)], dim=1)))


@network((3, 16, 24))
def unet_transposed():
    return UNet(nn.ConvTranspose2d(16, 16, 2, stride=2))


@network((3, 16, 24))
def unet_nearest():
    return UNet(nn.Upsample(scale_factor=2, mode="nearest"))


@network((3, 16, 24))
def unet_bilinear():
    return UNet(nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False))


@network((3, 16, 24))
def unet_bilinear_corners():
    return UNet(nn.UpsamplingBilinear2d(scale_factor=2))


@network((3, 16, 24), dynamic_axes={"image": {0: "batch"}})
def resize_to_the_size_of_another():
    class Resized(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem, self.deep = conv_bn(3, 8), conv_bn(8, 8, stride=2)

        def forward(self, x):
            a = self.stem(x)
            b = F.interpolate(self.deep(a), size=a.shape[2:], mode="bilinear",
                              align_corners=False)
            return F.interpolate(a + b, size=(x.shape[2] * 2, x.shape[3] * 2), mode="nearest")
    return Resized()


@network((1, 12, 12))
def super_resolution():
    return nn.Sequential(nn.Conv2d(1, 16, 5, padding=2), nn.Tanh(), nn.Conv2d(16, 16, 3, padding=1),
                         nn.PReLU(16), nn.Conv2d(16, 9, 3, padding=1), nn.PixelShuffle(3))


@network((3, 16, 16))
def pixel_unshuffle():
    return nn.Sequential(nn.PixelUnshuffle(2), nn.Conv2d(12, 8, 3), nn.LeakyReLU(0.1),
                         nn.Conv2d(8, 4, 3, padding=1, padding_mode="reflect"))


@network((3, 16, 16))
def gelu_mixer():
    return nn.Sequential(nn.Conv2d(3, 24, 4, 4), nn.GELU(), nn.BatchNorm2d(24),
                         nn.Conv2d(24, 24, 3, groups=24, padding=1), nn.GELU(), nn.BatchNorm2d(24),
                         nn.Conv2d(24, 24, 1), nn.GELU(), nn.BatchNorm2d(24), Head(24))


@network((3, 16, 16))
def tokens():
    """Patches as a sequence of vectors, two dense layers on each; attention's mean instead of it."""
    class Tokens(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Conv2d(3, 16, 4, 4)
            self.position = nn.Parameter(torch.randn(1, 16, 16) * 0.1)
            self.up, self.down, self.out = nn.Linear(16, 32), nn.Linear(32, 16), nn.Linear(16, 5)

        def forward(self, x):
            x = self.embed(x).flatten(2).transpose(1, 2) + self.position
            x = x + self.down(F.gelu(self.up(x)))
            return self.out(x.mean(1))
    return Tokens()


class ShuffleUnit(nn.Module):
    def __init__(self, channels):
        super().__init__()
        half = channels // 2
        self.branch = nn.Sequential(conv_bn(half, half, 1),
                                    nn.Conv2d(half, half, 3, padding=1, groups=half, bias=False),
                                    nn.BatchNorm2d(half), conv_bn(half, half, 1))

    def forward(self, x):
        a, b = x.chunk(2, dim=1)
        x = torch.cat((a, self.branch(b)), dim=1)
        n, c, h, w = x.size()
        x = x.view(n, 2, c // 2, h, w)
        return torch.transpose(x, 1, 2).contiguous().view(n, -1, h, w)


@network((3, 16, 16))
def shufflenet():
    return nn.Sequential(conv_bn(3, 16, stride=2), ShuffleUnit(16), ShuffleUnit(16), Head(16))


@network((3, 16, 16), (13,), dynamic_axes={"image": {0: "batch"}})
def shufflenet_dynamic_batch():
    return shufflenet()


@network((3, 16, 16))
def densenet():
    class Dense(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem = nn.Conv2d(3, 8, 3, padding=1)
            self.norms = nn.ModuleList(nn.BatchNorm2d(8 + 4 * i) for i in range(3))
            self.convs = nn.ModuleList(nn.Conv2d(8 + 4 * i, 4, 3, padding=1) for i in range(3))

        def forward(self, x):
            features = [self.stem(x)]
            for norm, conv in zip(self.norms, self.convs):
                features.append(conv(F.relu(norm(torch.cat(features, 1)))))
            return F.avg_pool2d(torch.cat(features, 1), 2, ceil_mode=True)
    return Dense()


@network((1, 128))
def keyword_sequence():
    def block(inputs, outputs):
        return nn.Sequential(nn.Conv1d(inputs, outputs, 5, padding=2), nn.BatchNorm1d(outputs),
                             nn.ReLU(), nn.MaxPool1d(2))
    return nn.Sequential(block(1, 8), block(8, 16), nn.AdaptiveAvgPool1d(1), nn.Flatten(),
                         nn.Linear(16, 6), nn.BatchNorm1d(6))


class Detector(nn.Module):
    """YOLO's focus, pyramid pooling and head."""

    def __init__(self):
        super().__init__()
        self.focus = conv_bn(12, 16, activation=nn.LeakyReLU)
        self.spp = conv_bn(64, 16, 1, nn.LeakyReLU)
        self.small, self.large = nn.Conv2d(16, 3 * 7, 1), nn.Conv2d(16, 3 * 7, 3, 2, 1)

    def head(self, x):
        batch, _, h, w = x.shape
        return x.view(batch, 3, 7, h, w).permute(0, 1, 3, 4, 2).contiguous().sigmoid()

    def forward(self, x):
        x = self.focus(torch.cat([x[..., ::2, ::2], x[..., 1::2, ::2], x[..., ::2, 1::2],
                                  x[..., 1::2, 1::2]], 1))
        pools = [F.max_pool2d(x, k, stride=1, padding=k // 2) for k in (3, 5, 7)]
        x = self.spp(torch.cat([x, *pools], 1))
        small, large = self.head(self.small(x)), self.head(self.large(x))
        return torch.cat([small.view(x.size(0), -1, 7), large.view(x.size(0), -1, 7)], 1)


@network((3, 16, 16))
def detector():
    return Detector()


class Normalized(nn.Module):
    """Normalizes its input itself, with a mean and deviation per channel."""

    def __init__(self, body):
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))
        self.body = body

    def forward(self, x):
        return self.body((x - self.mean) / self.std)


@network((3, 16, 16))
def normalizes_its_input():
    return Normalized(nn.Sequential(conv_bn(3, 8), Head(8)))


@network((3, 16, 16))
def channel_and_spatial_attention():
    class Cbam(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem, self.conv = conv_bn(3, 16), nn.Conv2d(2, 1, 7, padding=3)
            self.mlp = nn.Sequential(nn.Conv2d(16, 4, 1), nn.ReLU(), nn.Conv2d(4, 16, 1))

        def forward(self, x):
            x = self.stem(x)
            x = x * torch.sigmoid(self.mlp(F.adaptive_avg_pool2d(x, 1)) +
                                  self.mlp(F.adaptive_max_pool2d(x, 1)))
            planes = torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], 1)
            return x * torch.sigmoid(self.conv(planes))
    return Cbam()


@network((8, 8, 8), (13, 16))  # CELU: from 12 on
def activations():
    class Activations(nn.Module):
        def __init__(self):
            super().__init__()
            self.convs = nn.ModuleList(nn.Conv2d(8, 8, 1) for _ in range(14))

        def forward(self, x):
            kinds = (F.elu, F.softplus, F.mish, F.hardtanh, lambda v: v.clamp(-0.5, 2.0), F.selu,
                     lambda v: F.celu(v, 1.3), F.silu, F.hardsigmoid, F.leaky_relu,
                     lambda v: F.gelu(v), lambda v: v.abs().sqrt(),
                     lambda v: F.gelu(v, approximate="tanh"), lambda v: v ** 3)
            for conv, kind in zip(self.convs, kinds):
                x = kind(conv(x))
            return x
    return Activations()


@network((4, 12, 12))
def paddings_and_slices():
    class Paddings(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(4, 8, 3)

        def forward(self, x):
            x = self.conv(F.pad(x, (1, 2, 0, 1)))
            x = F.pad(x, (1, 1, 2, 1), mode="reflect")
            a, b = torch.split(x, [3, 5], dim=1)
            x = torch.cat([b[:, 1:, 1:-1, ::2], a[:, :, 1:-1, ::2]], 1)
            parts = x.unbind(2)
            return torch.stack([parts[0], parts[3]], dim=1).flatten(1)
    return Paddings()


@network((6, 7, 7))
def reductions():
    class Reductions(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.full = nn.Conv2d(6, 12, 3, padding=1), nn.Linear(12, 4)

        def forward(self, x):
            x = F.relu(self.conv(x))
            y = x.mean([2, 3]) + F.avg_pool2d(x, x.size()[2:]).squeeze(-1).squeeze(-1)
            z = x.reshape(x.shape[0], x.shape[1], -1)
            return self.full(y + z.max(-1)[0] + z.sum(2) * 0.01)
    return Reductions()


@network((3, 15, 15))
def pools():
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.MaxPool2d(3, 2, 1, ceil_mode=True),
                         nn.AvgPool2d(3, 2, 1, count_include_pad=False),
                         nn.AvgPool2d(2, 1, 1), nn.AdaptiveMaxPool2d(1), nn.Flatten())


@network((3, 14, 14))
def adaptive_pool_of_several():
    return nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.AdaptiveAvgPool2d((7, 7)), nn.Flatten(),
                         nn.Linear(392, 5))


@network((4, 9, 9))
def groups_and_dilations():
    return nn.Sequential(nn.Conv2d(4, 16, 3, groups=2, padding=2, dilation=2), nn.ReLU(),
                         nn.Conv2d(16, 32, 3, groups=16), nn.ReLU(),
                         nn.ConvTranspose2d(32, 16, 3, 2, 1, 1, groups=4), nn.BatchNorm2d(16),
                         nn.ReLU(), nn.ConvTranspose2d(16, 16, 4, 2, 1, groups=16),
                         nn.Conv2d(16, 4, (1, 5), (2, 1), (0, 2)))


@network((3, 12, 12))
def weight_normalized():
    return nn.Sequential(nn.utils.weight_norm(nn.Conv2d(3, 8, 3)), nn.ReLU(),
                         nn.utils.spectral_norm(nn.Conv2d(8, 4, 3)))


@network((3, 12, 12))
def scaled_layers():
    class Scaled(nn.Module):
        """ConvNeXt's and ReZero's learned factors."""

        def __init__(self):
            super().__init__()
            self.stem, self.block = nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3, padding=1)
            self.gamma = nn.Parameter(torch.rand(8, 1, 1))
            self.alpha = nn.Parameter(torch.tensor(0.3))

        def forward(self, x):
            x = self.stem(x)
            x = x + self.gamma * F.relu(self.block(x))
            return 2.0 - self.alpha * x / 4
    return Scaled()


@network((3, 12, 12))
def segmentation_softmax():
    return nn.Sequential(conv_bn(3, 8), nn.Conv2d(8, 5, 1), nn.Softmax(dim=1))


@network((3, 12, 12))
def segmentation_classes():
    return nn.Sequential(conv_bn(3, 8), nn.Conv2d(8, 5, 1),
                         Lambda(lambda x: x.argmax(1).float()))


@network((3, 10, 10))
def expanded_and_stacked():
    class Expanded(nn.Module):
        """Coordinates' and context's channels beside those of the image."""

        def __init__(self):
            super().__init__()
            self.stem, self.out = nn.Conv2d(3, 6, 3, padding=1), nn.Conv2d(13, 4, 1)

        def forward(self, x):
            x = self.stem(x)
            context = F.adaptive_avg_pool2d(x, 1).expand(-1, -1, x.size(2), x.size(3))
            mask = torch.sigmoid(x.mean(1, keepdim=True))
            return self.out(torch.cat([x * mask.expand_as(x), context, mask], 1))
    return Expanded()


class Fused(nn.Module):
    """Written for torch.ao's eager mode: stubs, and modules for additions and concatenations."""

    def __init__(self):
        super().__init__()
        self.quant, self.dequant = quantization.QuantStub(), quantization.DeQuantStub()
        self.conv1, self.norm1, self.relu1 = nn.Conv2d(3, 16, 3, 2, 1), nn.BatchNorm2d(16), nn.ReLU()
        self.conv2 = nn.Conv2d(16, 16, 3, padding=1, groups=16, bias=False)
        self.norm2, self.pool = nn.BatchNorm2d(16), nn.MaxPool2d(2)
        self.add, self.cat = FloatFunctional(), FloatFunctional()
        self.swish, self.up = nn.Hardswish(), nn.Upsample(scale_factor=2, mode="nearest")
        self.average, self.full = nn.AdaptiveAvgPool2d(1), nn.Linear(32, 10)

    def forward(self, x):
        a = self.relu1(self.norm1(self.conv1(self.quant(x))))
        b = self.add.add(a, self.norm2(self.conv2(a)))
        x = self.cat.cat([a, self.up(self.swish(self.pool(b)))], dim=1)
        return self.dequant(self.full(torch.flatten(self.average(x), 1)))


def fake_quantized(**activation):
    """Fused with fake quantization of weights per channel, activations as told."""
    module = quantization.fuse_modules_qat(
        Fused().train(), [["conv1", "norm1", "relu1"], ["conv2", "norm2"]])
    module.qconfig = quantization.QConfig(
        activation=quantization.FakeQuantize.with_args(
            observer=quantization.MovingAverageMinMaxObserver, **activation),
        weight=quantization.default_per_channel_weight_fake_quant)
    return quantization.prepare_qat(module)


@network((3, 16, 16), (13, 16))  # DequantizeLinear has a scale per channel from 13 on
def qat_eager():
    return fake_quantized(quant_min=0, quant_max=255, dtype=torch.quint8)


@network((3, 16, 16), (13, 16))
def qat_eager_signed():
    return fake_quantized(quant_min=-128, quant_max=127, dtype=torch.qint8)


@network((3, 16, 16), (13, 16))
def qat_eager_seven_bits():
    return fake_quantized(quant_min=0, quant_max=127, dtype=torch.quint8)


@network((3, 16, 16), (13, 16))
def qat_fx():
    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem, self.conv, self.gate = conv_bn(3, 16), conv_bn(16, 16), SqueezeExcite(16)
            self.out, self.full = nn.Conv2d(16, 8, 1), nn.Linear(8, 5)

        def forward(self, x):
            x = self.stem(x)
            x = self.gate(x + self.conv(x))
            return self.full(F.relu(self.out(x)).mean([2, 3]))
    # Version 0 is without the fused kernels, which torch.onnx does not know.
    mapping = quantization.get_default_qat_qconfig_mapping("qnnpack", version=0)
    return prepare_qat_fx(Block().train(), mapping, (torch.rand(1, 3, 16, 16),))


@network((20,))
def autoencoder():
    return nn.Sequential(nn.Linear(20, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 4),
                         nn.ReLU(), nn.Linear(4, 20))
