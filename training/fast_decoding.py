#!/usr/bin/python3
"""What `decode: fast` does to scores: labelled clips as they are, with B pictures and as H.265, decoded exactly and fast."""
import argparse
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(HERE, "..", "actionstream")

FORMS = {
    "as they are": None,
    "H.264, no B pictures": ["-c:v", "libx264", "-preset", "veryfast", "-bf", "0", "-crf", "23"],
    "H.264, 3 B pictures": ["-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-crf", "23"],
    "H.264, 3 B pictures, none of them referred to": ["-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-crf", "23", "-x264-params", "b-adapt=0:b-pyramid=none"],
    "H.265, 4 B pictures": ["-c:v", "libx265", "-preset", "superfast", "-crf", "25", "-x265-params", "log-level=none:bframes=4"],
}


def encoded(clips, form, folder):
    """Where the clips are in that form, with the manifest that names their labels."""
    if form is None:
        return clips
    with open(os.path.join(clips, "manifest.json")) as file:
        manifest = json.load(file)
    for clip in manifest["clips"]:
        to = os.path.join(folder, clip["file"])
        os.makedirs(os.path.dirname(to), exist_ok=True)
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", os.path.join(clips, clip["file"]), "-an", "-fps_mode", "passthrough", *form, "-pix_fmt", "yuv420p", to],
                       check=True)
    with open(os.path.join(folder, "manifest.json"), "w") as file:
        json.dump(manifest, file)
    return folder


def camera(mode, folder):
    config = os.path.join(folder, f"{mode}.yaml")
    with open(config, "w") as file:
        json.dump({"cameras": {"clip": {"url": "/dev/null", "decode": mode}}}, file)
    return config


def windows(file, config, folder):
    scores = os.path.join(folder, "scores.jsonl")
    subprocess.run([PROGRAM, "replay", file, "-c", config, "--scores", scores, "--json"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(scores) as lines:
        return [json.loads(line)["scores"] for line in lines]


def judged(clips, config):
    done = subprocess.run([PROGRAM, "evaluate", clips, "-c", config, "--json"], capture_output=True, text=True)
    if not done.stdout.strip():
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", help="a folder of labelled clips with a manifest.json")
    asked = parser.parse_args()
    print("| clips | windows | mean difference | 99 % below | largest | another leading label | windows, exact and fast | top-1, exact and fast | clips judged otherwise |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, form in FORMS.items():
        with tempfile.TemporaryDirectory() as folder:
            clips = encoded(asked.clips, form, folder)
            exact, fast = (camera(mode, folder) for mode in ("exact", "fast"))
            (before, after), apart, led, counts, odd = (judged(clips, exact), judged(clips, fast)), [], 0, [0, 0], 0
            for one in before["clips"]:
                file = os.path.join(clips, one["file"])
                a, b = windows(file, exact, folder), windows(file, fast, folder)
                counts = [counts[0] + len(a), counts[1] + len(b)]
                if len(a) != len(b):
                    odd += 1                                               # windows have no partners
                    continue
                for x, y in zip(a, b):
                    apart += [abs(p - q) for p, q in zip(x, y)]
                    led += max(range(len(x)), key=x.__getitem__) != max(range(len(y)), key=y.__getitem__)
            apart.sort()
            otherwise = sum(p["predicted"] != q["predicted"] for p, q in zip(before["clips"], after["clips"]))
            pairs = len(apart) // max(1, len(x))
            print(f"| {name} | {pairs} | {sum(apart) / len(apart):.4f} | {apart[int(0.99 * len(apart))]:.3f} | {apart[-1]:.3f} | {led} | {counts[0]}, {counts[1]}"
                  f"{f' ({odd} clips differ)' if odd else ''} | {before['top1']:.3f}, {after['top1']:.3f} | {otherwise} of {len(before['clips'])} |", flush=True)


main()
