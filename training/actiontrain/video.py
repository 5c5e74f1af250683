"""Decodes recorded clips as the pipeline's ingest does with `fit: stretch`: 112 x 112 pixels, a picture every 125 ms."""
import json
import os
import subprocess

import torch

SIZE, FPS, LENGTH = 112, 8, 16

VIDEOS = (".mp4", ".mkv", ".avi", ".mov", ".webm")


def decode(path, size=SIZE, fps=FPS):
    """All pictures of a file, [T, size, size, 3] bytes."""
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-threads", "1", "-i", path, "-map", "0:v:0", "-vf", f"fps={fps},scale={size}:{size}:flags=bilinear,format=rgb24",
         "-f", "rawvideo", "-"], capture_output=True)
    frame = size * size * 3
    if done.returncode != 0 or len(done.stdout) < frame:
        reason = done.stderr.decode(errors="replace").strip().splitlines()
        raise ValueError(f"{path}: no picture could be decoded ({reason[-1] if reason else 'it is empty'})")
    count = len(done.stdout) // frame
    return torch.frombuffer(bytearray(done.stdout[:count * frame]), dtype=torch.uint8).reshape(count, size, size, 3)


def write(path, frames, rate_factor=18):
    """Pictures [T, S, S, 3] of bytes to an H.264 file that `decode` and the pipeline's ingest read alike."""
    side = frames.shape[2]
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{side}x{side}", "-r", str(FPS), "-i", "-", "-c:v", "libx264", "-crf", str(rate_factor),
         "-pix_fmt", "yuv420p", "-threads", "1", path], input=frames.tobytes(), check=True)


def windows(frames, hop=2, segments=None, fps=FPS):
    """Clips of 16 pictures, [N, 16, H, W, 3], whose middle lies in one of the segments (seconds). A short clip holds its last picture."""
    if len(frames) < LENGTH:
        frames = torch.cat([frames, frames[-1:].expand(LENGTH - len(frames), -1, -1, -1)])
    starts = list(range(0, len(frames) - LENGTH + 1, hop))
    inside = [s for s in starts if not segments or any(a <= (s + LENGTH / 2) / fps <= b for a, b in segments)]
    if not inside:                                                     # a segment before the first window's middle: the nearest window tells
        middle = sum(a + b for a, b in segments) / 2 / len(segments)
        inside = [min(starts, key=lambda s: abs((s + LENGTH / 2) / fps - middle))]
    return torch.stack([frames[s:s + LENGTH] for s in inside])


def listed(folder):
    """(file, label, segments of that label, whose) of a folder with manifest.json, or of folders named by label."""
    manifest = os.path.join(folder, "manifest.json")
    if os.path.exists(manifest):
        with open(manifest) as file:
            clips = json.load(file)["clips"]
        for clip in clips:
            marks = clip.get("observed_segments") or clip.get("segments") or []
            segments = [(mark["start"], mark["end"]) for mark in marks if mark["label"] == clip["label"]]
            yield os.path.join(folder, clip["file"]), clip["label"], segments, clip.get("person") or clip["file"]
        return
    for name, label in found(folder):
        if name.lower().endswith(VIDEOS):
            yield os.path.join(folder, name), label, [], name


def beside(folder):
    """Files among the clips that are none."""
    return [] if os.path.exists(os.path.join(folder, "manifest.json")) else [name for name, _ in found(folder) if not name.lower().endswith(VIDEOS)]


def found(folder):
    """(file below the folder, label) of DIR/LABEL/**, without what systems hide."""
    for label in sorted(os.listdir(folder)):
        for at, inner, names in os.walk(os.path.join(folder, label)):
            inner[:] = sorted(name for name in inner if not name.startswith((".", "@", "__")))
            for name in sorted(names):
                if not name.startswith(".") and not label.startswith("."):
                    yield os.path.relpath(os.path.join(at, name), folder), label
