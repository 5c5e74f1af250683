#!/usr/bin/python3
"""How far the model's attention points at the person: is the half of the picture that gets more of it the half in which the hips are?

Zones (docs/operating.md) rest on this. Clips are rendered validation, which the weights never saw. Weightings are ranked on the
first half of the clips; what the best of them is worth is told by the other half.
"""
import argparse
import math
import os

import numpy as np
import torch

from actiontrain import safetensors
from actiontrain.network import Network

HERE = os.path.dirname(os.path.abspath(__file__))


def rendered(count, shared, keep):
    """Frames [N, T, H, W, 3] and places of the hips [N, T, 2] of clips with a person in them, and the clips without one that came between."""
    if keep and os.path.exists(keep):
        found = np.load(keep)
        return found["f"][:count], found["j"][:count], found["empty"]
    from actiontrain.clips import ClipSource
    source, frames, hips, empty, index = ClipSource(shared=shared, split="validation"), [], [], [], 0
    while len(frames) < count:
        clip = source.render(index)
        index += 1
        if clip.meta.get("joints2d") is None:
            empty.append(clip.frames.numpy())
        else:
            frames.append(clip.frames.numpy())
            hips.append(np.asarray(clip.meta["joints2d"], np.float32)[:, 0])
    if keep:
        np.savez(keep, f=np.stack(frames), j=np.stack(hips), empty=np.stack(empty))
    return np.stack(frames), np.stack(hips), np.stack(empty)


def maps(net, frames):
    """Where each token looks: [N, T', S, h, w], each map with the sum 1."""
    learner, found = net.SpatialTransformer.TokenLearnerModuleV11_0, []
    side = net.shape.size // net.shape.patch
    with torch.no_grad():
        for some in torch.from_numpy(frames).split(16):
            _, places = net.encode(net.cut(some), detail=True)                                  # [n, T', P, D]
            looks = learner.token_masking(learner.LayerNorm_0(places)).transpose(2, 3).softmax(-1)
            found.append(looks.reshape(*looks.shape[:3], side, side))
    return torch.cat(found)


def sharpness(looks):
    """1 for a map that is all in one place, 0 for an even one: [N, T', S, 1, 1]."""
    flat = looks.flatten(-2)
    return (1 + (flat * flat.clamp_min(1e-12).log()).sum(-1) / math.log(flat.shape[-1]))[..., None, None]


def weightings(looks, usual, grey):
    """Each way to make one map [N, h, w] of all: {name: map}, not scaled."""
    mean = lambda x: x.mean((1, 2))
    sharp = sharpness(looks)
    return {
        "plain mean": mean(looks),
        "sharp maps count more": mean(looks * sharp),
        "sharp maps count much more": mean(looks * sharp ** 3),
        "the sharpest map of each tubelet": mean(looks.gather(2, sharp.argmax(2, keepdim=True).expand(-1, -1, 1, *looks.shape[-2:]))),
        "largest of the maps": looks.amax(2).mean(1),
        "against the usual map": mean(looks) / mean(usual),
        "each map against its usual one": mean(looks / usual),
        "each map against a grey picture's": mean(looks / grey),
        "above the usual map": (looks - usual).clamp_min(0).mean((1, 2)),
        "what changes from tubelet to tubelet": (looks[:, 1:] - looks[:, :-1]).abs().mean((1, 2)),
        "deviation over the window": looks.std(1).mean(1),
        **{f"token {s} alone": looks[:, :, s].mean(1) for s in range(looks.shape[2])},
    }


def left(one):
    """Share of the left half, a column that lies in both being cut: [N]."""
    width = one.shape[-1]
    part = torch.tensor([min(max(width / 2 - column, 0), 1) for column in range(width)])
    return (one * part).sum((1, 2)) / one.sum((1, 2))


def quarters(one):
    """Shares of the four quarters, [N, 4]."""
    width = one.shape[-1]
    low = torch.tensor([min(max(width / 2 - column, 0), 1) for column in range(width)])
    parts = [rows[:, None] * columns for rows in (low, 1 - low) for columns in (low, 1 - low)]
    return torch.stack([(one * part).sum((1, 2)) for part in parts], 1) / one.sum((1, 2))[:, None]


