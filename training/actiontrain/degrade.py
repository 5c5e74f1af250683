"""What lies between a scene and the frames of a cheap camera: blur, noise, blocks, colour casts, night, shake."""
from functools import lru_cache

import numpy as np


@lru_cache(1)
def noise_bank():
    return np.random.default_rng(11).standard_normal(1 << 21, np.float32)


def noise(chance, shape):
    count = int(np.prod(shape))
    if count > 1 << 20:                      # a film: each frame from a place of its own
        return np.stack([noise(chance, shape[1:]) for _ in range(shape[0])])
    start = chance.integer(0, (1 << 21) - count)
    return noise_bank()[start:start + count].reshape(shape)


@lru_cache(1)
def cosines():
    k, n = np.mgrid[0:8, 0:8]
    basis = np.cos(np.pi * (2 * n + 1) * k / 16) * np.where(k == 0, np.sqrt(1 / 8), 0.5)
    return basis.astype(np.float32)


def moved(frames, shift_x, shift_y, scale, size):
    """Crops of size x size out of larger frames, each at its own place and scale, bilinear."""
    count, height, width = frames.shape[:3]
    grid = np.arange(size) + 0.5 - size / 2
    out = np.empty((count, size, size, 3), np.float32)
    for t in range(count):
        x, y = grid * scale[t] + width / 2 - 0.5 + shift_x[t], grid * scale[t] + height / 2 - 0.5 + shift_y[t]
        x, y = np.clip(x, 0, width - 1.001), np.clip(y, 0, height - 1.001)
        x0, y0 = x.astype(int), y.astype(int)
        fx, fy = (x - x0).astype(np.float32)[None, :, None], (y - y0).astype(np.float32)[:, None, None]
        rows = frames[t, y0] * (1 - fy) + frames[t, y0 + 1] * fy
        out[t] = rows[:, x0] * (1 - fx) + rows[:, x0 + 1] * fx
    return out


def shaken(chance, frames, size, joints=None):
    """A hand that trembles or a slow pan, within the margin of the frames; joints [T, 20, 2] (-1 to 1) move along."""
    count, margin = len(frames), (frames.shape[1] - size) / 2
    at = np.linspace(-1, 1, count)
    x, y, scale = np.zeros(count), np.zeros(count), np.ones(count)
    if chance.yes(0.65):
        amount = chance.uniform(0.1, 0.35) * margin
        for axis in (x, y):
            for rate in (2.5, 6, 11):
                axis += amount * np.sin(at * rate + chance.uniform(0, 6.28)) / rate ** 0.5
    if chance.yes(0.5):
        x += at * chance.uniform(-0.75, 0.75) * margin
        y += at * chance.uniform(-0.3, 0.3) * margin
        scale = 1 + at * chance.uniform(-0.06, 0.06)
    if joints is not None:
        shift = np.stack([x, y], -1)[:, None]
        joints = ((joints * frames.shape[1] / 2 - shift) / (scale[:, None, None] * size / 2)).astype(np.float32)
    return moved(frames, x, y, scale, size), joints


def blurred(frames, amount):
    """A three-tap blur along both axes; amount 0..1/3 is the weight of each neighbour."""
    for axis in (1, 2):
        side = np.roll(frames, 1, axis) + np.roll(frames, -1, axis)
        frames = frames * np.float32(1 - 2 * amount) + side * np.float32(amount)
    return frames


def grey_of(frames):
    return (frames @ np.float32([0.299, 0.587, 0.114]))[..., None]


