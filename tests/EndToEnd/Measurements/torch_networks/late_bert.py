"""Late temporal BERT (Kalfaoglu et al. 2020) on R(2+1)D-34, 3D ResNeXt-101 and I3D."""
import math

import torch
from torch import nn
from torch.nn import functional as F

from .loading import take_named


class LateBert(nn.Module):
    """A trunk whose map [N, d, L, h, w] is averaged over space, one transformer block over the L vectors, a classifier."""

    def __init__(self, w, trunk, d=512, heads=8, classes=51, unit=False):
        super().__init__()
        for name, part in trunk:
            self.add_module(name, part)
        self.parts, self.heads, self.unit, self.fc_action = [name for name, _ in trunk], heads, unit, nn.Linear(d, classes)
        take_named(self, {k: v for k, v in w.items() if not k.startswith("bert.")})
        self.bert = {k: v for k, v in w.items() if k.startswith("bert.")}

    def norm(self, x, path):
        return self.bert[path + ".norm.a_2"] * (x - x.mean(-1, keepdim=True)) / (x.std(-1, keepdim=True) + 1e-6) + self.bert[path + ".norm.b_2"]

    def linear(self, x, path):
        return F.linear(x, self.bert[path + ".weight"], self.bert[path + ".bias"])

    def forward(self, x):
        for name in self.parts:
            x = getattr(self, name)(x)
        x = x.mean((3, 4)).transpose(1, 2)                                   # [N, L, d]
        if self.unit:
            x = x / x.norm(dim=-1, keepdim=True)
        block, (n, _, d) = "bert.transformer_blocks.0.", x.shape
        x = torch.cat([self.bert["bert.clsToken"].expand(n, -1, -1), x], 1) + self.bert["bert.embedding.learnedPosition.pe"]
        y = self.norm(x, block + "input_sublayer")
        q, k, v = (self.linear(y, f"{block}attention.linear_layers.{i}").reshape(n, -1, self.heads, d // self.heads).transpose(1, 2) for i in range(3))
        y = ((q @ k.transpose(-2, -1)) / math.sqrt(d // self.heads)).softmax(-1) @ v
        x = x + self.linear(y.transpose(1, 2).reshape(n, -1, d), block + "attention.output_linear")
        y = F.gelu(self.linear(self.norm(x, block + "output_sublayer"), block + "feed_forward.w_1"), approximate="tanh")
        return self.fc_action((x + self.linear(y, block + "feed_forward.w_2"))[:, 0])


def conv(i, o, kernel, stride=1, padding=0, groups=1):
    return nn.Conv3d(i, o, kernel, stride, padding, groups=groups, bias=False)


# --- R(2+1)D-34 ------------------------------------------------------------------------------------------------------

def factored(i, m, o, stride):
    """Space, then time, as IG-65M's checkpoints name it; the norm after it follows outside."""
    return nn.Sequential(conv(i, m, (1, 3, 3), (1, stride, stride), (0, 1, 1)), nn.BatchNorm3d(m, 1e-3), nn.ReLU(),
                         conv(m, o, (3, 1, 1), (stride, 1, 1), (1, 0, 0)))


class Residual(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        middle = lambda a, b: a * b * 27 // (9 * a + 3 * b)
        self.conv1 = nn.Sequential(factored(i, middle(i, o), o, stride), nn.BatchNorm3d(o, 1e-3))
        self.conv2 = nn.Sequential(factored(o, middle(o if stride > 1 else i, o), o, 1), nn.BatchNorm3d(o, 1e-3))
        self.downsample = nn.Sequential(conv(i, o, 1, stride), nn.BatchNorm3d(o, 1e-3)) if stride > 1 else None

    def forward(self, x):
        y = self.conv2(F.relu(self.conv1(x)))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


def r2plus1d_bert(w):
    stem = nn.Sequential(conv(3, 45, (1, 7, 7), (1, 2, 2), (0, 3, 3)), nn.BatchNorm3d(45, 1e-3), nn.ReLU(),
                         conv(45, 64, (3, 1, 1), 1, (1, 0, 0)), nn.BatchNorm3d(64, 1e-3), nn.ReLU())
    layer = lambda i, o, n: nn.Sequential(*[Residual(i if k == 0 else o, o, 2 if k == 0 and i != o else 1) for k in range(n)])
    features = nn.Sequential(stem, layer(64, 64, 3), layer(64, 128, 4), layer(128, 256, 6), layer(256, 512, 3))
    return LateBert(w, [("features", features)])


# --- 3D ResNeXt-101 --------------------------------------------------------------------------------------------------

class Grouped(nn.Module):
    def __init__(self, i, p, stride, groups=32):
        super().__init__()
        self.conv1, self.bn1 = conv(i, p, 1), nn.BatchNorm3d(p)
        self.conv2, self.bn2 = conv(p, p, 3, stride, 1, groups), nn.BatchNorm3d(p)
        self.conv3, self.bn3 = conv(p, 2 * p, 1), nn.BatchNorm3d(2 * p)
        self.downsample = nn.Sequential(conv(i, 2 * p, 1, stride), nn.BatchNorm3d(2 * p)) if stride > 1 or i != 2 * p else None

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn3(self.conv3(F.relu(self.bn2(self.conv2(y)))))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


def resnext_bert(w, has_mapper):
    parts, width = [conv(3, 64, 7, (1, 2, 2), 3), nn.BatchNorm3d(64), nn.ReLU(), nn.MaxPool3d(3, 2, 1)], 64
    for layer, (planes, blocks) in enumerate(zip((128, 256, 512, 1024), (3, 4, 23, 3))):
        stage = []
        for block in range(blocks):
            last = layer == 3 and block == blocks - 1 and not has_mapper     # the modified block gives the BERT's width
            stage.append(Grouped(width, 256 if last else planes, 2 if block == 0 and layer > 0 else 1))
            width = 512 if last else 2 * planes
        parts.append(nn.Sequential(*stage))
    return LateBert(w, [("features", nn.Sequential(*parts))] + ([("mapper", Grouped(width, 256, 1))] if has_mapper else []))


# --- I3D -------------------------------------------------------------------------------------------------------------

def pad_same(x, kernel, stride):
    """TensorFlow's SAME: as many places as strides fit, the odd element behind."""
    pads = []
    for n, k, s in reversed(list(zip(x.shape[2:], kernel, stride))):
        missing = max(k - (n % s or s), 0)
        pads += [missing // 2, missing - missing // 2]
    return F.pad(x, pads) if any(pads) else x


class Unit(nn.Module):
    def __init__(self, i, o, side, stride=1):
        super().__init__()
        self.conv3d, self.bn = conv(i, o, side, stride), nn.BatchNorm3d(o, 1e-3)

    def forward(self, x):
        return F.relu(self.bn(self.conv3d(pad_same(x, self.conv3d.kernel_size, self.conv3d.stride))))


class SamePool(nn.MaxPool3d):
    def forward(self, x):
        return super().forward(pad_same(x, self.kernel_size, self.stride))


class Inception(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.b0, self.b1a, self.b1b = Unit(i, o[0], 1), Unit(i, o[1], 1), Unit(o[1], o[2], 3)
        self.b2a, self.b2b = Unit(i, o[3], 1), Unit(o[3], o[4], 3)
        self.b3a, self.b3b = SamePool((3, 3, 3), (1, 1, 1)), Unit(i, o[5], 1)

    def forward(self, x):
        return torch.cat([self.b0(x), self.b1b(self.b1a(x)), self.b2b(self.b2a(x)), self.b3b(self.b3a(x))], 1)


def i3d_bert(w, is_narrow):
    last = [192, 96, 192, 24, 64, 64] if is_narrow else [384, 192, 384, 48, 128, 128]
    mixed = [[64, 96, 128, 16, 32, 32], [128, 128, 192, 32, 96, 64],
             [192, 96, 208, 16, 48, 64], [160, 112, 224, 24, 64, 64], [128, 128, 256, 24, 64, 64],
             [112, 144, 288, 32, 64, 64], [256, 160, 320, 32, 128, 128], [256, 160, 320, 32, 128, 128], last]
    width, blocks = 192, []
    for o in mixed:
        blocks.append(Inception(width, o))
        width = o[0] + o[2] + o[4] + o[5]
    features = nn.Sequential(
        Unit(3, 64, 7, 2), SamePool((1, 3, 3), (1, 2, 2)), Unit(64, 64, 1), Unit(64, 192, 3), SamePool((1, 3, 3), (1, 2, 2)),
        *blocks[:2], SamePool((3, 3, 3), (2, 2, 2)), *blocks[2:7], SamePool((2, 2, 2), (2, 2, 2)), *blocks[7:])
    return LateBert(w, [("features", features)], d=width, unit=True)
