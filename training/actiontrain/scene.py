"""The place of a clip, ray cast once: colours, depth, and where its floor is, so that shadows and occlusion agree with it."""
from dataclasses import dataclass

import numpy as np

from . import furniture
from .materials import material, noise, tone


@dataclass
class Scene:
    colour: np.ndarray                       # [H, W, 3] 0..1
    depth: np.ndarray                        # [H, W] metres along the view
    floor: np.ndarray                        # [H, W] true where the floor is seen
    place: np.ndarray                        # [H, W, 2] x, z of the floor seen there
    light: dict                              # from, strength, ambient, wrap, tint


def lighting(chance):
    around, high = chance.uniform(-np.pi, np.pi), chance.uniform(0.25, 1.5)
    source = np.array([np.sin(around) * np.cos(high), np.sin(high), np.cos(around) * np.cos(high)])
    strength = chance.style(0.15, 0.85)
    tint = np.clip(1 + chance.normal(0.05) * np.array([1, 0.1, -1]), 0.8, 1.2).astype(np.float32)
    return {"from": source, "strength": np.float32(strength), "ambient": np.float32(chance.style(0.9, 1.1) - 0.62 * strength), "wrap": np.float32(chance.style(0.1, 0.5)), "tint": tint}


def build(chance, camera, take, joints, kind=None, sparse=False):
    light = lighting(chance)
    origin = camera.place.astype(np.float32)
    rays = camera.rays()
    shape = rays.shape[:2]
    flat = rays.reshape(-1, 3)
    kind = kind or chance.pick(["room", "outdoor", "cloud"], [8, 1.6, 0.5])
    theta = chance.uniform(-np.pi, np.pi)
    low, high = joints[..., [0, 2]].reshape(-1, 2).min(0), joints[..., [0, 2]].reshape(-1, 2).max(0)
    middle, reach = (low + high) / 2, max((high - low).max() / 2, 0.3)
    if kind == "room":
        colour, depth, floor = walls(chance, flat, origin, middle, theta, reach)
    else:
        colour, depth, floor = open_air(chance, flat, origin, kind)
    hit = origin + flat * depth[:, None]
    boxes = things(chance, take, middle, reach, camera, kind, sparse)
    owner = np.full(len(flat), -1)
    for number, box in enumerate(boxes):
        cast(box, camera, flat, origin, colour, depth, owner, number, light)
    if kind == "room":
        fall = 1.15 - chance.style(0.0, 0.09) * np.linalg.norm(hit - hit.mean(0), axis=1)
        colour *= np.clip(fall, 0.5, 1.2)[:, None]
    colour *= light["tint"] * np.float32(chance.style(0.8, 1.1))
    floor &= owner < 0
    place = hit[:, [0, 2]]
    return Scene(np.clip(colour, 0, 1).reshape(*shape, 3), depth.reshape(shape), floor.reshape(shape), place.reshape(*shape, 2), light)


def walls(chance, rays, origin, middle, theta, reach):
    """A box room around the actor, turned by theta; walls between camera and actor are not there."""
    cos, sin = np.float32(np.cos(theta)), np.float32(np.sin(theta))
    dx, dy, dz = rays[:, 0] * cos - rays[:, 2] * sin, rays[:, 1], rays[:, 0] * sin + rays[:, 2] * cos
    ox, oz = origin[0] - middle[0], origin[2] - middle[1]
    ox, oz, oy = ox * cos - oz * sin, ox * sin + oz * cos, origin[1]
    bounds = [reach + chance.style(0.35, 3.2) for _ in range(4)]
    ceiling = max(chance.style(2.3, 3.4), oy + 0.2)
    with np.errstate(divide="ignore", invalid="ignore"):
        tx = np.where(dx > 0, (bounds[0] - ox) / dx, (-bounds[1] - ox) / dx)
        tz = np.where(dz > 0, (bounds[2] - oz) / dz, (-bounds[3] - oz) / dz)
        ty = np.where(dy > 0, (ceiling - oy) / dy, -oy / dy)
    tx, ty, tz = (np.where((t > 0.05) & np.isfinite(t), t, 1e6).astype(np.float32) for t in (tx, ty, tz))
    depth = np.minimum(np.minimum(tx, tz), ty)
    floor = (ty <= depth) & (dy < 0)
    colour = np.empty((len(rays), 3), np.float32)
    hx, hy, hz = ox + dx * depth, oy + dy * depth, oz + dz * depth
    ground = material(chance, ["plain", "tiles", "check", "planks", "spots", "cloud", "stripes"], [3, 2, 2, 3, 1.5, 1, 0.5], 0.1, 0.9)
    roof = material(chance, ["plain", "tiles"], [4, 1], 0.6, 1.0, 0.1)
    paper = material(chance, ["plain", "stripes", "bricks", "spots", "cloud", "planks"], [12, 0.7, 0.7, 0.3, 0.6, 0.4], 0.3, 1.0, 0.35)
    colour[floor] = ground.at(hx[floor], hz[floor])
    up = (ty <= depth) & (dy > 0)
    colour[up] = roof.at(hx[up], hz[up])
    skirting = tone(chance, 0.05, 0.9) if chance.yes(0.6) else None
    for number, (mine, along) in enumerate([((tx <= depth) & (dx > 0), hz), ((tx <= depth) & (dx <= 0), hz), ((tz <= depth) & (dz > 0), hx), ((tz <= depth) & (dz <= 0), hx)]):
        mine = np.flatnonzero(mine & ~floor & ~up)
        if len(mine) == 0:
            continue
        u, v = along[mine], hy[mine]
        shade = chance.uniform(0.8, 1.05)
        part = paper.at(u, v)
        if skirting is not None:
            part[v < 0.1] = skirting
        for _ in range(chance.integer(0, 10)):
            hang(chance, part, u, v, ceiling)
        colour[mine] = part * shade
    return colour, depth, floor


