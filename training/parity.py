#!/usr/bin/python3
"""Proves that the C# engine's model is this one: the same logits on rendered clips, from whole windows and from kept tokens."""
import argparse
import json
import os
import subprocess
import sys
import tempfile

import torch

from actiontrain import safetensors
from actiontrain.learning import answers
from actiontrain.network import Network
from actiontrain.video import FPS, LENGTH, SIZE

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(HERE, "..", "actionstream")


def verify(part, given, answer, config, folder):
    """Largest difference between what an ONNX file of ours gives and `answer`."""
    file = os.path.join(folder, "reference.safetensors")
    safetensors.save(file, {"input": given, "output": answer}, {"config": json.dumps(config)})
    done = subprocess.run([PROGRAM, "models", "verify", part, "--against", file, "--json"], capture_output=True, text=True)
    if not done.stdout.strip():
        sys.exit(done.stderr)
    return json.loads(done.stdout)["max_abs"]


def kept(model, frames, net, folder, hop=3):
    """Largest difference of scores by kept tokens, as `replay` gives them for a lossless film of all `frames`, and how many windows were compared."""
    film, scores, config = (os.path.join(folder, name) for name in ("film.mkv", "scores.jsonl", "config.yaml"))
    with open(config, "w") as file:                                    # windows across cuts and of nobody count as well
        json.dump({"cameras": {"film": {"url": film, "quality": {"min_score": 0, "frozen_after": "0s", "dark": "keep", "scene_change": "keep"}}}}, file)
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{SIZE}x{SIZE}", "-r", str(FPS), "-i", "-", "-c:v", "ffv1", "-pix_fmt", "gbrp", film],
                   input=frames.numpy().tobytes(), check=True)
    subprocess.run([PROGRAM, "replay", film, "-c", config, "--model", model, "--path", "cached", "--hop", str(hop), "--scores", scores, "--json"], check=True, stdout=subprocess.DEVNULL)
    with open(scores) as lines:
        told = [json.loads(line) for line in lines]
    starts = [round(window["start"] * FPS) for window in told]
    ours = answers(net, torch.stack([frames[start:start + LENGTH] for start in starts])).softmax(1)
    return float((ours - torch.tensor([window["scores"] for window in told])).abs().max()), len(told)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", default=os.path.join(HERE, "default", "weights.safetensors"))
    parser.add_argument("--shared", default=os.path.join(HERE, "..", "..", "shared"))
    parser.add_argument("--clips", type=int, default=100)
    parser.add_argument("--tolerance", type=float, default=1e-4)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    from actiontrain.clips import ClipSource
    source = ClipSource(shared=asked.shared, split="validation", seed=1)
    net = Network.of(safetensors.load(asked.weights)[0])
    worst = {"whole windows": 0.0, "frame encoder": 0.0, "temporal head": 0.0}
    with tempfile.TemporaryDirectory() as folder:
        model = os.path.join(folder, "model")
        subprocess.run([PROGRAM, "models", "build", "factorised-tokenlearner-vivit-mini", "--weights", asked.weights, "--split", "--out", model],
                       check=True, stdout=subprocess.DEVNULL)
        seen = []
        for start in range(0, asked.clips, 20):
            frames = torch.stack([source.render(i).frames for i in range(start, min(start + 20, asked.clips))])
            seen.append(frames.flatten(0, 1))
            pixels = frames.float() / 127.5 - 1
            with torch.no_grad():
                tokens = net.encode(net.cut(frames))
            for part, file, given, answer in (
                    ("whole windows", "model.onnx", pixels, answers(net, frames)),
                    ("frame encoder", "frame_encoder.onnx", pixels.reshape(-1, 2, *pixels.shape[2:]), tokens.flatten(0, 1)),
                    ("temporal head", "temporal_head.onnx", tokens, answers(net, frames))):
                worst[part] = max(worst[part], verify(os.path.join(model, file), given, answer, net.shape.config(), folder))
        worst["kept tokens"], windows = kept(model, torch.cat(seen), net, folder)
    print(f"kept tokens: scores of {windows} windows of a film of all clips in a row, at every third picture, as `replay` gives them; the others: logits and tokens")
    for part, difference in worst.items():
        print(f"{part:14} differs by at most {difference:.1e} on {asked.clips} clips")
    sys.exit(0 if max(worst.values()) <= asked.tolerance else 1)


if __name__ == "__main__":
    main()
