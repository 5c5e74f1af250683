"""What the network also has to tell while it learns, so that it finds people sooner. Nothing of it is exported."""
import torch
from torch import nn
from torch.nn import functional as F


class Auxiliary(nn.Module):
    """Joints of the person in both pictures of a tubelet, from that tubelet's tokens alone."""

    def __init__(self, shape, joints=20):
        super().__init__()
        inside = shape.tokens * shape.width
        self.joints = nn.Sequential(nn.Linear(inside, 256), nn.GELU(), nn.Linear(256, shape.tubelet * joints * 2))
        nn.init.normal_(self.joints[2].weight, std=0.01)

    def joint_loss(self, tokens, joints):
        """tokens [B, T', S, D], joints [B, T, 20, 2] in [-1, 1]; unknown or unseen joints do not count."""
        told = self.joints(tokens.flatten(2)).reshape(joints.shape)
        seen = torch.isfinite(joints).all(-1) & (joints.abs() <= 1.15).all(-1)
        truth = torch.nan_to_num(joints)
        loss = F.smooth_l1_loss(told, truth, beta=0.1, reduction="none").mean(-1)
        return (loss * seen).sum() / seen.sum().clamp(min=1)

    def error(self, tokens, joints):
        """Mean distance of the joints, as a share of the picture's side."""
        told = self.joints(tokens.flatten(2)).reshape(joints.shape)
        seen = torch.isfinite(joints).all(-1) & (joints.abs() <= 1).all(-1)
        return float(((told - torch.nan_to_num(joints)).norm(dim=-1) / 2 * seen).sum() / seen.sum().clamp(min=1))
