#!/usr/bin/python3
"""Renders the demo's clip: one simple figure doing several actions in a row, procedurally, with the true labels beside it.

usage: render.py            -> clip.mp4 and truth.json beside this file
needs: python3-numpy, ffmpeg. Same output every time.
"""
import json
import math
import subprocess
from pathlib import Path

import numpy as np

W, H, FPS = 640, 360, 25
GROUND = 322.0
HERE = Path(__file__).parent

# (label, seconds); joint angles are measured from straight down, in radians, positive = forward (to the right)
SCRIPT = [("idle", 2), ("wave", 3), ("walk", 5), ("squat", 4), ("jumping_jack", 4), ("idle", 1), ("fall", 1.2), ("lie", 3.8)]
UPPER_ARM, FOREARM, THIGH, SHIN, TORSO, HEAD = 34, 32, 46, 46, 74, 17


def ease(x):
    x = min(max(x, 0.0), 1.0)
    return x * x * (3 - 2 * x)


def pose(label, t, x):
    """Hip position, lean of the torso, and (upper, lower) angles of left arm, right arm, left leg, right leg."""
    hip, lean = (x, GROUND - THIGH - SHIN), 0.0
    arms = [[-0.10, -0.05], [0.10, 0.05]]
    legs = [[-0.06, -0.02], [0.06, 0.02]]
    sway = 0.02 * math.sin(2 * math.pi * 0.3 * t)
    lean += sway
    if label == "wave":
        swing = math.sin(2 * math.pi * 1.8 * t)
        arms[1] = [math.pi * 0.75, math.pi + 0.45 * swing]
    elif label == "walk":
        phase = 2 * math.pi * 1.1 * t
        a = 0.55 * math.sin(phase)
        legs = [[a, a - 0.5 * max(0.0, math.cos(phase))], [-a, -a - 0.5 * max(0.0, -math.cos(phase))]]
        arms = [[-0.8 * a, -0.8 * a + 0.25], [0.8 * a, 0.8 * a + 0.25]]
        hip = (hip[0], hip[1] + 3 * math.cos(2 * phase) + 5)
    elif label == "squat":
        depth = 0.5 - 0.5 * math.cos(2 * math.pi * 0.5 * t)
        bend = 1.35 * depth
        legs = [[bend, -0.6 * bend], [bend * 0.92, -0.66 * bend]]
        drop = (THIGH * (1 - math.cos(bend)) + SHIN * (1 - math.cos(0.6 * bend)))
        hip = (hip[0] - 20 * depth, hip[1] + drop)
        lean += 0.55 * depth
        arms = [[1.5 * depth, 1.5 * depth], [1.4 * depth, 1.5 * depth]]
    elif label == "jumping_jack":
        open_ = 0.5 - 0.5 * math.cos(2 * math.pi * 1.0 * t)
        arms = [[-0.15 - 2.6 * open_] * 2, [0.15 + 2.6 * open_] * 2]
        legs = [[-0.05 - 0.45 * open_] * 2, [0.05 + 0.45 * open_] * 2]
        hip = (hip[0], hip[1] + 9 * open_ - 16 * abs(math.sin(2 * math.pi * 1.0 * t)))
    elif label in ("fall", "lie"):
        p = 1.0 if label == "lie" else ease((t / 1.2) ** 1.6)
        lean = 1.52 * p
        hip = (hip[0] + 30 * p, GROUND - (THIGH + SHIN) * (1 - p) - 12 * p)
        legs = [[-1.45 * p, -1.50 * p], [-1.35 * p - 0.05, -1.48 * p]]
        arms = [[0.9 * p, 1.5 * p], [1.9 * p, 1.6 * p + 0.05]]
    return hip, lean, arms, legs


