"""Draws capsules with a depth test: every capsule only in its own bounding box, all frames of a clip at once."""
from functools import lru_cache

import numpy as np


@lru_cache(1)
def grain():
    """A tile of smooth noise, -1..1, for cloth and walls: a white one whose waves fade with their fineness; it repeats without a seam."""
    white = np.fft.fft2(np.random.default_rng(7).normal(size=(128, 128)))
    rate = np.hypot(*np.meshgrid(np.fft.fftfreq(128), np.fft.fftfreq(128)))
    total = np.fft.ifft2(white / (rate + 0.012) ** 1.15).real
    total -= total.mean()
    return np.clip(total / total.std() / 2.5, -1, 1).astype(np.float32).ravel()


def rows_of(top, bottom, height):
    """Rows of pixels that boxes touch: index of the box and y, box after box."""
    y0, y1 = (np.clip(edge, 0, height).astype(np.int32) for edge in (np.floor(top), np.ceil(bottom)))
    high = np.maximum(y1 - y0, 0)
    box = np.repeat(np.arange(len(high), dtype=np.int32), high)
    return box, y0[box] + np.arange(len(box), dtype=np.int32) - (np.cumsum(high) - high).astype(np.int32)[box]


def pixels_of(left, right, width):
    """Pixels of rows: index of the row and x, row after row."""
    x0, x1 = (np.clip(edge, 0, width).astype(np.int32) for edge in (np.floor(left), np.ceil(right)))
    wide = np.maximum(x1 - x0, 0)
    row = np.repeat(np.arange(len(wide), dtype=np.int32), wide)
    start = (x0 - (np.cumsum(wide) - wide)).astype(np.int32)
    return row, start[row] + np.arange(len(row), dtype=np.int32)


def boxes(left, right, top, bottom, width, height):
    """Pixel lists of all boxes: index of the box, x and y of the pixel."""
    box, y = rows_of(np.where(right > left, top, 0), np.where(right > left, bottom, 0), height)
    row, x = pixels_of(left[box], right[box], width)
    return box[row], x, y[row]