def hang(chance, part, u, v, ceiling):
    """A door, window, curtain, picture or shelf on a wall."""
    kind = chance.pick(["door", "window", "picture", "curtain", "shelf", "small"], [2, 2, 3, 1, 1.5, 2])
    wide, low, high = {"door": (0.45, 0, 2.05), "window": (chance.style(0.3, 1.2), 0.9, 2.1), "picture": (chance.style(0.1, 0.6), 1.2, 1.2 + chance.style(0.2, 0.9)),
                       "curtain": (chance.style(0.3, 1.3), 0.1, 2.3), "shelf": (chance.style(0.3, 1.0), chance.pick([0.0, 1.1]), 2.0), "small": (0.06, 1.1, 1.25)}[kind]
    middle = chance.uniform(u.min() - 0.2, u.max() + 0.2)
    inside = (np.abs(u - middle) < wide) & (v > low) & (v < min(high, ceiling))
    if not inside.any():
        return
    patterns = {"door": ["plain", "planks", "tiles"], "window": ["plain", "tiles"], "picture": ["cloud", "spots", "plain", "check"], "curtain": ["stripes", "cloud"], "shelf": ["shelf"], "small": ["plain"]}[kind]
    stuff = material(chance, patterns, dark=0.7 if kind == "window" and chance.yes(0.6) else 0.05, bright=0.8)
    part[inside] = stuff.at(u[inside] - middle, v[inside])
    edge = inside & ((np.abs(u - middle) > wide - 0.04) | (v > high - 0.04) | (v < low + 0.04))
    part[edge] = tone(chance, 0.05, 1.0)


def open_air(chance, rays, origin, kind):
    """Ground to the horizon, a hedge or houses before a sky; or nothing but blotches."""
    dy = rays[:, 1]
    depth = np.where(dy < -1e-3, -origin[1] / np.minimum(dy, -1e-3), 1e6).astype(np.float32)
    far = chance.style(6, 30)
    floor = depth < far
    flat = np.linalg.norm(rays[:, [0, 2]], axis=1)
    bearing = np.arctan2(rays[:, 0], rays[:, 2])
    height = origin[1] + dy / flat * far
    colour = np.empty((len(rays), 3), np.float32)
    hit = rays * depth[:, None]
    ground = material(chance, ["cloud", "plain", "spots", "tiles", "bricks"], [4, 2, 1, 1, 0.5], 0.1, 0.85, 0.6)
    colour[floor] = ground.at(hit[floor, 0], hit[floor, 2])
    sky = tone(chance, 0.5, 1.0, 0.4)
    colour[~floor] = sky * np.clip(1.1 - 0.02 * height[~floor], 0.7, 1.1)[:, None]
    top = chance.style(0.5, 9) * (1 + 0.35 * noise(bearing * 2, bearing * 0 + 1) + 0.1 * noise(bearing * 9, bearing * 0))
    hedge = ~floor & (height < top)
    stuff = material(chance, ["cloud", "spots", "bricks", "shelf", "plain"], [4, 2, 1, 1, 1], 0.05, 0.7, 0.7)
    colour[hedge] = stuff.at(bearing[hedge] * far * 0.35, height[hedge] * 0.5)
    if kind == "cloud":
        stuff = material(chance, ["cloud", "spots"], bright=0.9)
        mix = chance.style(0.3, 1.0)
        colour += mix * (stuff.at(bearing * 3 + 20, dy / flat * 3 + 20) - colour)
    depth[~floor] = far
    return colour, depth, floor


