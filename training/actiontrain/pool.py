"""Rendered clips on disk, in one memory-mapped file of bytes, so that drawing one costs nothing and rendering goes on beside training."""
import os
import subprocess
import sys
import time

import numpy as np
import torch

FRAMES, SIZE, JOINTS = 16, 112, 20
EMPTY = -1


class Pool:
    """`size` slots. A slot holds the clip of one index of a source, and is marked empty while it is written."""

    def __init__(self, folder, size=None):
        os.makedirs(folder, exist_ok=True)
        self.folder = folder
        known = os.path.join(folder, "index.npy")
        if size is None:
            size = len(np.load(known, mmap_mode="r"))
        self.size = size
        self.index = self._open("index", np.int64, (size,), EMPTY)
        self.frames = self._open("frames", np.uint8, (size, FRAMES, SIZE, SIZE, 3), None)
        self.joints = self._open("joints", np.float16, (size, FRAMES, JOINTS, 2), None)
        self.label = self._open("label", np.int64, (size,), 0)
        self.weight = self._open("weight", np.float32, (size,), 0)

    def _open(self, name, kind, shape, start):
        path = os.path.join(self.folder, name + ".npy")
        if os.path.exists(path):
            found = np.load(path, mmap_mode="r+")
            if found.shape != shape:
                raise SystemExit(f"{path} holds {found.shape}, {shape} is asked for: name another --pool, or remove it")
            return found
        array = np.lib.format.open_memmap(path, "w+", kind, shape)
        if start is not None:
            array[:] = start
        return array

    def filled(self):
        return np.flatnonzero(self.index >= 0)

    def put(self, slot, index, clip):
        self.index[slot] = EMPTY
        self.frames[slot] = clip.frames.numpy()
        joints = clip.meta.get("joints2d")
        self.joints[slot] = np.nan if joints is None else np.clip(np.asarray(joints, np.float32), -9, 9)
        self.label[slot], self.weight[slot] = clip.label, clip.weight
        self.index[slot] = index

    def take(self, slots, starts=None, length=FRAMES):
        """Frames, joints (NaN where the source gave none), labels and weights of these slots; `length` frames from each one's start."""
        starts = np.zeros(len(slots), np.int64) if starts is None else starts
        part = lambda array: np.stack([array[slot, start:start + length] for slot, start in zip(slots, starts)])
        return (torch.from_numpy(part(self.frames)), torch.from_numpy(part(self.joints).astype(np.float32)),
                torch.from_numpy(self.label[slots]), torch.from_numpy(self.weight[slots]))


def render(folder, size, shared, split, seed, worker, workers, rounds):
    """A worker: renders every `workers`-th slot, round after round. Round r of slot s is the source's clip r·size + s, whoever renders it."""
    from .clips import ClipSource
    torch.set_num_threads(1)
    pool, source = Pool(folder, size), ClipSource(shared=shared, split=split, seed=seed)
    parent = os.getppid()
    for round_ in range(rounds):
        for slot in range(worker, size, workers):
            index = round_ * size + slot
            if pool.index[slot] < index:
                pool.put(slot, index, source.render(index))
            if os.getppid() != parent:
                return


def start_workers(folder, size, shared, split, seed, workers, rounds=1, nice=12):
    """Child processes that fill a pool; they end when their parent does."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    Pool(folder, size)
    return [subprocess.Popen(
        ["nice", "-n", str(nice), sys.executable, "-m", "actiontrain.pool", folder, str(size), shared, split, str(seed), str(worker), str(workers), str(rounds)],
        env={**os.environ, "PYTHONPATH": here, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}) for worker in range(workers)]


def wait_until_filled(pool, count, children, say=print):
    last = 0.0
    while (there := len(pool.filled())) < count:
        if any(child.poll() not in (None, 0) for child in children):
            raise SystemExit("a worker that renders clips failed; its message is above")
        if time.monotonic() - last > 20:
            say(f"rendering: {there} of {count} clips")
            last = time.monotonic()
        time.sleep(0.5)


if __name__ == "__main__":
    folder, size, shared, split, *numbers = sys.argv[1:]
    render(folder, int(size), shared, split, *map(int, numbers))