def capsules(label, t, x):
    (hx, hy), lean, arms, legs = pose(label, t, x)
    def end(p, angle, length):
        return p[0] + math.sin(angle) * length, p[1] + math.cos(angle) * length
    hip = (hx, hy)
    neck = (hx + math.sin(lean) * TORSO, hy - math.cos(lean) * TORSO)
    shoulder = (hx + math.sin(lean) * (TORSO - 8), hy - math.cos(lean) * (TORSO - 8))
    head = (hx + math.sin(lean) * (TORSO + 22), hy - math.cos(lean) * (TORSO + 22))
    parts = []
    for (upper, lower), shade in zip(legs, (0.75, 1.0)):
        knee = end(hip, upper, THIGH)
        parts += [(hip, knee, 11, np.array([52, 60, 96]) * shade), (knee, end(knee, lower, SHIN), 9, np.array([46, 54, 88]) * shade)]
    for (upper, lower), shade in list(zip(arms, (0.78, 1.0)))[:1]:
        elbow = end(shoulder, upper, UPPER_ARM)
        parts += [(shoulder, elbow, 8, np.array([178, 66, 52]) * shade), (elbow, end(elbow, lower, FOREARM), 7, np.array([214, 168, 140]) * shade)]
    parts += [(hip, neck, 19, np.array([188, 72, 56])), (head, head, HEAD, np.array([222, 178, 150]))]
    elbow = end(shoulder, arms[1][0], UPPER_ARM)
    parts += [(shoulder, elbow, 8, np.array([170, 60, 48])), (elbow, end(elbow, arms[1][1], FOREARM), 7, np.array([222, 178, 150]))]
    return parts


def background(rng):
    yy, xx = np.mgrid[0:H, 0:W].astype(np.float32)
    wall = np.stack([176 + 14 * np.sin(xx / 170), 182 + 10 * np.sin(xx / 170), 178 - yy / 20], -1)
    floor = np.stack([128 - (yy - 268) / 6, 112 - (yy - 268) / 6, 96 - (yy - 268) / 6], -1)
    picture = np.where((yy > 268)[..., None], floor, wall)
    picture[60:190, 70:190] = [150, 176, 204]           # a window
    picture[122:126, 70:190] = picture[60:190, 128:132] = [226, 226, 222]
    picture[150:290, 500:600] = [122, 92, 70]           # a cupboard
    picture[150:290, 549:551] = [86, 62, 46]
    picture += rng.normal(0, 3, (H, W, 1))
    return picture.astype(np.float32)


def draw(picture, a, b, radius, colour):
    x0, x1 = int(max(0, min(a[0], b[0]) - radius - 2)), int(min(W, max(a[0], b[0]) + radius + 3))
    y0, y1 = int(max(0, min(a[1], b[1]) - radius - 2)), int(min(H, max(a[1], b[1]) + radius + 3))
    if x0 >= x1 or y0 >= y1:
        return
    yy, xx = np.mgrid[y0:y1, x0:x1].astype(np.float32)
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    u = np.clip(((xx - a[0]) * dx + (yy - a[1]) * dy) / length, 0, 1) if length > 0 else np.zeros_like(xx)
    distance = np.hypot(xx - a[0] - u * dx, yy - a[1] - u * dy)
    cover = np.clip(radius + 0.5 - distance, 0, 1)[..., None]
    light = (1.08 - 0.3 * (distance / radius))[..., None]
    region = picture[y0:y1, x0:x1]
    region += cover * (np.clip(colour * light, 0, 255) - region)


def main():
    rng = np.random.default_rng(7)
    room = background(rng)
    encoder = subprocess.Popen(
        ["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{W}x{H}", "-r", str(FPS), "-i", "-",
         "-c:v", "libx264", "-preset", "veryslow", "-crf", "27", "-g", "50", "-bf", "0", "-pix_fmt", "yuv420p",
         "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-threads", "1", str(HERE / "clip.mp4")],
        stdin=subprocess.PIPE)
    truth, start, x = [], 0.0, 210.0
    for label, seconds in SCRIPT:
        frames = round(seconds * FPS)
        for n in range(frames):
            if label == "walk":
                x += 34 / FPS
            picture = room.copy()
            shadow = (x + (40 if label == "lie" else 0), GROUND + 4)
            draw(picture, (shadow[0] - 34, shadow[1]), (shadow[0] + 34, shadow[1]), 6, np.array([92, 82, 72]))
            for a, b, radius, colour in capsules(label, n / FPS, x):
                draw(picture, a, b, radius, colour)
            picture += rng.normal(0, 2.0, (H, W, 1))
            encoder.stdin.write(np.clip(picture, 0, 255).astype(np.uint8).tobytes())
        truth.append({"label": label, "start": round(start, 3), "end": round(start + frames / FPS, 3)})
        start += frames / FPS
    encoder.stdin.close()
    encoder.wait()
    (HERE / "truth.json").write_text(json.dumps({"fps": FPS, "size": [W, H], "segments": truth}, indent=2) + "\n")


main()
