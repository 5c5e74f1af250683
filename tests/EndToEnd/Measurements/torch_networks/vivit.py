"""ViViT (Arnab et al. 2021), with and without TokenLearner (Ryoo et al. 2021), named as scenic names its weights."""
import torch
from torch import nn
from torch.nn import functional as F

from .loading import take_linear, take_norm


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(d, eps=1e-6), nn.LayerNorm(d, eps=1e-6)
        self.qkv, self.proj = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.fc1, self.fc2 = nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def forward(self, x):
        b, n, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).reshape(b, n, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        attention = ((q @ k.transpose(-2, -1)) * (d // self.heads) ** -0.5).softmax(-1)
        x = x + self.proj((attention @ v).transpose(1, 2).reshape(b, n, d))
        return x + self.fc2(F.gelu(self.fc1(self.norm2(x)), approximate="tanh"))

    def take(self, w, path):
        for norm, name in ((self.norm1, "LayerNorm_0"), (self.norm2, "LayerNorm_1")):
            take_norm(norm, w, f"{path}/{name}")
        parts = [f"{path}/MultiHeadDotProductAttention_0/{name}" for name in ("query", "key", "value", "out")]
        d = self.proj.in_features
        self.qkv.weight.data = torch.cat([w[p + "/kernel"].reshape(d, d).T for p in parts[:3]])
        self.qkv.bias.data = torch.cat([w[p + "/bias"].reshape(d) for p in parts[:3]])
        self.proj.weight.data, self.proj.bias.data = w[parts[3] + "/kernel"].reshape(d, d).T.contiguous(), w[parts[3] + "/bias"]
        take_linear(self.fc1, w, f"{path}/MlpBlock_0/Dense_0")
        take_linear(self.fc2, w, f"{path}/MlpBlock_0/Dense_1")


class TokenLearner(nn.Module):
    """Version 1.1: softmax over the places."""

    def __init__(self, w, path, d, tokens):
        super().__init__()
        self.norm, self.fc1, self.fc2 = nn.LayerNorm(d, eps=1e-6), nn.Linear(d, 64), nn.Linear(64, tokens)
        take_norm(self.norm, w, path + "/LayerNorm_0")
        take_linear(self.fc1, w, path + "/token_masking/Dense_0")
        take_linear(self.fc2, w, path + "/token_masking/Dense_1")

    def forward(self, x):                                                    # [B, P, D] → [B, S, D]
        return self.fc2(F.gelu(self.fc1(self.norm(x)), approximate="tanh")).transpose(1, 2).softmax(-1) @ x


class Tubelets(nn.Module):
    def __init__(self, w, d):
        super().__init__()
        self.conv = nn.Conv3d(3, d, (2, 16, 16), (2, 16, 16))
        self.conv.weight.data = w["embedding/kernel"].permute(4, 3, 0, 1, 2).contiguous()
        self.conv.bias.data = w["embedding/bias"]

    def forward(self, x):                                                    # [N, 3, T, H, W] → [N, T', P, D]
        return self.conv(x).flatten(3).permute(0, 2, 3, 1)


class Encoder(nn.Module):
    """Places, blocks, norm; a class token in front where the weights have one."""

    def __init__(self, w, path, d, heads, layers):
        super().__init__()
        cls, places = w.get("cls_" + path), w.get(path + "/posembed_input/pos_embedding")
        self.cls = None if cls is None else nn.Parameter(cls)
        self.places = None if places is None else nn.Parameter(places)
        self.blocks, self.norm = nn.ModuleList([Block(d, heads) for _ in range(layers)]), nn.LayerNorm(d, eps=1e-6)
        for i, block in enumerate(self.blocks):
            block.take(w, f"{path}/encoderblock_{i}")
        take_norm(self.norm, w, path + "/encoder_norm")

    def forward(self, x):                                                    # [B, P, D] → [B, D]
        x = torch.cat([self.cls.expand(len(x), -1, -1), x], 1) + self.places
        for block in self.blocks:
            x = block(x)
        return self.norm(x[:, 0])


class Head(nn.Linear):
    def __init__(self, w, d, classes=400):
        super().__init__(d, classes)
        take_linear(self, w, "output_projection")


class FactorisedEncoder(nn.Module):
    def __init__(self, w, d, heads, spatial, temporal):
        super().__init__()
        self.embed, self.head = Tubelets(w, d), Head(w, d)
        self.spatial = Encoder(w, "SpatialTransformer", d, heads, spatial)
        self.temporal = Encoder(w, "TemporalTransformer", d, heads, temporal)

    def forward(self, x):                                                    # [N, 3, T, H, W]
        x = self.embed(x)                                                    # [N, T', P, D]
        n, t = x.shape[:2]
        return self.head(self.temporal(self.spatial(x.flatten(0, 1)).reshape(n, t, -1)))


class JointTokenLearner(nn.Module):
    """All tubelets attend to each other, before TokenLearner and after; no class token."""

    def __init__(self, w, d, heads, layers=12, at=6, tokens=8):
        super().__init__()
        self.embed, self.encoder, self.head, self.at = Tubelets(w, d), Encoder(w, "Transformer", d, heads, layers), Head(w, d), at
        self.learner = TokenLearner(w, "Transformer/TokenLearnerModuleV11_0", d, tokens)

    def forward(self, x):                                                    # [N, 3, T, H, W]
        x = self.embed(x)
        n, t, p, d = x.shape
        x = x.flatten(1, 2) + self.encoder.places                            # [N, T' P, D]
        for layer, block in enumerate(self.encoder.blocks):
            if layer == self.at:
                x = self.learner(x.reshape(n * t, p, d)).reshape(n, -1, d)   # [N, T' S, D]
            x = block(x)
        return self.head(self.encoder.norm(x).mean(1))


class FactorisedTokenLearner(nn.Module):
    def __init__(self, w, d, heads, spatial=6, temporal=6, tokens=8):
        super().__init__()
        self.embed, self.head = Tubelets(w, d), Head(w, d)
        self.spatial = Encoder(w, "SpatialTransformer", d, heads, spatial)
        self.temporal = Encoder(w, "TemporalTransformer", d, heads, temporal)
        self.learner = TokenLearner(w, "SpatialTransformer/TokenLearnerModuleV11_0", d, tokens)
        self.cls = nn.Parameter(w["cls_TemporalTransformer"] + w["TemporalTransformer/cls_pos_embedding"])
        self.times = nn.Parameter(w["TemporalTransformer/frame_pos_embedding"])

    def forward(self, x):                                                    # [N, 3, T, H, W]
        x = self.embed(x)
        n, t, _, d = x.shape
        x = x.flatten(0, 1) + self.spatial.places
        for block in self.spatial.blocks:
            x = block(x)
        x = self.spatial.norm(self.learner(x))                               # [N T', S, D]
        x = (x.reshape(n, t, -1, d) + self.times[:, :, None]).reshape(n, -1, d)
        x = torch.cat([self.cls.expand(n, -1, -1), x], 1)
        for block in self.temporal.blocks:
            x = block(x)
        return self.head(self.temporal.norm(x[:, 0]))