def cornered(frames, empty):
    """The clips at half their size, each in a corner of an empty room's film, and which corner."""
    corner = np.random.default_rng(0).integers(0, 4, len(frames))
    n, t, h, w, _ = frames.shape
    films = empty[np.arange(n) % len(empty)].copy()
    small = frames.reshape(n, t, h // 2, 2, w // 2, 2, 3).mean((3, 5)).astype(np.uint8)
    for i, (y, x) in enumerate(zip(*divmod(corner, 2))):
        films[i][:, h // 2 * y:h // 2 * (y + 1), w // 2 * x:w // 2 * (x + 1)] = small[i]
    return films, torch.from_numpy(corner)


def movement(frames):
    """Where pixels change, for comparison: [N, H, W]."""
    return torch.stack([torch.from_numpy(np.abs(np.diff(clip.astype(np.int16), axis=0)).mean((0, 3), dtype=np.float32)) for clip in frames])


def interval(right, count):
    """Wilson's, 95 %."""
    z, p = 1.96, right / count
    middle, half = p + z * z / (2 * count), z * math.sqrt(p * (1 - p) / count + z * z / (4 * count * count))
    return f"{(middle - half) / (1 + z * z / count):.2f}-{(middle + half) / (1 + z * z / count):.2f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", default=os.path.join(HERE, "default", "weights.safetensors"))
    parser.add_argument("--shared", default=os.path.join(HERE, "..", "..", "shared"))
    parser.add_argument("--count", type=int, default=600, help="clips with a person; a minute or two on one core")
    parser.add_argument("--keep", help="a .npz for the rendered clips, so that a second run is quick")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    frames, hips, empty = rendered(asked.count, asked.shared, asked.keep)
    at = np.nanmean(np.clip(hips[..., 0], -1, 1), 1)
    seen = np.isfinite(at)
    frames, is_left, off = frames[seen], torch.from_numpy(at[seen] < 0), torch.from_numpy(np.abs(at[seen]))
    net = Network.of(safetensors.load(asked.weights)[0])
    looks, count = maps(net, frames), len(frames)
    half = count // 2
    grey = maps(net, np.full_like(frames[:1], 128))
    ways = weightings(looks, looks[:half].mean((0, 1), keepdim=True), grey.mean((0, 1), keepdim=True))
    ways["(pixels that change, no attention)"] = movement(frames)
    right = {name: (left(one) > 0.5) == is_left for name, one in ways.items()}
    print(f"{count} clips, hips in the left half {int(is_left.sum())}; off the middle by a median of {off.median():.2f} of half the width")
    print(f"{'right side':<40}choose  tell   95 %        hips off by > 0.2 (n {int((off[half:] > 0.2).sum())})   > 0.4 (n {int((off[half:] > 0.4).sum())})")
    for name, hit in sorted(right.items(), key=lambda way: -float(way[1][:half].float().mean())):
        told, far = hit[half:], off[half:]
        parts = [f"{float(told[far > limit].float().mean()):.2f}" for limit in (0.2, 0.4)]
        print(f"{name:<40}{float(hit[:half].float().mean()):.2f}    {float(told.float().mean()):.2f}   {interval(int(told.sum()), len(told))}   {'          '.join(parts)}")

    films, corner = cornered(frames, empty)
    small = maps(net, films)
    ways = weightings(small, looks[:half].mean((0, 1), keepdim=True), grey.mean((0, 1), keepdim=True))
    ways["(pixels that change, no attention)"] = movement(films)
    print(f"\n{'small, in a corner of ' + str(len(empty)) + ' empty rooms':<40}right quarter (of 4): choose, tell, 95 %; share of the right one (median), of the others (median)")
    for name, one in ways.items():
        share, own = quarters(one), torch.arange(4)[None] == corner[:, None]
        hit = share.argmax(1) == corner
        print(f"{name:<40}{float(hit[:half].float().mean()):.2f}    {float(hit[half:].float().mean()):.2f}   {interval(int(hit[half:].sum()), count - half)}   {float(share[own].median()):.2f}  {float(share[~own].median()):.2f}")
    chosen, near = quarters(ways["sharp maps count much more"])[half:], torch.arange(4)[None] == corner[half:, None]
    print("\na quarter counts as looked at from odds of k times its area's:")
    for k in (1, 1.5, 2, 2.5, 3, 4):
        seen = chosen / (1 - chosen) >= k / 3
        print(f"  k {k:<4} the right one {float(seen[near].float().mean()):.2f}, each other {float(seen[~near].float().mean()):.2f}")


if __name__ == "__main__":
    main()
