"""Exports small random video networks with PyTorch, in the layouts that other projects use, with clips and answers.

export_foreign.py FOLDER writes NAME.onnx, NAME.frames (uint8, [N, T, H, W, 3]) and NAME.answers (float32, [N, K]),
and cases.txt with one line per case: name, clips, the card's settings.
"""
import sys
import warnings

import numpy as np
import torch
from torch import nn

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
OUT, K, H, W = sys.argv[1], 5, 32, 48
CASES = []


def body(dims, softmax=False):
    conv = {2: nn.Conv2d, 3: nn.Conv3d}[dims]
    return nn.Sequential(conv(3, 8, 3, 2, 1), nn.ReLU(), conv(8, 12, 3, 2, 1), nn.ReLU(),
                         {2: nn.AdaptiveAvgPool2d, 3: nn.AdaptiveAvgPool3d}[dims](1), nn.Flatten(), nn.Linear(12, K),
                         *([nn.Softmax(1)] if softmax else []))


class Permuted(nn.Module):
    def __init__(self, order):
        super().__init__()
        self.body, self.order = body(3), order

    def forward(self, x):
        return self.body(x.permute(*self.order))


class Views(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = body(3)

    def forward(self, x):
        return self.body(x.reshape((-1,) + x.shape[2:]))


class Segments(nn.Module):
    """A 2D network on every frame, averaged: TSN, TSM."""

    def __init__(self, flat):
        super().__init__()
        self.body, self.flat = body(2), flat

    def forward(self, x):
        if self.flat:
            return self.body(x)
        scores = self.body(x.reshape((-1,) + x.shape[2:]))
        return scores.reshape(-1, x.shape[1], K).mean(1)


class TwoPathways(nn.Module):
    def __init__(self):
        super().__init__()
        self.slow, self.fast = body(3), body(3)

    def forward(self, slow, fast):
        return self.slow(slow) + 2 * self.fast(fast)


def case(name, module, make, frames, clips=2, card="", mean=(0.45, 0.4, 0.35), std=(0.225, 0.25, 0.2), scale=1 / 255,
         bgr=False, dynamic=True, opset=13, inputs=("input",), rows=None):
    torch.manual_seed(len(CASES) + 1)
    for p in module.parameters():
        nn.init.normal_(p, std=0.3)
    module.eval()
    pixels = np.random.default_rng(len(CASES)).integers(0, 256, (clips, frames, H, W, 3), dtype=np.uint8)
    x = torch.from_numpy(pixels[..., ::-1].copy() if bgr else pixels).float()
    x = (x * scale - torch.tensor(mean)) / torch.tensor(std)          # in the order of the model's colours
    x = x.permute(0, 4, 1, 2, 3)                                      # N C T H W
    with torch.no_grad():
        if dynamic:
            answers = module(*make(x))
        else:
            answers = torch.cat([module(*make(x[i:i + 1])).mean(0, keepdim=True) for i in range(clips)])
        sample = make(x if dynamic else x[:1])
        torch.onnx.export(module, sample, f"{OUT}/{name}.onnx", opset_version=opset, input_names=list(inputs), output_names=["scores"],
                          dynamic_axes={i: {0: "batch"} for i in (*inputs, "scores")} if dynamic else None)
    pixels.tofile(f"{OUT}/{name}.frames")
    answers.reshape(clips, K).numpy().astype(np.float32).tofile(f"{OUT}/{name}.answers")
    CASES.append(f"{name}\t{clips}\t{frames}\tscale: {scale!r}\\nmean: {list(mean)}\\nstd: {list(std)}\\ncolour: {'bgr' if bgr else 'rgb'}\\n{card}")


SOFT = "activation: softmax\\n"
case("ncthw", body(3), lambda x: (x,), 8, card=SOFT)
case("ncthw_fixed_bgr", body(3), lambda x: (x,), 8, dynamic=False, bgr=True, card=SOFT, opset=11)
case("ncthw_softmax", body(3, softmax=True), lambda x: (x,), 8)
case("ncthw_0_to_255", body(3), lambda x: (x,), 6, scale=1.0, mean=(123.675, 116.28, 103.53), std=(58.395, 57.12, 57.375), card=SOFT, opset=17)
case("ntchw", Permuted((0, 2, 1, 3, 4)), lambda x: (x.permute(0, 2, 1, 3, 4),), 8, bgr=True, card=SOFT)
case("nthwc", Permuted((0, 4, 1, 2, 3)), lambda x: (x.permute(0, 2, 3, 4, 1),), 8, bgr=True, card=SOFT)
case("nvcthw", Views(), lambda x: (x[:, None],), 8, card=SOFT)
case("nvtchw", Segments(flat=False), lambda x: (x.permute(0, 2, 1, 3, 4),), 8, card="layout: nvtchw\\n" + SOFT)
case("flatchw", Segments(flat=True), lambda x: (x[0].permute(1, 0, 2, 3),), 8, dynamic=False, card=SOFT)
case("slowfast", TwoPathways(), lambda x: (x[:, :, [0, 4, 8, 13, 17, 22, 26, 31]], x), 32, inputs=("slow", "fast"), card=SOFT)
case("three_frames", body(3), lambda x: (x,), 3, card="layout: ncthw\\n" + SOFT)
open(f"{OUT}/cases.txt", "w").write("\n".join(CASES) + "\n")
