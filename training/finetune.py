#!/usr/bin/python3
"""Makes a model of your own labels from DIR/<label>/*.mp4 (mkv, avi, mov, webm) or DIR/manifest.json, starting from the default model."""
import argparse
import collections
import os
import shutil
import subprocess
import sys
import time

try:
    import torch

    from actiontrain import calibrate, export, finetuning, safetensors, video
    from actiontrain.measures import describe
    from actiontrain.network import Network
except ModuleNotFoundError as missing:
    sys.exit(f"finetune.py needs {missing.name}, which {sys.executable} does not have. On Debian and Ubuntu: apt install python3-torch, then "
             "/usr/bin/python3 training/finetune.py …; elsewhere: pip install torch numpy in an environment of its own")

# Of each label, as docs/models.md asks for.
WANTED = 30

HERE = os.path.dirname(os.path.abspath(__file__))


def bar(what):
    """A progress bar on a terminal, one line otherwise."""
    def tell(done):
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{what:24} [{'#' * int(done * 30):30}] {done:4.0%}" + ("\n" if done >= 1 else ""))
        elif done >= 1:
            sys.stderr.write(f"{what}: done\n")
        sys.stderr.flush()
    return tell


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--out", required=True, help="the model's folder, for `actionstream run`")
    parser.add_argument("--weights", default=os.path.join(HERE, "default", "weights.safetensors"), help="where to start")
    parser.add_argument("--labels", help="those to learn, with commas between; all that are found without it")
    parser.add_argument("--background", help="the label that means nothing of interest and never makes an event")
    parser.add_argument("--versions", type=int, default=6, help="changed looks of each clip")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def read(asked):
    """Windows, label and group of each clip that can be read."""
    if not os.path.isdir(asked.folder):
        sys.exit(f"{asked.folder} is no folder; expected clips as DIR/<label>/*.mp4, or listed in DIR/manifest.json")
    if not shutil.which("ffmpeg"):
        sys.exit("ffmpeg, which reads the clips, is not there: apt install ffmpeg")
    others = video.beside(asked.folder)
    if others:
        print(f"left out, no clips: {', '.join(others[:5])}{', …' if len(others) > 5 else ''}", file=sys.stderr)
    wanted = asked.labels.split(",") if asked.labels else None
    listed = [entry for entry in video.listed(asked.folder) if wanted is None or entry[1] in wanted]
    if len({label for _, label, _, _ in listed}) < 2:
        sys.exit(f"{asked.folder}: {len(listed)} clips of {len({label for _, label, _, _ in listed})} labels; expected clips of two labels or more, "
                 "as DIR/<label>/*.mp4 or listed in DIR/manifest.json")
    tell, clips = bar("reading clips"), []
    for i, (path, label, segments, group) in enumerate(listed):
        try:
            windows = video.windows(video.decode(path), hop=4, segments=segments)[:8]
            clips.append((os.path.relpath(path, asked.folder), label, group, windows))
        except ValueError as unreadable:
            print(f"left out: {unreadable}", file=sys.stderr)
        tell((i + 1) / len(listed))
    return clips


def tell_found(clips):
    """What there is, and what is too little of it, before minutes of work."""
    counts, groups = collections.Counter(), collections.defaultdict(set)
    for _, label, group, _ in clips:
        counts[label] += 1
        groups[label].add(group)
    print("found: " + "; ".join(f"{label} {counts[label]} ({len(groups[label])} sources)" for label in sorted(counts)), file=sys.stderr)
    few = [label for label in sorted(counts) if counts[label] < WANTED]
    if few:
        print(f"too few of {', '.join(few)} for more than a trial: {WANTED} clips or more of each label are needed, of several persons and places. "
              "It goes on; do not trust the accuracy below", file=sys.stderr)


def main():
    asked = options()
    started = time.monotonic()
    if not os.path.exists(asked.weights):
        sys.exit(f"{asked.weights} does not exist; expected the weights to start from (--weights)")
    net = Network.of(safetensors.load(asked.weights)[0])
    clips = read(asked)
    names = sorted({label for _, label, _, _ in clips})
    tell_found(clips)
    labels = [names.index(label) for _, label, _, _ in clips]
    groups = [group for _, _, group, _ in clips]
    held = finetuning.split(groups, labels, seed=asked.seed)
    learn, rest = [i for i, out in enumerate(held) if not out], [i for i, out in enumerate(held) if out]
    if not rest or len({labels[i] for i in learn}) < len(names):
        sys.exit(f"{len(set(groups))} sources are too few to hold a third of them out with every label still learned from; needed are two "
                 f"recordings (or persons) of each label at the least, and {WANTED} to learn something. Add recordings and run it again")

    part = lambda which, versions, what: finetuning.tokens_of(net, [clips[i][3] for i in which], versions, asked.seed, bar(what))
    found, judged = part(learn, asked.versions, "looking at clips"), part(rest, 0, "looking at held-out clips")
    mine = [labels[i] for i in learn]
    layers = choose(net, found, mine, [groups[i] for i in learn], len(names), asked)
    new = finetuning.train(net, found, mine, len(names), layers, asked.epochs, seed=asked.seed, tell=bar("learning"))
    scores = finetuning.judge(new, judged, len(rest))
    truth = [labels[i] for i in rest]
    print(describe("held-out third", scores.argmax(1), truth, names))
    enter = calibrate.thresholds(scores, torch.tensor(truth), names, asked.background, false_share=0.02)
    write(asked, new, names, enter)
    print(f"{len(clips)} clips of {len(set(groups))} sources, {len(learn)} learned from; {'last layers' if layers else 'last layer alone'}; "
          f"{time.monotonic() - started:.0f} s. The model is in {asked.out}.\n"
          f"Next: actionstream evaluate OTHER_CLIPS --model {asked.out}, on recordings it did not learn from")


def choose(net, found, labels, groups, classes, asked):
    """Whether letting the temporal layers learn pays, told by a quarter of what is learned from."""
    aside = finetuning.split(groups, labels, 1 / 4, asked.seed + 1)
    inner = [(i, tokens) for i, tokens in found if not aside[i]]
    outer = [(i, tokens) for i, tokens in found if aside[i]]
    if not outer or len({labels[i] for i, _ in inner}) < classes:
        return False
    surprise = {}
    for layers in (False, True):
        new = finetuning.train(net, inner, labels, classes, layers, asked.epochs, seed=asked.seed, tell=bar(f"trying {'last layers' if layers else 'last layer'}"))
        scores = finetuning.judge(new, outer, len(labels))
        rows = sorted({i for i, _ in outer})
        surprise[layers] = -float(torch.stack([scores[i, labels[i]].clamp(min=1e-4).log() for i in rows]).mean())
    return surprise[True] < surprise[False]


def write(asked, net, names, enter):
    os.makedirs(asked.out, exist_ok=True)
    weights, listed = os.path.join(asked.out, "weights.safetensors"), os.path.join(asked.out, "labels.txt")
    export.save(weights, export.rounded(net), names, asked.background or "", enter, f"fine-tuned on {os.path.basename(os.path.abspath(asked.folder))}", "yours")
    with open(listed, "w") as file:
        file.write("\n".join(names) + "\n")
    done = subprocess.run(
        [os.path.join(HERE, "..", "actionstream"), "models", "build", "factorised-tokenlearner-vivit-mini", "--weights", weights, "--labels", listed,
         "--split", "--out", asked.out], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)


if __name__ == "__main__":
    main()
