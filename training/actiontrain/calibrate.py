"""Makes scores mean what they say: one temperature for all, for each label a shift and the threshold from which it is right to speak."""
import math

import torch
from torch.nn import functional as F


def temperature(logits, label):
    """The T for which softmax(logits / T) is least surprised by the labels."""
    candidates = torch.exp(torch.linspace(-1.6, 1.6, 161))
    losses = torch.stack([F.cross_entropy(logits / t, label) for t in candidates])
    return float(candidates[losses.argmin()])


def fit(logits, label, pull=0.02, rounds=300):
    """T, and a shift of each label's logit: some labels are named too readily. `pull` keeps shifts small where clips are few."""
    t = temperature(logits, label)
    shift = torch.zeros(logits.shape[1], requires_grad=True)
    optimiser = torch.optim.Adam([shift], lr=0.02)
    for _ in range(rounds):
        loss = F.cross_entropy(logits / t + shift, label) + pull * shift.square().sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return t, shift.detach()


def fold(net, t, shift):
    """Makes temperature and shifts part of the last layer, so that the model needs no new part."""
    with torch.no_grad():
        net.output_projection.kernel.div_(t)
        net.output_projection.bias.div_(t).add_(shift)


def thresholds(scores, label, labels, background, false_share=0.004, low=0.4, high=0.9):
    """For each label the lowest score that at most `false_share` of the other labels' clips reach, within sensible bounds."""
    found = {}
    for i, name in enumerate(labels):
        if name == background:
            continue
        others = scores[label != i, i].sort(descending=True).values
        allowed = int(false_share * len(others))
        found[name] = round(min(high, max(low, float(others[min(allowed, len(others) - 1)]) + 0.005)), 2)
    return found


def quiet_thresholds(peaks, labels, background, share, tail=0.1, most=0.95):
    """For each label the score that `share(label)` of quiet films reach: so few that no film here may have done, so the tail of their logits is taken for exponential.

    `peaks` [films, labels]: the highest score that each film holds long enough for an event.
    """
    found = {}
    for i, name in enumerate(labels):
        if name != background:
            logits = torch.logit(peaks[:, i].double(), eps=1e-6).sort(descending=True).values
            count = min(max(2, int(tail * len(logits))), len(logits) - 1)
            begin = logits[count]
            mean = float((logits[:count] - begin).mean())
            at = float(begin) + mean * max(0.0, math.log(count / len(logits) / share(name)))
            found[name] = min(most, math.ceil(100 / (1 + math.exp(-at))) / 100)
    return found


def expected_error(scores, label, bins=10):
    """Expected calibration error: how far confidence is from being right, on average."""
    confidence, said = scores.max(1)
    right = (said == label).float()
    which = (confidence * bins).long().clamp(max=bins - 1)
    return float(sum((which == b).float().mean() * (right[which == b].mean() - confidence[which == b].mean()).abs()
                     for b in range(bins) if (which == b).any()))
