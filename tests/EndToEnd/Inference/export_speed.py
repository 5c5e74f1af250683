"""Exports full-size networks with PyTorch, as its users write and export them, with weights that are given.

export_speed.py FOLDER reads NAME.safetensors (float32) for every network below that is there and writes NAME.onnx,
which takes one clip, float32 [1, 3, T, H, W].
"""
import json
import math
import os
import sys
import warnings

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
OUT = sys.argv[1]


def load(path):
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
        data = np.fromfile(file, np.float32)
    begin = lambda entry: entry["data_offsets"][0] // 4
    return {name: torch.from_numpy(data[begin(e):begin(e) + math.prod(e["shape"])].reshape(e["shape"])) for name, e in header.items()}


# --- factorised TokenLearner ViViT -----------------------------------------------------------------------------------

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


def take_norm(norm, w, path):
    norm.weight.data, norm.bias.data = w[path + "/scale"], w[path + "/bias"]


def take_linear(linear, w, path):
    linear.weight.data, linear.bias.data = w[path + "/kernel"].T.contiguous(), w[path + "/bias"]


class FactorisedTokenLearner(nn.Module):
    def __init__(self, w, d, heads, spatial=6, temporal=6, tokens=8, classes=400):
        super().__init__()
        self.embed = nn.Conv3d(3, d, (2, 16, 16), (2, 16, 16))
        self.embed.weight.data = w["embedding/kernel"].permute(4, 3, 0, 1, 2).contiguous()
        self.embed.bias.data = w["embedding/bias"]
        self.places = nn.Parameter(w["SpatialTransformer/posembed_input/pos_embedding"])
        self.spatial = nn.ModuleList([Block(d, heads) for _ in range(spatial)])
        self.gaze_norm, self.gaze1, self.gaze2 = nn.LayerNorm(d, eps=1e-6), nn.Linear(d, 64), nn.Linear(64, tokens)
        self.norm1, self.norm2 = nn.LayerNorm(d, eps=1e-6), nn.LayerNorm(d, eps=1e-6)
        self.cls = nn.Parameter(w["cls_TemporalTransformer"] + w["TemporalTransformer/cls_pos_embedding"])
        self.times = nn.Parameter(w["TemporalTransformer/frame_pos_embedding"])
        self.temporal = nn.ModuleList([Block(d, heads) for _ in range(temporal)])
        self.head = nn.Linear(d, classes)
        for part, blocks in (("SpatialTransformer", self.spatial), ("TemporalTransformer", self.temporal)):
            for i, block in enumerate(blocks):
                block.take(w, f"{part}/encoderblock_{i}")
        learner = "SpatialTransformer/TokenLearnerModuleV11_0"
        take_norm(self.gaze_norm, w, learner + "/LayerNorm_0")
        take_linear(self.gaze1, w, learner + "/token_masking/Dense_0")
        take_linear(self.gaze2, w, learner + "/token_masking/Dense_1")
        take_norm(self.norm1, w, "SpatialTransformer/encoder_norm")
        take_norm(self.norm2, w, "TemporalTransformer/encoder_norm")
        take_linear(self.head, w, "output_projection")

    def forward(self, x):                                                    # [N, 3, T, H, W]
        x = self.embed(x)                                                    # [N, D, T', h, w]
        n, d, t = x.shape[:3]
        x = x.flatten(3).permute(0, 2, 3, 1).reshape(n * t, -1, d) + self.places
        for block in self.spatial:
            x = block(x)
        gaze = self.gaze2(F.gelu(self.gaze1(self.gaze_norm(x)), approximate="tanh")).transpose(1, 2).softmax(-1)
        x = self.norm1(gaze @ x)                                             # [N T', S, D]
        x = (x.reshape(n, t, -1, d) + self.times[:, :, None]).reshape(n, -1, d)
        x = torch.cat([self.cls.expand(n, -1, -1), x], 1)
        for block in self.temporal:
            x = block(x)
        return self.head(self.norm2(x)[:, 0])


# --- R(2+1)D-34 with late temporal BERT ------------------------------------------------------------------------------

def factored(i, m, o, stride):
    """Space, then time, as IG-65M's checkpoints name it; the norm after it follows outside."""
    return nn.Sequential(nn.Conv3d(i, m, (1, 3, 3), (1, stride, stride), (0, 1, 1), bias=False), nn.BatchNorm3d(m, 1e-3), nn.ReLU(),
                         nn.Conv3d(m, o, (3, 1, 1), (stride, 1, 1), (1, 0, 0), bias=False))


