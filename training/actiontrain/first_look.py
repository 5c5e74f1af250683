"""Where the embedding begins: waves of a patch, their change between two frames, and colour, instead of noise. Nothing has to be learned to see motion."""
import math

import torch


def waves(patch):
    """DCT basis [p·p, p, p], slow waves first."""
    at = (torch.arange(patch) + 0.5) * math.pi / patch
    one = torch.stack([torch.cos(k * at) for k in range(patch)])
    one = one / one.norm(dim=1, keepdim=True)
    order = sorted(((i, j) for i in range(patch) for j in range(patch)), key=lambda ij: (ij[0] ** 2 + ij[1] ** 2, ij))
    return torch.stack([one[i][:, None] * one[j][None] for i, j in order]), [math.hypot(*ij) for ij in order]


@torch.no_grad()
def begin(embedding, still=44, moving=64, gain=0.35):
    """Sets a kernel [2, p, p, 3, D]. Fine waves are amplified, as pictures hold less of them."""
    tau, p, _, _, width = embedding.kernel.shape
    basis, pace = waves(p)
    kernel = torch.zeros(tau, p, p, 3, width)
    luma, chroma = torch.tensor([1.0, 1, 1]) / 3 ** 0.5, torch.tensor([[1.0, -1, 0], [1, 1, -2]])
    chroma = chroma / chroma.norm(dim=1, keepdim=True)
    for i in range(width):
        if i < still:
            wave, colour, sign, k = basis[i], luma, (1, 1), pace[i]
        elif i < still + moving:
            wave, colour, sign, k = basis[i - still], luma, (-1, 1), pace[i - still] + 1.5
        else:
            j = i - still - moving
            wave, colour, sign, k = basis[j // 2], chroma[j % 2], (1, 1), pace[j // 2] + 1
        for t, s in zip(range(tau), sign):
            kernel[t, :, :, :, i] = s * wave[:, :, None] * colour / 2 ** 0.5 * gain * (1 + k) / 4
    embedding.kernel.copy_(kernel)
    embedding.bias.zero_()
