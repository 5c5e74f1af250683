"""What the network also has to tell while it learns, so that it finds people sooner. Nothing of it is exported."""
import torch
from torch import nn
from torch.nn import functional as F


class Auxiliary(nn.Module):
    """Joints of the person in both pictures of a tubelet: their places from that tubelet's tokens alone, and from each patch which of them it shows."""

    def __init__(self, shape, joints=20):
        super().__init__()
        inside = shape.tokens * shape.width
        self.joints = nn.Sequential(nn.Linear(inside, 256), nn.GELU(), nn.Linear(256, shape.tubelet * joints * 2))
        nn.init.normal_(self.joints[2].weight, std=0.01)
        self.side, self.tubelet = shape.size // shape.patch, shape.tubelet
        self.shown = nn.Sequential(nn.LayerNorm(shape.width), nn.Linear(shape.width, joints))
        nn.init.zeros_(self.shown[1].weight)
        nn.init.constant_(self.shown[1].bias, -3.0)

    def joint_loss(self, tokens, joints):
        """tokens [B, T', S, D], joints [B, T, 20, 2] in [-1, 1]; unknown or unseen joints do not count."""
        told = self.joints(tokens.flatten(2)).reshape(joints.shape)
        seen = torch.isfinite(joints).all(-1) & (joints.abs() <= 1.15).all(-1)
        truth = torch.nan_to_num(joints)
        loss = F.smooth_l1_loss(told, truth, beta=0.1, reduction="none").mean(-1)
        return (loss * seen).sum() / seen.sum().clamp(min=1)

    def patch_loss(self, patches, places, joints):
        """patches [B, T', P', D] at `places` (all without it): does each hold head, hand, knee …? Local, and so learned first."""
        b, steps, count, _ = patches.shape
        known = torch.isfinite(joints).all(-1)
        cell = ((torch.nan_to_num(joints, nan=-9.0) + 1) / 2 * self.side).floor().long()            # [B, T, 20, 2] column, row
        inside = known & (cell >= 0).all(-1) & (cell < self.side).all(-1)
        at = (cell[..., 1] * self.side + cell[..., 0]).clamp(0, self.side ** 2 - 1)
        truth = F.one_hot(at, self.side ** 2) * inside[..., None]                                   # [B, T, 20, P]
        truth = truth.reshape(b, steps, self.tubelet, *truth.shape[2:]).amax(2).transpose(2, 3).float()  # [B, T', P, 20]
        if places is not None:
            truth = truth.gather(2, places[..., None].expand(-1, -1, -1, truth.shape[3]))
        loss = F.binary_cross_entropy_with_logits(self.shown(patches), truth, reduction="none", pos_weight=truth.new_tensor(4.0))
        told = known.reshape(b, steps, -1).any(2)
        return (loss.mean((2, 3)) * told).sum() / told.sum().clamp(min=1)

    def error(self, tokens, joints):
        """Mean distance of the joints, as a share of the picture's side."""
        told = self.joints(tokens.flatten(2)).reshape(joints.shape)
        seen = torch.isfinite(joints).all(-1) & (joints.abs() <= 1).all(-1)
        return float(((told - torch.nan_to_num(joints)).norm(dim=-1) / 2 * seen).sum() / seen.sum().clamp(min=1))
