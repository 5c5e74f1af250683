"""UniFormer for video (Li et al. 2022): S, and the light XXS that attends to the important half of its tokens."""
import torch
from torch import nn
from torch.nn import functional as F

from .loading import take_named


class Merging(nn.Module):
    def __init__(self, i, o, kernel=(1, 2, 2), stride=(1, 2, 2), padding=0):
        super().__init__()
        self.proj, self.norm = nn.Conv3d(i, o, kernel, stride, padding), nn.LayerNorm(o)

    def forward(self, x):
        x = self.proj(x)
        return self.norm(x.flatten(2).transpose(1, 2)).transpose(1, 2).reshape(x.shape)


class Mlp(nn.Module):
    def __init__(self, c, hidden, linear):
        super().__init__()
        self.fc1, self.fc2 = linear(c, hidden), linear(hidden, c)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


def pointwise(i, o):
    return nn.Conv3d(i, o, 1)


def depthwise(c, side):
    return nn.Conv3d(c, c, side, padding=side // 2, groups=c)


class Local(nn.Module):
    def __init__(self, c, ratio, gains=False):
        super().__init__()
        self.pos_embed, self.norm1, self.norm2 = depthwise(c, 3), nn.BatchNorm3d(c), nn.BatchNorm3d(c)
        self.conv1, self.conv2, self.attn, self.mlp = pointwise(c, c), pointwise(c, c), depthwise(c, 5), Mlp(c, ratio * c, pointwise)
        self.gamma_1 = nn.Parameter(torch.ones(1, c, 1, 1, 1)) if gains else None
        self.gamma_2 = nn.Parameter(torch.ones(1, c, 1, 1, 1)) if gains else None

    def forward(self, x):
        x = x + self.pos_embed(x)
        y = self.conv2(self.attn(self.conv1(self.norm1(x))))
        x = x + (y if self.gamma_1 is None else self.gamma_1 * y)
        y = self.mlp(self.norm2(x))
        return x + (y if self.gamma_2 is None else self.gamma_2 * y)


class Attention(nn.Module):
    def __init__(self, c, head):
        super().__init__()
        self.heads, self.scale, self.qkv, self.proj = c // head, head ** -0.5, nn.Linear(c, 3 * c), nn.Linear(c, c)

    def forward(self, x):
        """What is heard [N, L, C], and the heed of the first token as a mean over heads [N, L]."""
        n, l, c = x.shape
        q, k, v = self.qkv(x).reshape(n, l, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        shares = ((q @ k.transpose(-2, -1)) * self.scale).softmax(-1)
        return self.proj((shares @ v).transpose(1, 2).reshape(n, l, c)), shares[:, :, 0].mean(1)


class Global(nn.Module):
    def __init__(self, c, head, ratio, gains=False, keep=1.0):
        super().__init__()
        self.pos_embed, self.norm1, self.norm2 = depthwise(c, 3), nn.LayerNorm(c, eps=1e-6), nn.LayerNorm(c, eps=1e-6)
        self.attn, self.mlp, self.keep = Attention(c, head), Mlp(c, ratio * c, nn.Linear), keep
        self.gamma_1 = nn.Parameter(torch.ones(c)) if gains else 1.0
        self.gamma_2 = nn.Parameter(torch.ones(c)) if gains else 1.0

    def forward(self, x):
        shape, x = x.shape, (x + self.pos_embed(x)).flatten(2).transpose(1, 2)
        x = x + self.attn(self.norm1(x))[0]
        x = x + self.mlp(self.norm2(x))
        return x.transpose(1, 2).reshape(shape)

    def changes(self, s):
        heard, heed = self.attn(self.norm1(s))
        first = self.gamma_1 * heard
        second = self.gamma_2 * self.mlp(self.norm2(s + first))
        return first, second, heed

    def shrunk(self, x, cls, heed):
        """A light block: map, class token, running heed (none before the first block); the same three out."""
        shape, x = x.shape, (x + self.pos_embed(x)).flatten(2).transpose(1, 2)
        n, l, c = x.shape
        if self.keep == 1:
            s = torch.cat([cls, x], 1)
            first, second, heed = self.changes(s)
            s = s + first + second
            return s[:, 1:].transpose(1, 2).reshape(shape), s[:, :1], heed[:, 1:]
        k = int(l * self.keep)
        order = heed.argsort(1, descending=True)
        kept, dropped = order[:, :k], order[:, k:]
        rows = lambda index: index.unsqueeze(2).expand(-1, -1, c)
        shares = heed.gather(1, dropped)
        stand = (shares / shares.sum(1, keepdim=True)).unsqueeze(1) @ x.gather(1, rows(dropped))
        s = torch.cat([cls, x.gather(1, rows(kept)), stand], 1)
        first, second, now = self.changes(s)
        s = s + first + second
        x = (x + first[:, -1:] + second[:, -1:]).scatter(1, rows(kept), s[:, 1:-1])
        heed = heed.scatter(1, kept, 0.5 * heed.gather(1, kept) + 0.5 * now[:, 1:-1])
        return x.transpose(1, 2).reshape(shape), s[:, :1], heed


class UniFormer(nn.Module):
    def __init__(self, w, depths=(3, 4, 8, 3), c=(64, 128, 320, 512), head=64, classes=400):
        super().__init__()
        self.patch_embed1 = Merging(3, c[0], (3, 4, 4), (2, 4, 4), (1, 0, 0))
        self.patch_embed2, self.patch_embed3, self.patch_embed4 = Merging(c[0], c[1]), Merging(c[1], c[2]), Merging(c[2], c[3])
        self.blocks1, self.blocks2 = (nn.Sequential(*[Local(c[s], 4) for _ in range(depths[s])]) for s in (0, 1))
        self.blocks3, self.blocks4 = (nn.Sequential(*[Global(c[s], head, 4) for _ in range(depths[s])]) for s in (2, 3))
        self.norm, self.head = nn.BatchNorm3d(c[3]), nn.Linear(c[3], classes)
        take_named(self, w)

    def forward(self, x):
        x = self.blocks2(self.patch_embed2(self.blocks1(self.patch_embed1(x))))
        x = self.blocks4(self.patch_embed4(self.blocks3(self.patch_embed3(x))))
        return self.head(self.norm(x).flatten(2).mean(-1))


class UniFormerLight(nn.Module):
    def __init__(self, w, depths=(2, 5, 8, 2), c=(56, 112, 224, 448), head=28, classes=400):
        super().__init__()
        gains = "blocks1.0.gamma_1" in w
        self.patch_embed1 = nn.Module()
        self.patch_embed1.proj = nn.Sequential(
            nn.Conv3d(3, c[0] // 2, 3, (1, 2, 2), 1), nn.BatchNorm3d(c[0] // 2), nn.GELU(), nn.Conv3d(c[0] // 2, c[0], 3, 2, 1), nn.BatchNorm3d(c[0]))
        self.patch_embed2, self.patch_embed3, self.patch_embed4 = Merging(c[0], c[1]), Merging(c[1], c[2]), Merging(c[2], c[3])
        self.blocks1, self.blocks2 = (nn.Sequential(*[Local(c[s], 3, gains) for _ in range(depths[s])]) for s in (0, 1))
        self.blocks3 = nn.ModuleList([Global(c[2], head, 3, gains, 0.5 if i else 1.0) for i in range(depths[2])])
        self.blocks4 = nn.ModuleList([Global(c[3], head, 3, gains, 0.5) for _ in range(depths[3])])
        self.cls_token, self.cls_upsample = nn.Parameter(torch.zeros(1, 1, c[2])), nn.Linear(c[2], c[3])
        self.norm, self.head = nn.BatchNorm3d(c[3]), nn.Linear(c[3], classes)
        take_named(self, {k: v for k, v in w.items() if not k.startswith(("norm_cls", "head_cls"))})   # those served training

    def forward(self, x):
        x = self.patch_embed3(self.blocks2(self.patch_embed2(self.blocks1(self.patch_embed1.proj(x)))))
        cls, heed = self.cls_token.expand(len(x), -1, -1), None
        for block in self.blocks3:
            x, cls, heed = block.shrunk(x, cls, heed)
        n, _, t, h, w = x.shape
        coarser = F.avg_pool2d(heed.reshape(n * t, 1, h, w), 2).reshape(n, -1)
        heed = coarser * heed.sum(1, keepdim=True) / coarser.sum(1, keepdim=True)
        x, cls = self.patch_embed4(x), self.cls_upsample(cls)
        for block in self.blocks4:
            x, cls, heed = block.shrunk(x, cls, heed)
        return self.head(self.norm(x).flatten(2).mean(-1))
