"""The factorised TokenLearner ViViT, so that what is learned here is what src/Models builds: same names, shapes and numbers.

A parameter's name with `/` for `.` is its name in the C# builder, and layouts are Flax's: a kernel is [in, out].
"""
from dataclasses import dataclass, asdict, replace

import torch
from torch import nn
from torch.nn import functional as F

EPSILON = 1e-6  # Flax's LayerNorm; PyTorch's own is ten times larger


@dataclass(frozen=True)
class Shape:
    """Measures of the network; the defaults are the preset `factorised-tokenlearner-vivit-mini`."""

    frames: int = 16
    size: int = 112
    tubelet: int = 2
    patch: int = 16
    width: int = 128
    heads: int = 2
    spatial: int = 4
    temporal: int = 2
    tokens: int = 8
    classes: int = 16

    steps = property(lambda self: self.frames // self.tubelet)
    places = property(lambda self: (self.size // self.patch) ** 2)
    numbers = property(lambda self: self.tubelet * self.patch * self.patch * 3)

    def config(self):
        """As golden files and `models verify` name these measures."""
        return {
            "arch": "factorised_tokenlearner_vivit", "patch_size": [self.patch, self.patch, self.tubelet], "hidden_size": self.width,
            "num_heads": self.heads, "spatial": {"num_layers": self.spatial}, "temporal": {"num_layers": self.temporal},
            "num_tokens": self.tokens, "num_classes": self.classes, "layout": "NTHWC", "shape": asdict(self)}


class Exact:
    """Which GELU runs. The network's own is the tanh form; PyTorch's erf form is twice as fast and differs by less than 5e-4, so it trains."""

    gelu = True


def gelu(x):
    return F.gelu(x, approximate="tanh" if Exact.gelu else "none")


class Dense(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.kernel = nn.Parameter(torch.empty(inputs, outputs))
        self.bias = nn.Parameter(torch.zeros(outputs))
        nn.init.xavier_uniform_(self.kernel)

    def forward(self, x):
        return F.linear(x, self.kernel.t(), self.bias)


class LayerNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width))

    def forward(self, x):
        return F.layer_norm(x, self.scale.shape, self.scale, self.bias, EPSILON)


class Mlp(nn.Module):
    def __init__(self, inputs, hidden, outputs):
        super().__init__()
        self.Dense_0, self.Dense_1 = Dense(inputs, hidden), Dense(hidden, outputs)

    def forward(self, x):
        return self.Dense_1(gelu(self.Dense_0(x)))


class Projection(nn.Module):
    def __init__(self, kernel, bias, fan_in, fan_out):
        super().__init__()
        self.kernel = nn.Parameter(torch.empty(kernel).uniform_(-1, 1) * (6 / (fan_in + fan_out)) ** 0.5)
        self.bias = nn.Parameter(torch.zeros(bias))


class SelfAttention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads, head = heads, width // heads
        for name in ("query", "key", "value"):
            self.add_module(name, Projection((width, heads, head), (heads, head), width, width))
        self.out = Projection((heads, head, width), (width,), width, width)

    def forward(self, x):                                                                       # [B, N, D]
        b, n, d = x.shape
        parts = (self.query, self.key, self.value)
        kernel = torch.cat([part.kernel.reshape(d, d) for part in parts], 1)                    # [D, 3D]   one product instead of three
        qkv = F.linear(x, kernel.t(), torch.cat([part.bias.reshape(d) for part in parts]))
        q, k, v = qkv.reshape(b, n, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4).reshape(3, b * self.heads, n, -1)
        if x.is_cuda:
            heard = F.scaled_dot_product_attention(*(part.reshape(b, self.heads, n, -1) for part in (q, k, v)))
        else:
            heard = ((q * (d // self.heads) ** -0.5) @ k.transpose(1, 2)).softmax(-1) @ v      # baddbmm would save a pass, but may add what memory held before
        heard = heard.reshape(b, self.heads, n, -1).transpose(1, 2).reshape(b, n, d)
        return F.linear(heard, self.out.kernel.reshape(d, d).t(), self.out.bias)


class Block(nn.Module):
    """Pre-norm; `depth_drop` leaves out a branch for some samples while training."""

    def __init__(self, width, heads):
        super().__init__()
        self.LayerNorm_0, self.LayerNorm_1 = LayerNorm(width), LayerNorm(width)
        self.MultiHeadDotProductAttention_0 = SelfAttention(width, heads)
        self.MlpBlock_0 = Mlp(width, 4 * width, width)
        self.depth_drop = 0.0

    def forward(self, x):
        x = x + self.sometimes(self.MultiHeadDotProductAttention_0(self.LayerNorm_0(x)))
        return x + self.sometimes(self.MlpBlock_0(self.LayerNorm_1(x)))

    def sometimes(self, branch):
        if not self.training or self.depth_drop == 0:
            return branch
        kept = (torch.rand(len(branch), 1, 1, device=branch.device) >= self.depth_drop).to(branch.dtype) / (1 - self.depth_drop)
        return branch * kept


class TokenLearner(nn.Module):
    """Version 1.1: each token is a weighted mean over all places."""

    def __init__(self, width, tokens, bottleneck=64):
        super().__init__()
        self.LayerNorm_0, self.token_masking = LayerNorm(width), Mlp(width, bottleneck, tokens)

    def forward(self, x):                                                                       # [B, P, D]
        return self.token_masking(self.LayerNorm_0(x)).transpose(1, 2).softmax(-1) @ x          # [B, S, D]


class Encoder(nn.Module):
    def __init__(self, layers, width, heads):
        super().__init__()
        self.layers = layers
        for layer in range(layers):
            self.add_module(f"encoderblock_{layer}", Block(width, heads))
        self.encoder_norm = LayerNorm(width)

    def blocks(self, x):
        for layer in range(self.layers):
            x = getattr(self, f"encoderblock_{layer}")(x)
        return x


class Embedding(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.kernel = nn.Parameter(torch.empty(shape.tubelet, shape.patch, shape.patch, 3, shape.width).normal_() * shape.numbers ** -0.5)
        self.bias = nn.Parameter(torch.zeros(shape.width))

    def forward(self, x, planar=False):
        """Numbers of a patch are [τ, p, p, 3], or with `planar` [τ, 3, p, p], which is quicker to cut from pictures that were just augmented."""
        kernel = self.kernel.permute(0, 3, 1, 2, 4) if planar else self.kernel
        return F.linear(x, kernel.reshape(-1, kernel.shape[-1]).t(), self.bias)


class Network(nn.Module):
    def __init__(self, shape=Shape()):
        super().__init__()
        self.shape, d = shape, shape.width
        self.embedding = Embedding(shape)
        self.SpatialTransformer = Encoder(shape.spatial, d, shape.heads)
        self.SpatialTransformer.posembed_input = nn.Module()
        self.SpatialTransformer.posembed_input.pos_embedding = nn.Parameter(torch.randn(1, shape.places, d) * 0.02)
        self.SpatialTransformer.TokenLearnerModuleV11_0 = TokenLearner(d, shape.tokens)
        self.cls_TemporalTransformer = nn.Parameter(torch.zeros(1, 1, d))
        self.TemporalTransformer = Encoder(shape.temporal, d, shape.heads)
        self.TemporalTransformer.cls_pos_embedding = nn.Parameter(torch.randn(1, 1, d) * 0.02)
        self.TemporalTransformer.frame_pos_embedding = nn.Parameter(torch.randn(1, shape.steps, d) * 0.02)
        self.output_projection = Dense(d, shape.classes)
        nn.init.zeros_(self.output_projection.kernel)                                           # nothing is known yet, so nothing is said

    @classmethod
    def of(cls, arrays, shape=Shape()):
        """The network that these weights are of: their last layer tells how many labels it knows, the shipped ones or somebody's own."""
        return cls(replace(shape, classes=len(arrays["output_projection/bias"]))).take(arrays).eval()

    def forward(self, frames):
        """[N, T, H, W, 3] bytes, or numbers in [-1, 1] → logits [N, K]."""
        return self.decide(self.encode(self.cut(frames)))

    def cut(self, frames):
        """Pictures cut into tubelet patches, [N, T/τ, P, τ·p·p·3]."""
        n, t, h, w, _ = frames.shape
        tau, p = self.shape.tubelet, self.shape.patch
        x = frames.reshape(n, t // tau, tau, h // p, p, w // p, p, 3).permute(0, 1, 3, 5, 2, 4, 6, 7)
        x = x.reshape(n, t // tau, (h // p) * (w // p), tau * p * p * 3)
        return x.float() * (1 / 127.5) - 1 if x.dtype == torch.uint8 else x

    def encode(self, blocks, places=None, planar=False, detail=False):
        """Tokens of each tubelet, [N, T', S, D]. `places` [N, T', P'] names the patches that are looked at; all of them without it. With `detail` also the patches' own vectors, [N, T', P', D]."""
        n, steps, count, numbers = blocks.shape
        table = self.SpatialTransformer.posembed_input.pos_embedding
        if places is not None:
            blocks = blocks.gather(2, places[..., None].expand(-1, -1, -1, numbers))
            count = places.shape[2]
            table = table[0][places.reshape(n * steps, count)]
        x = self.embedding(blocks.reshape(n * steps, count, numbers), planar) + table                   # [N·T', P, D]
        x = self.SpatialTransformer.blocks(x)
        tokens = self.SpatialTransformer.encoder_norm(self.SpatialTransformer.TokenLearnerModuleV11_0(x))
        tokens = tokens.reshape(n, steps, self.shape.tokens, self.shape.width)                  # [N, T', S, D]
        return (tokens, x.reshape(n, steps, count, self.shape.width)) if detail else tokens

    def decide(self, tokens, detail=False):
        """Logits of a window's tokens, oldest tubelet first; with `detail` also what the tokens became, [N, 1 + T'·S, D]."""
        n = len(tokens)
        placed = (tokens + self.TemporalTransformer.frame_pos_embedding[:, :, None]).reshape(n, -1, self.shape.width)
        cls = (self.cls_TemporalTransformer + self.TemporalTransformer.cls_pos_embedding).expand(n, -1, -1)
        x = self.TemporalTransformer.encoder_norm(self.TemporalTransformer.blocks(torch.cat([cls, placed], 1)))
        logits = self.output_projection(x[:, 0])
        return (logits, x) if detail else logits

    def arrays(self):
        """Weights under the builder's names."""
        return {name.replace(".", "/"): value.detach().cpu() for name, value in self.state_dict().items()}

    def take(self, arrays):
        """Sets weights from a mapping under the builder's names; other arrays in it are left alone."""
        wanted = self.state_dict()
        self.load_state_dict({name: arrays[name.replace(".", "/")].float().reshape(value.shape) for name, value in wanted.items()})
        return self
