"""Rendered clips on disk, in one memory-mapped file of bytes, so that drawing one costs nothing and rendering goes on beside training."""
import os
import subprocess
import sys
import time

import numpy as np
import torch

from .chance import Chance

FRAMES, SIZE, JOINTS = 16, 112, 20
EMPTY = -1
BEYOND = 1 << 40                                 # indices that no source reaches: windows of films in which nothing happens


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

    def draw(self, count, generator):
        """Slots of a batch."""
        there = self.filled()
        return there[torch.randint(len(there), (count,), generator=generator).sort().values.numpy()]

    def refresh(self):
        """Takes on what was rendered since; here everything is always at hand."""


class NearPool:
    """A pool's clips kept in a device's own memory, as far as it reaches, so that a batch is gathered there: `refresh` brings what was rendered since."""

    def __init__(self, pool, device, spare=14 << 30):
        self.pool, self.device = pool, torch.device(device)
        clip = pool.frames[0].nbytes + pool.joints[0].nbytes
        room = (torch.cuda.mem_get_info(self.device)[0] - spare) // clip if self.device.type == "cuda" else pool.size
        self.size = int(min(pool.size, max(room, 1)))
        near = lambda array, kind: torch.zeros((self.size, *array.shape[1:]), dtype=kind, device=self.device)
        self.frames, self.joints = near(pool.frames, torch.uint8), near(pool.joints, torch.float16)
        self.label, self.weight = near(pool.label, torch.int64), near(pool.weight, torch.float32)
        self.index, self.appeal = np.full(self.size, EMPTY, np.int64), np.ones(self.size)
        self.refresh()

    def filled(self):
        return np.flatnonzero(self.index >= 0)

    def favour(self, slots, appeal):
        """How often these slots are drawn, where others have 1."""
        self.appeal[slots] = appeal

    def draw(self, count, generator):
        there = self.filled()
        reach = np.cumsum(self.appeal[there])
        return there[np.searchsorted(reach, torch.rand(count, generator=generator, dtype=torch.float64).sort().values.numpy() * reach[-1])]

    def refresh(self, most=256):
        now = np.array(self.pool.index[:self.size])
        changed = np.flatnonzero((now >= 0) & (now != self.index))
        for slots in (changed[first:first + most] for first in range(0, len(changed), most)):
            at = torch.from_numpy(slots).to(self.device)
            frames, joints, label, weight = self.pool.take(slots)
            for array, part in ((self.frames, frames), (self.joints, joints.half()), (self.label, label), (self.weight, weight)):
                array[at] = part.to(self.device)
            self.index[slots] = np.where(self.pool.index[slots] == now[slots], now[slots], EMPTY)      # written over meanwhile: comes with the next

    def take(self, slots, starts=None, length=FRAMES):
        slots = torch.from_numpy(np.asarray(slots)).to(self.device)[:, None]
        starts = torch.zeros(len(slots), dtype=torch.int64) if starts is None else torch.from_numpy(np.asarray(starts))
        at = starts.to(self.device)[:, None] + torch.arange(length, device=self.device)
        return self.frames[slots, at], self.joints[slots, at].float(), self.label[slots[:, 0]], self.weight[slots[:, 0]]


def render(folder, size, shared, split, seed, worker, workers, rounds, quiet=0):
    """A worker: renders every `workers`-th slot, round after round. Round r of slot s is the source's clip r·size + s, whoever renders it; the last `quiet` slots are windows of films in which nothing happens."""
    from . import quiet as films
    from .clips import ClipSource
    torch.set_num_threads(1)
    pool, source = Pool(folder, size), ClipSource(shared=shared, split=split, seed=seed)
    parent = os.getppid()
    for round_ in range(rounds):
        for slots in shares(size, quiet, worker, workers, films.WINDOWS):
            index = round_ * size + slots[0]
            if len(slots) == 1 and pool.index[slots[0]] < index:
                pool.put(slots[0], index, source.render(index))
            elif len(slots) > 1 and pool.index[slots[-1]] < BEYOND + index:
                for slot, clip in zip(slots, films.windows(Chance(split, 9000 + seed, index), shared)):
                    pool.put(slot, BEYOND + round_ * size + slot, clip)
            if os.getppid() != parent:
                return


def shares(size, quiet, worker, workers, windows):
    """What one worker fills, in turn: single slots, and now and then as many as a film has windows."""
    films = iter([range(start, start + windows) for start in range(size - quiet, size - windows + 1, windows)][worker::workers])
    own = range(worker, size - quiet, workers)
    every = max(1, len(own) * windows // max(1, quiet // workers))
    for number, slot in enumerate(own):
        yield range(slot, slot + 1)
        if number % every == every - 1 and (film := next(films, None)):
            yield film
    yield from films


def start_workers(folder, size, shared, split, seed, workers, rounds=1, nice=12, quiet=0):
    """Child processes that fill a pool; they end when their parent does."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    Pool(folder, size)
    return [subprocess.Popen(
        ["nice", "-n", str(nice), sys.executable, "-m", "actiontrain.pool", folder, str(size), shared, split, str(seed), str(worker), str(workers), str(rounds), str(quiet)],
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