def blocked(frames, strength):
    """Loses fine cosines of 8 x 8 blocks, as coarse compression does."""
    count, height, width, channels = frames.shape
    basis = cosines()
    steps = (1 + np.add.outer(np.arange(8), np.arange(8)) * 0.9).astype(np.float32) * np.float32(strength)
    tiles = frames.reshape(count, height // 8, 8, width // 8, 8, channels).transpose(0, 1, 3, 5, 2, 4)
    waves = basis @ np.ascontiguousarray(tiles) @ basis.T
    waves = np.round(waves / steps) * steps
    tiles = basis.T @ waves @ basis
    return tiles.transpose(0, 1, 4, 2, 5, 3).reshape(frames.shape)


def degraded(chance, frames):
    """Frames [T, S, S, 3] 0..1 to uint8 as a camera and its codec would give them."""
    count = len(frames)
    if chance.yes(0.5):
        frames = blurred(frames, chance.uniform(0.02, 0.25))
    if chance.yes(0.08):
        frames = blurred(frames, 0.3)
    frames = flickering(chance, exposed(chance, frames))
    gain = 1 + 0.04 * np.sin(np.arange(count) * chance.uniform(0.1, 0.9)) * chance.yes(0.25)
    cast = 1 + chance.normal(0.05, 3)
    night = chance.yes(0.06)
    if chance.yes(0.6):
        frames = np.maximum(frames, np.float32(0)) ** np.float32(np.exp(chance.normal(0.22)))
    frames = frames * (gain[:, None, None, None] * cast).astype(np.float32)
    if chance.yes(0.12):                     # haze or a dark room
        low, span = chance.pick([(chance.uniform(0.1, 0.35), chance.uniform(0.35, 0.6)), (0.0, chance.uniform(0.35, 0.7))])
        frames = low + frames * np.float32(span)
    if night or chance.yes(0.04):
        grey = grey_of(frames)
        frames = np.repeat(grey, 3, -1) * (np.array([1, 1, 1]) + chance.normal(0.03, 3)).astype(np.float32)
    elif chance.yes(0.4):                    # colour is stored coarser than brightness
        grey = grey_of(frames)
        tint = frames - grey
        coarse = 0.25 * (tint[:, ::2, ::2] + tint[:, 1::2, ::2] + tint[:, ::2, 1::2] + tint[:, 1::2, 1::2])
        frames = grey + np.repeat(np.repeat(coarse, 2, 1), 2, 2) * np.float32(chance.uniform(0.5, 1.1))
    if chance.yes(0.7) or night:
        level = chance.uniform(0.01, 0.035) if night else chance.uniform(0.0, 1.0) ** 2 * 0.02
        speckle = noise(chance, frames.shape[:3])[..., None] if night or chance.yes(0.4) else noise(chance, frames.shape)
        frames = frames + np.float32(level) * speckle
    if chance.yes(0.25):
        frames = blocked(frames, chance.uniform(0.01, 0.05))
    return np.minimum(np.maximum(frames * 255 + 0.5, 0), 255).astype(np.uint8)


def exposed(chance, frames):
    """What automatic exposure and contrast would do, not always well: most pictures end at a middle brightness and spread."""
    first = frames[0, ::3, ::3]
    bright, spread = float(first.mean()), max(float(first.std()), 0.03)
    wanted, wide = chance.uniform(0.36, 0.60), chance.uniform(0.14, 0.27)
    contrast = np.clip((wide / spread) ** chance.uniform(0.6, 1.0), 0.6, 2.6)
    middle = bright + (wanted - bright) * chance.uniform(0.6, 1.0)
    return (frames - np.float32(bright)) * np.float32(contrast) + np.float32(middle)


def flickering(chance, frames):
    """A lamp that is switched, a screen that changes: light moves, nobody acts."""
    count, height, width = frames.shape[:3]
    if chance.yes(0.04):
        at, change = chance.integer(1, count), chance.uniform(0.6, 1.5)
        frames[at:] *= np.float32(change)
    if chance.yes(0.06):
        high, wide = chance.integer(5, 22), chance.integer(6, 30)
        top, left = chance.integer(0, height - high), chance.integer(0, width - wide)
        steps = chance.rng.normal(0, 0.15, (count, 1, 1, 3)) * (chance.rng.random((count, 1, 1, 1)) < chance.uniform(0.1, 0.9))
        frames[:, top:top + high, left:left + wide] += np.cumsum(steps, 0).clip(-0.4, 0.4).astype(np.float32)
    return frames