def things(chance, take, middle, reach, camera, kind, sparse):
    """The boxes of the furniture the action needs, of more around it, and sometimes of some in front."""
    boxes = []
    for name, x, z, yaw, height in take.props:
        boxes += furniture.put(x, z, yaw, furniture.seat_of(chance, name, height, take.label == "lie"))
    if sparse:
        return boxes
    view = np.arctan2(camera.place[0] - middle[0], camera.place[2] - middle[1])
    for _ in range(chance.integer(0, 11 if kind == "room" else 4)):
        angle = view + np.pi + chance.normal(1.0)
        away = reach + 0.75 + chance.uniform(0, 1.8)
        build = chance.pick(furniture.ANY, furniture.WEIGHTS)
        boxes += furniture.put(middle[0] + np.sin(angle) * away, middle[1] + np.cos(angle) * away, chance.uniform(-np.pi, np.pi), build(chance))
    if chance.yes(0.22):                     # something low between camera and actor, mostly to one side
        gap = np.hypot(camera.place[0] - middle[0], camera.place[2] - middle[1])
        away = chance.uniform(0.35, 0.75) * gap
        if away > reach + 0.45:
            angle = view + chance.normal(0.25)
            build = chance.pick([furniture.chair, furniture.table, furniture.sofa, furniture.clutter])
            boxes += furniture.put(middle[0] + np.sin(angle) * away, middle[1] + np.cos(angle) * away, chance.uniform(-np.pi, np.pi), build(chance))
    return boxes


def cast(box, camera, rays, origin, colour, depth, owner, number, light):
    """One box by slabs, only in the rectangle of the picture that its corners span."""
    x, z, yaw, hx, hz, low, high, stuff = box
    cos, sin = np.cos(yaw), np.sin(yaw)
    corners = np.array([(x + cos * sx * hx + sin * sz * hz, y, z - sin * sx * hx + cos * sz * hz) for sx in (-1, 1) for sz in (-1, 1) for y in (low, high)])
    sx, sy, ahead = camera.see(corners)
    if ahead.max() < 0.3:
        return
    width, height = camera.width, camera.height
    x0, x1, y0, y1 = 0, width, 0, height
    if ahead.min() > 0.3:
        x0, x1 = int(np.clip(sx.min() / camera.stretch + width / 2, 0, width)), int(np.clip(sx.max() / camera.stretch + width / 2 + 1, 0, width))
        y0, y1 = int(np.clip(sy.min() + height / 2, 0, height)), int(np.clip(sy.max() + height / 2 + 1, 0, height))
    if x1 <= x0 or y1 <= y0:
        return
    index = (np.arange(y0, y1)[:, None] * width + np.arange(x0, x1)).ravel()
    d = rays[index]
    ox, oz = origin[0] - x, origin[2] - z
    ox, oz = np.float32(ox * cos - oz * sin), np.float32(ox * sin + oz * cos)
    dx, dz = d[:, 0] * np.float32(cos) - d[:, 2] * np.float32(sin), d[:, 0] * np.float32(sin) + d[:, 2] * np.float32(cos)
    safe = lambda value: np.where(np.abs(value) < 1e-6, np.float32(1e-6), value)
    dx, dz, dy = safe(dx), safe(dz), safe(d[:, 1])
    tx0, tx1 = (-hx - ox) / dx, (hx - ox) / dx
    ty0, ty1 = (low - origin[1]) / dy, (high - origin[1]) / dy
    tz0, tz1 = (-hz - oz) / dz, (hz - oz) / dz
    nx, ny, nz = np.minimum(tx0, tx1), np.minimum(ty0, ty1), np.minimum(tz0, tz1)
    enter = np.maximum(np.maximum(nx, ny), nz)
    leave = np.minimum(np.minimum(np.maximum(tx0, tx1), np.maximum(ty0, ty1)), np.maximum(tz0, tz1))
    hit = np.flatnonzero((enter < leave) & (enter > 0.05) & (enter < depth[index]))
    if len(hit) == 0:
        return
    pixel, t = index[hit], enter[hit].astype(np.float32)
    px, py, pz = ox + dx[hit] * t, origin[1] + dy[hit] * t, oz + dz[hit] * t
    on_x, on_y = nx[hit] >= t - 1e-5, ny[hit] >= t - 1e-5
    u = np.where(on_x, pz, px)
    v = np.where(on_y & ~on_x, pz, py)
    source = light["from"]
    local = np.array([source[0] * cos - source[2] * sin, source[1], source[0] * sin + source[2] * cos])
    facing = np.where(on_x, -np.sign(dx[hit]) * local[0], np.where(on_y, -np.sign(dy[hit]) * local[1], -np.sign(dz[hit]) * local[2]))
    bright = light["ambient"] + light["strength"] * np.clip(facing * 0.7 + 0.3, 0, 1)
    colour[pixel] = stuff.at(u, v) * bright[:, None]
    depth[pixel] = t
    owner[pixel] = number
