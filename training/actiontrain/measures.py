"""Counts that say how good answers are, with the interval that so few clips allow."""
import math

import torch


def wilson(right, n, z=1.96):
    """95 % interval of a share."""
    if n == 0:
        return 0.0, 1.0
    p, q = right / n, z * z / n
    middle, half = (p + q / 2) / (1 + q), z * math.sqrt(p * (1 - p) / n + q / (4 * n)) / (1 + q)
    return middle - half, middle + half


def auc(scores, truth):
    """Chance that a random positive scores higher than a random negative; None where one kind is missing."""
    scores, truth = torch.as_tensor(scores, dtype=torch.float64), torch.as_tensor(truth, dtype=torch.bool)
    yes, no = scores[truth], scores[~truth]
    if len(yes) == 0 or len(no) == 0:
        return None
    difference = yes[:, None] - no[None]
    return float((difference > 0).double().mean() + (difference == 0).double().mean() / 2)


def confusion(predicted, truth, classes):
    """[truth, predicted]"""
    return torch.bincount(torch.as_tensor(truth) * classes + torch.as_tensor(predicted), minlength=classes * classes).reshape(classes, classes)


def describe(name, predicted, truth, labels):
    """Text: top-1 with interval, recall and precision of each class that occurs, what is mistaken for what."""
    table = confusion(predicted, truth, len(labels))
    right, n = int(table.diag().sum()), int(table.sum())
    low, high = wilson(right, n)
    lines = [f"{name}: top-1 {right / max(n, 1):.3f} ({right} of {n}; 95 % {low:.2f}-{high:.2f})"]
    for i, label in enumerate(labels):
        if table[i].sum() or table[:, i].sum():
            wrong = sorted(((int(c), labels[j]) for j, c in enumerate(table[i]) if c and j != i), reverse=True)[:4]
            recall = f"{int(table[i, i])}/{int(table[i].sum())}"
            precision = f"{int(table[i, i])}/{int(table[:, i].sum())}"
            lines.append(f"  {label:13} recall {recall:9} precision {precision:9} {', '.join(f'{other} {c}' for c, other in wrong)}")
    return "\n".join(lines)
