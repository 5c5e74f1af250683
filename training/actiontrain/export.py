"""Writes weights for the C# builder: halves, with the notes that become the model's card."""

from . import safetensors


def rounded(net):
    """The network with its weights rounded to float16, as the file holds them: what is measured is what is shipped."""
    return net.take({name: value.half() for name, value in net.arrays().items()})


def save(path, net, labels, background="idle", enter=None, source="", licence="MIT", **notes):
    """`enter` are thresholds by label. The builder reads `card.*`."""
    card = {"card.labels": ",".join(labels), "card.fit": "stretch", "card.source": source, "card.licence": licence}
    if background in labels:
        card["card.background"] = background
    if enter:
        card["card.enter"] = ",".join(f"{label}={threshold:g}" for label, threshold in enter.items())
    safetensors.save(path, {name: value.half() for name, value in net.arrays().items()}, {**card, **{name: str(value) for name, value in notes.items()}})
