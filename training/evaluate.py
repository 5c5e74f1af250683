#!/usr/bin/python3
"""A quick look at weights on recorded clips and on rendered validation. The judge of a release is `actionstream evaluate`."""
import argparse
import os

import torch

from actiontrain import safetensors, video
from actiontrain.labels import INDEX, LABELS
from actiontrain.learning import answers
from actiontrain.measures import auc, describe
from actiontrain.network import Network
from actiontrain.pool import Pool

HERE = os.path.dirname(os.path.abspath(__file__))


def recorded(folder, cache):
    """Windows of every clip, 16 at most: {set: [(file, label, windows)]}; decoded once and kept."""
    if cache and os.path.exists(cache):
        return torch.load(cache)
    sets = {}
    for path, label, segments, _ in video.listed(folder):
        name = os.path.relpath(path, folder)
        if not name.startswith("decoder/"):
            windows = video.windows(video.decode(path), segments=segments)
            some = torch.linspace(0, len(windows) - 1, min(len(windows), 16)).round().long()
            sets.setdefault(name.split("/")[0], []).append((name, label, windows[some]))
    if cache:
        torch.save(sets, cache)
    return sets


def judge(net, clips):
    """Mean scores of each clip's windows, [N, K]."""
    return torch.stack([answers(net, windows).softmax(1).mean(0) for _, _, windows in clips])


def report(net, sets, detail=True):
    groups = {"real": [*sets.get("gmdcsa24", []), *sets.get("single", [])], "mesh2motion": sets.get("mesh2motion", [])}
    for name, clips in groups.items():
        scores = judge(net, clips)
        known = [i for i, (_, label, _) in enumerate(clips) if label in INDEX]
        truth = torch.tensor([INDEX[clips[i][1]] for i in known])
        falls = auc(scores[:, INDEX["fall"]], [label == "fall" for _, label, _ in clips])
        text = describe(name, scores[known].argmax(1), truth, LABELS)
        near = (scores[known].topk(3, 1).indices == truth[:, None]).any(1).float().mean()
        print(f"{text if detail else text.splitlines()[0]}\n  top-3 {near:.2f}, fall against the rest (all {len(clips)} clips): AUC {falls:.3f}")
        if detail:
            for i, (file, label, windows) in enumerate(clips):
                best = scores[i].topk(3)
                print(f"    {file:42} {label:9} {len(windows):3}  " + "  ".join(f"{LABELS[j]} {p:.2f}" for p, j in zip(best.values.tolist(), best.indices.tolist())))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", nargs="*", help=".safetensors files")
    parser.add_argument("--clips", default=os.path.join(HERE, "..", "..", "shared", "clips"))
    parser.add_argument("--cache", help="file that keeps decoded windows")
    parser.add_argument("--pool", help="also judge the rendered clips of this pool")
    parser.add_argument("--short", action="store_true", help="totals alone")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    sets = recorded(asked.clips, asked.cache)
    for path in asked.weights:
        print(f"== {path}")
        net = Network().take(safetensors.load(path)[0]).eval()
        if asked.pool:
            frames, _, label, _ = Pool(asked.pool).take(Pool(asked.pool).filled())
            text = describe("rendered validation", answers(net, frames).argmax(1), label, LABELS)
            print(text.splitlines()[0] if asked.short else text)
        report(net, sets, not asked.short)


if __name__ == "__main__":
    main()
