"""Makes every use of a rendered clip look different, so that only motion and posture stay worth learning."""

import torch
from torch.nn import functional as F

LEFT = list(range(4, 8)) + list(range(12, 16))
RIGHT = list(range(8, 12)) + list(range(16, 20))
MIRROR = [0, 1, 2, 3] + RIGHT[:4] + LEFT[:4] + RIGHT[4:] + LEFT[4:]


class Augment:
    """`strength` 0 leaves clips as they are; 1 is what training uses."""

    def __init__(self, strength=1.0):
        self.strength = strength
        self.grain = torch.randn(1 << 21, generator=torch.Generator().manual_seed(7))  # one bank of noise, read at random places

    def __call__(self, frames, joints, generator):
        """Bytes [B, T, H, W, 3] and joints [B, T, 20, 2] in [-1, 1] → numbers [B, T, 3, H, W] in [-1, 1] and the joints where they are now.

        Chance is drawn on the CPU, so that it is the same on every device; pictures stay on theirs.
        """
        b, t, h, w, _ = frames.shape
        if self.strength == 0:
            return frames.permute(0, 1, 4, 2, 3).float() / 127.5 - 1, joints
        frames, joints = self.retime(frames, joints, generator)
        x = frames.permute(0, 1, 4, 2, 3).reshape(b, t * 3, h, w).float().mul_(1 / 255)
        x, joints = self.move(x, joints, generator)
        x = self.soften(x, generator).reshape(b, t, 3, h, w)
        x = self.overlay(x, generator)
        x = self.recolour(x, generator)
        x = self.cover(x, generator)
        x = self.add_noise(x, generator)
        return x.clamp_(0, 1).mul_(2).sub_(1), joints

    def retime(self, frames, joints, generator):
        """Some clips run slower or faster, start later, stutter, or hold their last picture, as short recordings are made to fill a window."""
        b, t = frames.shape[:2]
        speed = torch.where(chance(b, 0.4, generator), between(b, 0.75, 1.25, generator), torch.ones(b))
        shift = torch.where(chance(b, 0.4, generator), between(b, -1.5, 1.5, generator), torch.zeros(b))
        middle = (t - 1) / 2
        at = (torch.arange(t) - middle)[None] * speed[:, None] + middle + shift[:, None]
        stutter = chance(b, 0.1, generator)[:, None] & (torch.rand(b, t, generator=generator) < 0.2)
        at = (at - stutter.float()).round().clamp(0, t - 1).long()
        last = torch.where(chance(b, 0.25, generator), whole(b, min(6, t - 1), t - 1, generator), torch.full((b,), t - 1))
        at = torch.minimum(at, last[:, None])
        rows, at = torch.arange(b, device=frames.device)[:, None], at.to(frames.device)
        return frames[rows, at], joints[rows, at]

    def move(self, x, joints, generator):
        """Mirror, zoom, stretch, turn and shift: one affine map for a clip."""
        b, s = len(x), self.strength
        zoom = torch.exp(between(b, -0.35, 0.3, generator) * s)
        aspect = torch.exp(between(b, -0.18, 0.18, generator) * s)
        angle = between(b, -0.12, 0.12, generator) * s * chance(b, 0.5, generator)
        mirror = torch.where(chance(b, 0.5, generator), -torch.ones(b), torch.ones(b))
        dx, dy = between(b, -0.2, 0.2, generator) * s, between(b, -0.2, 0.2, generator) * s
        cos, sin = torch.cos(angle), torch.sin(angle)
        theta = torch.stack([
            torch.stack([zoom * aspect * cos * mirror, -zoom * sin, dx], 1),
            torch.stack([zoom * sin * mirror, zoom / aspect * cos, dy], 1)], 1).to(x.device)     # place in the new picture → place in the old
        grid = F.affine_grid(theta, [b, 1, *x.shape[2:]], align_corners=False)
        x = F.grid_sample(x, grid, padding_mode="border", align_corners=False)
        back, mirror = torch.linalg.inv(theta[:, :, :2]), mirror.to(x.device)
        joints = torch.einsum("bij,btkj->btki", back, joints - theta[:, None, None, :, 2])
        return x, torch.where((mirror < 0)[:, None, None, None], joints[:, :, MIRROR], joints)

    def soften(self, x, generator):
        """Blur, or the coarse pixels of a small picture made large."""
        at = some(chance(len(x), 0.15, generator), x)
        x[at] = F.avg_pool2d(x[at], 3, 1, 1, count_include_pad=False)
        at = some(chance(len(x), 0.08, generator), x)
        x[at] = F.interpolate(F.interpolate(x[at], size=(64, 64), mode="area"), size=x.shape[2:], mode="bilinear", align_corners=False)
        return x

    def overlay(self, x, generator):
        """A still picture of another clip shines through, or stands beside: no background tells the action."""
        b = len(x)
        still = x[torch.randperm(b, generator=generator).to(x.device), 0]
        share = between(b, 0.05, 0.35, generator) * chance(b, 0.15, generator) * self.strength
        at = some(share, x)
        part = share[share != 0].to(x.device)[:, None, None, None, None]
        x[at] = x[at] * (1 - part) + still[at][:, None] * part
        for i in torch.nonzero(chance(b, 0.06, generator)).flatten().tolist():
            edge = int(whole(1, 12, 36, generator))
            side = int(whole(1, 0, 3, generator))
            part = [slice(None), slice(None)]
            part[side // 2] = slice(0, edge) if side % 2 == 0 else slice(-edge, None)
            x[i][(slice(None), slice(None), *part)] = still[i][(slice(None), *part)]
        return x

    def recolour(self, x, generator):
        """Light, contrast, white balance, grey, swapped channels, negatives: all frames of a clip alike, with a little flicker."""
        b, t = x.shape[:2]
        s = self.strength
        at = some(chance(b, 0.2, generator), x)
        x[at] = x[at].mean(2, keepdim=True).expand(-1, -1, 3, -1, -1)
        swapped = chance(b, 0.2, generator)
        at, order = some(swapped, x), torch.rand(int(swapped.sum()), 3, generator=generator).argsort(1).to(x.device)
        x[at] = x[at].gather(2, order[:, None, :, None, None].expand(-1, t, -1, *x.shape[3:]))
        gain = torch.exp(between(b, -0.45, 0.45, generator) * s)[:, None] * torch.exp(between((b, 3), -0.2, 0.2, generator) * s)
        gain = gain * torch.where(chance(b, 0.06, generator), -torch.ones(b), torch.ones(b))[:, None]
        flicker = torch.exp(torch.randn(b, t, 1, generator=generator) * 0.04 * chance(b, 0.3, generator)[:, None, None] * s)
        offset = between((b, 3), -0.12, 0.12, generator) * s + 0.5 - 0.5 * gain
        x.mul_((gain[:, None] * flicker).to(x.device)[..., None, None]).add_((offset[:, None] * flicker).to(x.device)[..., None, None])
        gamma = torch.exp(between(b, -0.5, 0.5, generator) * s).to(x.device)
        at = some(chance(b, 0.25, generator), x)
        x[at] = x[at].clamp_(1e-3, 1) ** gamma[at][:, None, None, None, None]
        return x

    def cover(self, x, generator):
        """Flat or noisy rectangles in front of the picture, standing still."""
        h, w = x.shape[3:]
        covers = chance(len(x), 0.2, generator) * whole(len(x), 1, 3, generator)
        for number in range(3):
            at = some(covers > number, x)
            high, wide = whole(len(at), 8, 36, generator), whole(len(at), 8, 36, generator)
            top, left = ((torch.rand(len(at), generator=generator) * (side - size + 1)).long() for side, size in ((h, high), (w, wide)))
            rows, columns = (within(low, size, side).to(x.device) for low, size, side in ((top, high, h), (left, wide, w)))
            colour = torch.rand(len(at), 1, 3, 1, 1, generator=generator).to(x.device)
            x[at] = torch.where((rows[:, :, None] & columns[:, None])[:, None, None], colour, x[at])
        return x

    def add_noise(self, x, generator):
        self.grain = self.grain.to(x.device)
        level = between(len(x), 0, 0.08, generator) * chance(len(x), 0.5, generator) * self.strength
        for i in torch.nonzero(level).flatten().tolist():
            n = x[i].numel()
            start = int(whole(1, 0, len(self.grain) - n - 1, generator))
            x[i].add_(self.grain[start:start + n].reshape(x[i].shape), alpha=float(level[i]))
        return x


def cut(x, tubelet=2, patch=16):
    """[B, T, 3, H, W] → tubelet patches, [B, T/τ, P, τ·3·p·p]: colours apart, as the embedding takes them with `planar`."""
    b, t, _, h, w = x.shape
    x = x.reshape(b, t // tubelet, tubelet, 3, h // patch, patch, w // patch, patch).permute(0, 1, 4, 6, 2, 3, 5, 7)
    return x.reshape(b, t // tubelet, (h // patch) * (w // patch), tubelet * patch * patch * 3)


def choose_places(blocks, keep, generator):
    """Some patches of each clip, [B, T', keep]: mostly where something moves. Leaving out the rest makes training quicker and hides backgrounds."""
    b, steps, places, numbers = blocks.shape
    pixels = blocks.reshape(b, steps, places, 2, numbers // 2)[..., ::4]
    moving = (pixels[:, :, :, 1] - pixels[:, :, :, 0]).abs().mean((1, 3))                        # [B, P]
    moving = moving / (moving.mean(1, keepdim=True) + 1e-4)
    gumbel = -torch.log(-torch.log(torch.rand(b, places, generator=generator).clamp(1e-6, 1 - 1e-6))).to(blocks.device)
    chosen = (torch.log(moving + 0.3) * 1.5 + gumbel).topk(keep, dim=1).indices.sort(1).values
    return chosen[:, None].expand(-1, steps, -1)


def some(chosen, x):
    """Where `chosen` holds, as an index into `x` on its device."""
    return torch.nonzero(chosen).flatten().to(x.device)


def within(low, size, side):
    """[B, side]: is a place inside of [low, low + size)?"""
    at = torch.arange(side)[None]
    return (at >= low[:, None]) & (at < (low + size)[:, None])


def chance(shape, share, generator):
    return torch.rand(shape, generator=generator) < share


def between(shape, low, high, generator):
    return torch.rand(shape, generator=generator) * (high - low) + low


def whole(count, low, high, generator):
    return torch.randint(low, max(high, low) + 1, (count,), generator=generator)
