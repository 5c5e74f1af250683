"""Where the network begins, instead of noise: it sees waves, their change between two frames, and colour; it knows where a patch lies and when a tubelet was."""
import math

import torch


def waves(patch):
    """DCT basis [p·p, p, p], slow waves first."""
    at = (torch.arange(patch) + 0.5) * math.pi / patch
    one = torch.stack([torch.cos(k * at) for k in range(patch)])
    one = one / one.norm(dim=1, keepdim=True)
    order = sorted(((i, j) for i in range(patch) for j in range(patch)), key=lambda ij: (ij[0] ** 2 + ij[1] ** 2, ij))
    return torch.stack([one[i][:, None] * one[j][None] for i, j in order])


@torch.no_grad()
def begin_embedding(embedding, blocks, still=44, moving=64, level=0.5, most=4.0):
    """Sets the kernel [2, p, p, 3, D] so that every channel varies by about `level` over patches [..., τ·3·p·p] (colours apart)."""
    tau, p, _, _, width = embedding.kernel.shape
    basis = waves(p)
    luma, chroma = torch.tensor([1.0, 1, 1]) / 3 ** 0.5, torch.tensor([[1.0, -1, 0], [1, 1, -2]])
    chroma = chroma / chroma.norm(dim=1, keepdim=True)
    kernel = torch.zeros(tau, p, p, 3, width)
    for i in range(width):
        place = i if i < still else i - still if i < still + moving else (i - still - moving) // 2
        colour = luma if i < still + moving else chroma[i % 2]
        signs = (-1, 1) if still <= i < still + moving else (1, 1)
        for t, sign in zip(range(tau), signs):
            kernel[t, :, :, :, i] = sign * basis[place % len(basis)][:, :, None] * colour / 2 ** 0.5
    embedding.kernel.copy_(kernel)
    embedding.bias.zero_()
    seen = embedding(blocks.flatten(0, -2), planar=True)
    scale = level / seen.std(0).clamp(min=level / most)                  # what hardly varies is mostly noise
    embedding.kernel.mul_(scale)
    embedding.bias.copy_(-seen.mean(0) * scale)


def angles(count, width, slowest=100.0):
    """Sines and cosines of places 0 … count-1, [count, width]."""
    rate = slowest ** -(torch.arange(width // 2) / max(1, width // 2))
    at = torch.arange(count)[:, None] * rate[None]
    return torch.cat([at.sin(), at.cos()], 1)


@torch.no_grad()
def begin_places(net, level=0.5):
    side, d = net.shape.size // net.shape.patch, net.shape.width
    one = angles(side, d // 2, slowest=20.0)
    both = torch.cat([one[:, None].expand(-1, side, -1), one[None].expand(side, -1, -1)], 2).reshape(1, side * side, d)
    net.SpatialTransformer.posembed_input.pos_embedding.copy_(both * level)
    net.SpatialTransformer.TokenLearnerModuleV11_0.token_masking.Dense_1.kernel.mul_(6)            # tokens that differ from the start
    net.TemporalTransformer.frame_pos_embedding.copy_(angles(net.shape.steps, d, slowest=20.0)[None] * level)
