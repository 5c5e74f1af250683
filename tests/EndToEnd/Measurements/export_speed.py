"""Exports full-size networks with PyTorch, as its users write and export them, with weights that are given.

export_speed.py FOLDER reads NAME.safetensors (float32) for every network below that is there and writes NAME.onnx,
which takes one clip, float32 [1, 3, T, H, W].
"""
import os
import sys
import warnings

import torch

from torch_networks.late_bert import i3d_bert, r2plus1d_bert, resnext_bert
from torch_networks.loading import load
from torch_networks.uniformer import UniFormer, UniFormerLight
from torch_networks.vivit import FactorisedEncoder, FactorisedTokenLearner, JointTokenLearner

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
OUT = sys.argv[1]

NETWORKS = {
    "factorised-tokenlearner-vivit-ti": (lambda w: FactorisedTokenLearner(w, 192, 3), (16, 224)),
    "factorised-tokenlearner-vivit-s": (lambda w: FactorisedTokenLearner(w, 384, 6), (16, 224)),
    "vivit-b-16x2-fe": (lambda w: FactorisedEncoder(w, 768, 12, 12, 4), (32, 224)),
    "tokenlearner-vivit-s-16x2-8at6": (lambda w: JointTokenLearner(w, 384, 6), (32, 224)),
    "uniformer-s-16x4": (UniFormer, (16, 224)),
    "uniformer-xxs-8x128": (UniFormerLight, (8, 128)),
    "uniformer-xxs-16x160": (UniFormerLight, (16, 160)),
    "r2plus1d-34-32-bert": (r2plus1d_bert, (32, 112)),
    "resnext3d-101-frmb-bert": (lambda w: resnext_bert(w, has_mapper=False), (64, 112)),
    "resnext3d-101-frab-bert": (lambda w: resnext_bert(w, has_mapper=True), (64, 112)),
    "i3d-bert": (lambda w: i3d_bert(w, is_narrow=False), (64, 224)),
    "i3d-frmb-bert": (lambda w: i3d_bert(w, is_narrow=True), (64, 224)),
}
for name, (make, (frames, side)) in NETWORKS.items():
    if os.path.exists(f"{OUT}/{name}.safetensors"):
        network = make(load(f"{OUT}/{name}.safetensors")).eval()
        with torch.no_grad():
            torch.onnx.export(network, torch.zeros(1, 3, frames, side, side), f"{OUT}/{name}.onnx", opset_version=17,
                              input_names=["clip"], output_names=["logits"])
