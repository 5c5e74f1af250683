"""Teaches the default model new labels from few clips: its frame encoder stays as it is, so each clip's tokens are computed once."""
import copy
import dataclasses

import torch
from torch.nn import functional as F

from . import network
from .augment import Augment, cut


def split(groups, labels, share=1 / 3, seed=0):
    """True for those held out: whole groups (persons, recordings), about `share` of each label."""
    generator = torch.Generator().manual_seed(seed)
    held, groups_of = set(), {}
    for group, label in zip(groups, labels):
        groups_of.setdefault(label, {}).setdefault(group, 0)
        groups_of[label][group] += 1
    for label in sorted(groups_of):
        counts = groups_of[label]
        names = sorted(counts)
        wanted, have = share * sum(counts.values()), sum(n for g, n in counts.items() if g in held)
        for i in torch.randperm(len(names), generator=generator).tolist():
            if have + counts[names[i]] / 2 <= wanted and names[i] not in held and len(names) > 1:
                held.add(names[i])
                have += counts[names[i]]
    return [group in held for group in groups]


@torch.no_grad()
def tokens_of(net, windows, versions, seed=0, tell=lambda done: None):
    """Tokens of every clip's windows, as they are and in `versions` changed looks: [(clip, [T', S, D])]."""
    network.Exact.gelu = True
    generator, augment, found = torch.Generator().manual_seed(seed), Augment(0.7), []
    for i, clip in enumerate(windows):
        for version in range(versions + 1):
            if version == 0:
                tokens = net.encode(net.cut(clip))
            else:
                joints = torch.zeros(*clip.shape[:2], 20, 2)
                tokens = net.encode(cut(augment(clip, joints, generator)[0]), planar=True)
            found += [(i, one) for one in tokens]
        tell((i + 1) / len(windows))
    return found


def train(net, found, labels, classes, layers, epochs=12, rate=1e-3, batch=32, seed=0, tell=lambda done: None):
    """A copy of the network with a new last layer; `layers`: the temporal blocks learn too, not the last layer alone."""
    torch.manual_seed(seed)
    new = copy.deepcopy(net)
    new.output_projection = network.Dense(net.shape.width, classes)
    torch.nn.init.zeros_(new.output_projection.kernel)
    new.shape = dataclasses.replace(net.shape, classes=classes)
    learning = [*new.output_projection.parameters()]
    groups = [{"params": learning, "lr": rate * 3}]
    if layers:
        deep = [*new.TemporalTransformer.parameters(), new.cls_TemporalTransformer]
        groups.append({"params": deep, "lr": rate * 0.3})
        learning = learning + deep
    for p in new.parameters():
        p.requires_grad_(any(p is one for one in learning))
    optimiser = torch.optim.AdamW(groups, weight_decay=0.05)
    stack, truth = torch.stack([tokens for _, tokens in found]), torch.tensor([labels[i] for i, _ in found])
    weight = len(truth) / (classes * torch.bincount(truth, minlength=classes).clamp(min=1).float())
    steps = max(1, epochs * len(truth) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, [group["lr"] for group in groups], total_steps=steps + 1, pct_start=0.1)
    new.train()
    for step in range(steps):
        rows = torch.randint(len(truth), (batch,))
        loss = F.cross_entropy(new.decide(stack[rows]), truth[rows], weight=weight, label_smoothing=0.05)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        optimiser.step()
        schedule.step()
        tell((step + 1) / steps)
    return new.eval()


@torch.no_grad()
def judge(net, found, count):
    """Mean score of each clip's windows, [count, K]; looks that were changed must not be in `found`."""
    total = torch.zeros(count, net.shape.classes)
    for i, tokens in found:
        total[i] += net.decide(tokens[None]).softmax(1)[0]
    return total / total.sum(1, keepdim=True).clamp(min=1e-9)
