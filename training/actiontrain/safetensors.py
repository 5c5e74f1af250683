"""Reads and writes .safetensors, the format in which weights go to the C# builder: a JSON table, then the arrays' bytes."""
import json
import struct

import torch

TYPES = {"F32": torch.float32, "F16": torch.float16, "I64": torch.int64, "U8": torch.uint8}
NAMES = {kind: name for name, kind in TYPES.items()}


def save(path, arrays, notes=None):
    """`arrays` by name; `notes` are texts for the reader."""
    table, parts, at = ({"__metadata__": notes} if notes else {}), [], 0
    for name in sorted(arrays):
        value = arrays[name].detach().cpu().contiguous()
        parts.append(value.numpy().tobytes())
        table[name] = {"dtype": NAMES[value.dtype], "shape": list(value.shape), "data_offsets": [at, at + len(parts[-1])]}
        at += len(parts[-1])
    text = json.dumps(table, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))


def load(path):
    """Arrays by name, and the notes."""
    with open(path, "rb") as file:
        table = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        body = bytearray(file.read())
    notes = table.pop("__metadata__", {})
    arrays = {}
    for name, entry in table.items():
        start, end = entry["data_offsets"]
        empty = start == end
        arrays[name] = torch.zeros(entry["shape"]) if empty else torch.frombuffer(
            body, dtype=TYPES[entry["dtype"]], count=(end - start) // torch.empty((), dtype=TYPES[entry["dtype"]]).element_size(), offset=start
        ).reshape(entry["shape"]).clone()
    return arrays, notes
