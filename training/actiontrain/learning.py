"""The training loop: batches from a pool, losses, optimisers, schedule, a moving mean of the weights, checkpoints that resume."""
import copy
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from . import network
from .augment import Augment, choose_places, cut
from .auxiliary import Auxiliary
from .first_look import begin_embedding, begin_places
from .labels import INDEX
from .muon import Muon
from .pool import BEYOND


@dataclass
class Plan:
    """What a run does; everything here is in its checkpoint and its log."""

    clips: int = 120_000           # steps x batch
    batch: int = 24
    rate: float = 6e-4             # for labels
    apart_rate: float = 1e-3       # while the frame encoder learns alone
    inner: float = 4.0             # Muon's rate, in rates
    weight_decay: float = 0.05
    warm_up: int = 100             # steps, at the start of both
    cool_down: float = 0.75        # share of the labels' steps in which the rate falls to nothing
    smoothing: float = 0.1         # of labels
    joints: float = 3.0            # weight of the joints' loss
    apart: int = 1500              # steps that teach the frame encoder alone where people are, from a few frames of many clips
    taught: int = 3                # tubelets of a clip that the frame encoder learns from at each step; all of them are read
    apart_every: int = 4           # and every so many steps after that
    patches: float = 5.0           # weight of the loss of what each patch shows
    keep: int = 28                 # patches of a tubelet that are looked at; 49 are all
    full_from: float = 0.93        # share of the run after which all patches are looked at
    depth_drop: float = 0.05
    mean: float = 0.998            # how slowly the mean of the weights follows
    augment: float = 0.3
    optimiser: str = "muon"
    first_look: bool = True
    seed: int = 0

    steps = property(lambda self: self.clips // self.batch)

    def rate_at(self, step):
        if step < self.apart:
            return self.apart_rate * min(1.0, (step + 1) / self.warm_up)
        rising = min(1.0, (step - self.apart + 1) / self.warm_up)
        left = (self.steps - step) / max(1, self.cool_down * (self.steps - self.apart))
        return self.rate * rising * min(1.0, max(0.0, left))


class Run:
    """A network that learns. Give the `pool` where it begins: the first look is fitted to its patches."""

    def __init__(self, plan, shape=network.Shape(), pool=None, device="cpu"):
        torch.manual_seed(plan.seed)
        self.plan, self.step, self.device = plan, 0, torch.device(device)
        self.net, self.auxiliary = network.Network(shape).to(self.device), Auxiliary(shape).to(self.device)
        if plan.first_look:
            begin_places(self.net)
            if pool is not None:
                begin_embedding(self.net.embedding, cut(Augment(0)(*pool.take(pool.filled()[:96])[:2], None)[0]))
        self.mean = copy.deepcopy(self.net).eval()
        self.augment = Augment(plan.augment)
        for encoder in (self.net.SpatialTransformer, self.net.TemporalTransformer):
            for layer in range(encoder.layers):
                getattr(encoder, f"encoderblock_{layer}").depth_drop = plan.depth_drop
        self.optimisers = self._optimisers()
        self.reader, self.prepared = ThreadPoolExecutor(1, initializer=torch.set_num_threads, initargs=(1,)), {}
        self.beside = torch.cuda.Stream(self.device) if self.device.type == "cuda" else None    # makes the next batch while this one is learned from

    def _optimisers(self):
        plan, inner, plain, bare = self.plan, [], [], []
        for name, p in [*self.net.named_parameters(), *self.auxiliary.named_parameters()]:
            if "encoderblock" in name and name.endswith("kernel") and plan.optimiser == "muon":
                inner.append(p)
            else:
                (plain if p.dim() >= 2 and "pos_embedding" not in name and "cls" not in name else bare).append(p)
        adam = torch.optim.AdamW(
            [{"params": plain, "weight_decay": plan.weight_decay}, {"params": bare, "weight_decay": 0.0}], lr=plan.rate, betas=(0.9, 0.98))
        return [adam] + ([Muon(inner, lr=plan.rate, weight_decay=plan.weight_decay / plan.inner)] if inner else [])

    def batch(self, pool, step):
        """The batch of a step; the same for the same seed and the same pool."""
        generator = torch.Generator().manual_seed((self.plan.seed << 32) + step)
        count, length = (4 * self.plan.batch, 4) if self.is_apart(step) else (self.plan.batch, pool.frames.shape[1])
        slots = pool.draw(count, generator)
        starts = torch.randint(pool.frames.shape[1] - length + 1, (count,), generator=generator).numpy()
        with torch.cuda.stream(self.beside):
            frames, joints, label, weight = pool.take(slots, starts, length)
            pixels, joints = self.augment(frames, joints, generator)
            blocks = cut(pixels)
            full = self.plan.keep >= blocks.shape[2] or step >= self.plan.full_from * self.plan.steps
            parts = blocks, None if full else choose_places(blocks, self.plan.keep, generator), joints, label, weight
            if step % 25 == 0:
                pool.refresh()
        if self.beside:
            self.beside.synchronize()
            for part in parts:
                if part is not None:
                    part.record_stream(torch.cuda.default_stream(self.device))
        return parts

    def advance(self, pool):
        """One step; returns what it measured."""
        plan = self.plan
        network.Exact.gelu = self.device.type == "cuda"
        parts = self.prepared.pop(self.step).result() if self.step in self.prepared else self.batch(pool, self.step)
        self.prepared = {self.step + 1: self.reader.submit(self.batch, pool, self.step + 1)}   # the next one, while this is learned from
        torch.manual_seed((plan.seed << 32) + self.step)
        self.net.train()
        with self.half():
            told, placed, shown, right = self.losses(*parts)
        loss = told + plan.joints * placed + plan.patches * shown
        for optimiser in self.optimisers:
            optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_([*self.net.parameters(), *self.auxiliary.parameters()], 2.0)
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = plan.rate_at(self.step) * (plan.inner if isinstance(optimiser, Muon) else 1)
            optimiser.step()
        named = {} if self.is_apart(self.step) else {"loss": told, "right": right}
        self.step += 1
        self._follow()
        return {name: value.detach() for name, value in {**named, "joints": placed, "shown": shown, "norm": norm}.items()}

    def half(self):
        """Products in bfloat16 where a device has units for them."""
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.device.type == "cuda")

    def notice(self, pool, batch=512):
        """Of films in which nothing happens, what is taken for an action is drawn more often from now on."""
        network.Exact.gelu, told = True, []
        slots = pool.filled()
        slots = slots[pool.index[slots] >= BEYOND]
        with torch.no_grad(), self.half():
            for part in np.split(slots, range(batch, len(slots), batch)):
                told.append(1 - self.mean(pool.take(part)[0]).float().softmax(1)[:, INDEX["idle"]])
        pool.favour(slots, torch.cat(told).cpu().numpy() * 2 + 0.5)

    def losses(self, blocks, places, joints, label, weight):
        """Of labels, joints and patches, and the share of right answers. The encoder learns from some of a clip's tubelets; the rest, much like them, only tell."""
        plan, steps = self.plan, blocks.shape[1]
        order = torch.randperm(steps).to(blocks.device)
        taught, rest = order[:plan.taught], order[plan.taught:]
        part = lambda x, at: None if x is None else x[:, at]
        tokens, patches = self.net.encode(part(blocks, taught), part(places, taught), planar=True, detail=True)
        joints = joints.unflatten(1, (steps, -1))[:, taught].flatten(1, 2)
        placed = self.auxiliary.joint_loss(tokens, joints) if plan.joints else torch.zeros(())
        shown = self.auxiliary.patch_loss(patches, part(places, taught), joints) if plan.patches else torch.zeros(())
        if self.is_apart(self.step):
            return torch.zeros(()), placed, shown, torch.zeros(())
        with torch.no_grad():
            others = self.net.encode(part(blocks, rest), part(places, rest), planar=True) if len(rest) else tokens[:, :0]
        logits = self.net.decide(torch.cat([tokens, others], 1)[:, order.argsort()])
        wrong = F.cross_entropy(logits, label, reduction="none", label_smoothing=plan.smoothing)
        return (wrong * weight).sum() / weight.sum(), placed, shown, (logits.argmax(1) == label).float().mean()

    def is_apart(self, step):
        """True for steps that teach the frame encoder alone."""
        return step < self.plan.apart or step % self.plan.apart_every == 0

    @torch.no_grad()
    def _follow(self):
        share = min(self.plan.mean, self.step / (self.step + 10))
        for mean, now in zip(self.mean.parameters(), self.net.parameters()):
            mean.lerp_(now, 1 - share)

    @property
    def is_done(self):
        return self.step >= self.plan.steps

    def save(self, path):
        state = {
            "step": self.step, "plan": self.plan.__dict__, "net": self.net.state_dict(), "mean": self.mean.state_dict(),
            "auxiliary": self.auxiliary.state_dict(), "optimisers": [optimiser.state_dict() for optimiser in self.optimisers]}
        torch.save(state, path + ".new")
        os.replace(path + ".new", path)

    def begin_with(self, arrays, pool, steps=300):
        """Goes on from weights alone, such as the shipped ones. What tells joints is not in them: it learns first, from an encoder that stands still, or its noise would spoil what is known."""
        self.net.take(arrays)
        self.mean.take(arrays)
        optimiser = torch.optim.AdamW(self.auxiliary.parameters(), lr=2e-3, betas=(0.9, 0.98))
        network.Exact.gelu = self.device.type == "cuda"
        self.net.eval()
        for step in range(steps):
            blocks, places, joints, _, _ = self.batch(pool, step * self.plan.apart_every)
            with self.half():
                with torch.no_grad():
                    tokens, patches = self.net.encode(blocks, places, planar=True, detail=True)
                loss = self.plan.joints * self.auxiliary.joint_loss(tokens, joints) + self.plan.patches * self.auxiliary.patch_loss(patches, places, joints)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.param_groups[0]["lr"] = 2e-3 * (1 - step / steps)
            optimiser.step()

    def resume(self, path, weights_only=False):
        state = torch.load(path, map_location="cpu")
        self.net.load_state_dict(state["net"])
        self.mean.load_state_dict(state["mean"])
        self.auxiliary.load_state_dict(state["auxiliary"])
        if not weights_only:
            self.step = state["step"]
            for optimiser, saved in zip(self.optimisers, state["optimisers"]):
                optimiser.load_state_dict(saved)


@torch.no_grad()
def answers(net, frames, batch=16):
    """Logits of clips [N, T, H, W, 3] with the network's own GELU."""
    network.Exact.gelu = True
    net.eval()
    device = net.output_projection.kernel.device
    return torch.cat([net(frames[i:i + batch].to(device)).cpu() for i in range(0, len(frames), batch)])


@torch.no_grad()
def answers_of_tokens(net, frames, hop):
    """Logits of every `hop`-th window of a film [T, H, W, 3], each tubelet encoded once; `hop` is a multiple of the tubelet."""
    network.Exact.gelu = True
    net.eval()
    tubelet, steps = net.shape.tubelet, net.shape.steps
    whole = frames[:len(frames) // tubelet * tubelet]
    tokens = torch.cat([net.encode(net.cut(part[None]))[0] for part in whole.split(32 * tubelet)])
    return net.decide(torch.stack([tokens[i:i + steps] for i in range(0, len(tokens) - steps + 1, hop // tubelet)]))


class Clock:
    """Clips per second since the last question."""

    def __init__(self):
        self.at, self.count = time.monotonic(), 0

    def rate(self, count):
        now = time.monotonic()
        rate = (count - self.count) / max(now - self.at, 1e-9)
        self.at, self.count = now, count
        return rate