class Residual(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        middle = lambda a, b: a * b * 27 // (9 * a + 3 * b)
        self.conv1 = nn.Sequential(factored(i, middle(i, o), o, stride), nn.BatchNorm3d(o, 1e-3))
        self.conv2 = nn.Sequential(factored(o, middle(o if stride > 1 else i, o), o, 1), nn.BatchNorm3d(o, 1e-3))
        self.downsample = nn.Sequential(nn.Conv3d(i, o, 1, stride, bias=False), nn.BatchNorm3d(o, 1e-3)) if stride > 1 else None

    def forward(self, x):
        y = self.conv2(F.relu(self.conv1(x)))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class R2Plus1DBert(nn.Module):
    def __init__(self, w, d=512, heads=8, classes=51):
        super().__init__()
        stem = nn.Sequential(nn.Conv3d(3, 45, (1, 7, 7), (1, 2, 2), (0, 3, 3), bias=False), nn.BatchNorm3d(45, 1e-3), nn.ReLU(),
                             nn.Conv3d(45, 64, (3, 1, 1), 1, (1, 0, 0), bias=False), nn.BatchNorm3d(64, 1e-3), nn.ReLU())
        layer = lambda i, o, n: nn.Sequential(*[Residual(i if k == 0 else o, o, 2 if k == 0 and i != o else 1) for k in range(n)])
        self.features = nn.Sequential(stem, layer(64, 64, 3), layer(64, 128, 4), layer(128, 256, 6), layer(256, 512, 3))
        self.heads, self.fc_action = heads, nn.Linear(d, classes)
        missing, unused = self.load_state_dict({k: v for k, v in w.items() if not k.startswith("bert.")}, strict=False)
        assert not unused and all(name.endswith("num_batches_tracked") for name in missing), (missing, unused)
        self.bert = {k: v for k, v in w.items() if k.startswith("bert.")}

    def norm(self, x, path):
        return self.bert[path + ".norm.a_2"] * (x - x.mean(-1, keepdim=True)) / (x.std(-1, keepdim=True) + 1e-6) + self.bert[path + ".norm.b_2"]

    def linear(self, x, path):
        return F.linear(x, self.bert[path + ".weight"], self.bert[path + ".bias"])

    def forward(self, x):
        x = self.features(x).mean((3, 4)).transpose(1, 2)                    # [N, L, d]
        block, (n, _, d) = "bert.transformer_blocks.0.", x.shape
        x = torch.cat([self.bert["bert.clsToken"].expand(n, -1, -1), x], 1) + self.bert["bert.embedding.learnedPosition.pe"]
        y = self.norm(x, block + "input_sublayer")
        q, k, v = (self.linear(y, f"{block}attention.linear_layers.{i}").reshape(n, -1, self.heads, d // self.heads).transpose(1, 2) for i in range(3))
        y = ((q @ k.transpose(-2, -1)) / math.sqrt(d // self.heads)).softmax(-1) @ v
        x = x + self.linear(y.transpose(1, 2).reshape(n, -1, d), block + "attention.output_linear")
        y = F.gelu(self.linear(self.norm(x, block + "output_sublayer"), block + "feed_forward.w_1"), approximate="tanh")
        return self.fc_action((x + self.linear(y, block + "feed_forward.w_2"))[:, 0])


NETWORKS = {
    "factorised-tokenlearner-vivit-ti": (lambda w: FactorisedTokenLearner(w, 192, 3), (16, 224)),
    "factorised-tokenlearner-vivit-s": (lambda w: FactorisedTokenLearner(w, 384, 6), (16, 224)),
    "r2plus1d-34-32-bert": (R2Plus1DBert, (32, 112)),
}
for name, (make, (frames, side)) in NETWORKS.items():
    if os.path.exists(f"{OUT}/{name}.safetensors"):
        network = make(load(f"{OUT}/{name}.safetensors")).eval()
        with torch.no_grad():
            torch.onnx.export(network, torch.zeros(1, 3, frames, side, side), f"{OUT}/{name}.onnx", opset_version=17,
                              input_names=["clip"], output_names=["logits"])
