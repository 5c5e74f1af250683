"""Muon (Jordan et al. 2024): steps whose singular values are all one. On this network it needs far fewer clips than AdamW (EXPERIMENTS.md)."""
import torch


def orthogonal(g, rounds=5):
    """Newton-Schulz iteration towards U·Vᵀ of g's singular value decomposition."""
    a, b, c = 3.4445, -4.7750, 2.0315
    turned = g.shape[-2] > g.shape[-1]
    x = g.transpose(-1, -2) if turned else g
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(rounds):
        s = x @ x.transpose(-1, -2)
        x = a * x + (b * s + c * s @ s) @ x
    return x.transpose(-1, -2) if turned else x


class Muon(torch.optim.Optimizer):
    """For the inner matrices of the blocks. A kernel of heads is taken as the matrix it is, [D, heads·head] or [heads·head, D]."""

    def __init__(self, params, lr=0.02, momentum=0.95, weight_decay=0.01):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            same = {}
            for p in group["params"]:
                if p.grad is not None:
                    state = self.state[p]
                    if not state:
                        state["speed"] = torch.zeros_like(p)
                    state["speed"].lerp_(p.grad, 1 - group["momentum"])
                    pull = p.grad.lerp(state["speed"], group["momentum"])
                    matrix = pull.reshape(self.rows(p), -1)
                    same.setdefault(matrix.shape, []).append((p, matrix))
            for shape, entries in same.items():                                    # those of one shape together: fewer, larger products
                steps = orthogonal(torch.stack([matrix for _, matrix in entries]))
                scale = group["lr"] * 0.2 * max(shape) ** 0.5                       # as large as AdamW's step, so that one rate suits both
                for (p, _), step in zip(entries, steps):
                    p.mul_(1 - group["lr"] * group["weight_decay"]).add_(step.reshape(p.shape), alpha=-scale)

    @staticmethod
    def rows(p):
        return p.shape[0] * p.shape[1] if p.dim() == 3 and p.shape[0] < p.shape[1] else p.shape[0]