def visible(camera, shapes, scene_depth, together=4):
    """The fragments of [T, C] capsules that win the depth test; a few frames at a time, so that the work stays in the cache."""
    parts = []
    for first in range(0, len(shapes["a"]), together):
        some = dict(shapes, a=shapes["a"][first:first + together], b=shapes["b"][first:first + together])
        part = nearest(camera, some, scene_depth)
        part["frame"] += first
        parts.append(part)
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def nearest(camera, shapes, scene_depth):
    """Of these frames: frame, pixel, capsule, place along it, normal, and the share of the actor hidden by the scene."""
    frames, count = shapes["a"].shape[:2]
    ax, ay, az = (value.astype(np.float32).ravel() for value in camera.see(shapes["a"]))
    bx, by, bz = (value.astype(np.float32).ravel() for value in camera.see(shapes["b"]))
    ra, rb = np.tile(shapes["ra"], frames), np.tile(shapes["rb"], frames)      # float32 throughout: half the memory to move
    focal, stretch = np.float32(camera.focal), np.float32(camera.stretch)
    ok = (az > 0.25) & (bz > 0.25)
    pa, pb = focal * ra / np.maximum(az, 0.25), focal * rb / np.maximum(bz, 0.25)
    shift_x, shift_y = np.float32(camera.width / 2), np.float32(camera.height / 2)
    wide = np.where(ok, np.maximum(pa, pb), 0).astype(np.float32)
    top, bottom = np.minimum(ay - pa, by - pb) + shift_y, np.maximum(ay + pa, by + pb) + shift_y
    dx, dy = bx - ax, by - ay
    box, y = rows_of(np.where(ok, top, 0), np.where(ok, bottom, 0), camera.height)
    level = y.astype(np.float32) + np.float32(0.5 - shift_y)
    slope = np.where(np.abs(dy) < 1e-3, np.float32(1e-3), dy)[box]
    t0, t1 = (level - wide[box] - ay[box]) / slope, (level + wide[box] - ay[box]) / slope     # where the axis crosses this row
    x0, x1 = ax[box] + np.clip(t0, 0, 1) * dx[box], ax[box] + np.clip(t1, 0, 1) * dx[box]
    left, right = np.minimum(x0, x1) - wide[box], np.maximum(x0, x1) + wide[box]
    row, x = pixels_of(left / stretch + shift_x, right / stretch + shift_x, camera.width)
    which, y = box[row], y[row]
    px = (x.astype(np.float32) + np.float32(0.5 - shift_x)) * np.float32(stretch) - ax[which]
    py = level[row] - ay[which]
    flat = np.maximum(dx * dx + dy * dy, np.float32(1e-2))
    along = px * (dx / flat)[which] + py * (dy / flat)[which]
    across = px * (-dy / np.sqrt(flat))[which] + py * (dx / np.sqrt(flat))[which]
    rise = (bz - az) * focal / np.maximum((az + bz) / 2, np.float32(0.3))      # pixels
    lean = rise / np.sqrt(flat) / np.sqrt(flat + rise * rise)
    clamped = np.minimum(np.maximum(along, np.float32(0)), np.float32(1))
    radius = pa[which] + clamped * (pb - pa)[which]
    # A limb that points at the camera shows the spheres nearest to it, not those closest in the picture.
    along -= np.sqrt(np.maximum(radius * radius - across * across, np.float32(0))) * lean[which]
    along = np.minimum(np.maximum(along, np.float32(0)), np.float32(1))
    px -= along * dx[which]
    py -= along * dy[which]
    radius = pa[which] + along * (pb - pa)[which]
    square = px * px + py * py
    keep = np.flatnonzero(square < radius * radius)
    which, along, radius, square = which[keep], along[keep], radius[keep], square[keep]
    depth = az[which] + along * (bz - az)[which]
    depth -= np.sqrt(np.maximum(radius * radius - square, np.float32(0))) * depth / focal
    frame = which // count
    pixel = y[keep] * camera.width + x[keep]
    seen = np.flatnonzero(depth < scene_depth.ravel()[pixel])
    actor = shapes["owner"] == 0
    hidden = 1 - actor[which[seen] % count].sum() / max(actor[which % count].sum(), 1)
    place = frame[seen] * (camera.width * camera.height) + pixel[seen]
    near, far = (depth[seen].min(), depth[seen].max()) if len(seen) else (0, 1)
    level = ((far - depth[seen]) / max(far - near, 1e-6) * 65535).astype(np.uint16)
    order = np.argsort(level, kind="stable")
    winner = np.full(frames * camera.width * camera.height, -1, np.int32)
    winner[place[order]] = order
    winner = winner[winner >= 0]
    pick = seen[winner]
    normal_x, normal_y = px[keep[pick]] / radius[pick], py[keep[pick]] / radius[pick]
    normal_z = np.sqrt(np.maximum(1 - normal_x ** 2 - normal_y ** 2, np.float32(0)))
    return {"frame": frame[pick], "pixel": pixel[pick], "capsule": which[pick] % count, "along": along[pick], "hidden": np.array([hidden]),
            "normal": np.stack([normal_x, normal_y, -normal_z], -1)}


def painted(found, shapes, light, camera):
    """Colours [F, 3] of fragments: cloth and skin, patterns, light from one side."""
    capsule, along, normal = found["capsule"], found["along"], found["normal"]
    colour = np.where((along > shapes["cut"][capsule])[:, None], shapes["second"][capsule], shapes["first"][capsule])
    pattern = shapes["pattern"][capsule]
    if pattern.any():
        scale = shapes["scale"][capsule]
        across = np.arcsin(np.clip(normal[:, 0], -1, 1)) * 0.5
        value = np.zeros(len(along), np.float32)
        for number, mask in (("bands", np.sin(along * scale * 2) > 0), ("stripes", np.sin(across * scale * 3) > 0.2),
                             ("check", (np.sin(along * scale * 2) > 0) ^ (np.sin(across * scale * 3) > 0)),
                             ("print", (np.abs(along - 0.6) < 0.18) & (np.abs(across) < 0.35))):
            value += (pattern == ORDER[number]) * mask
        index = ((along * scale * 3).astype(np.int32) & 127) * 128 + ((across * scale * 2 + capsule * 17).astype(np.int32) & 127)
        value += (pattern == ORDER["blotch"]) * np.clip(grain()[index] * 1.5 + 0.35, 0, 1)
        colour = colour + value[:, None] * (shapes["trim"][capsule] - colour) * 0.8
    facing = normal @ (camera.axes @ light["from"]).astype(np.float32)
    facing = np.clip(facing * (1 - light["wrap"]) + light["wrap"], 0, 1)
    bright = light["ambient"] + light["strength"] * facing
    return colour * (bright[:, None] * light["tint"])


ORDER = {"plain": 0, "bands": 1, "stripes": 2, "check": 3, "blotch": 4, "print": 5}
