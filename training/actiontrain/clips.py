"""Rendered clips by number: the source that the training loop and the validation read."""
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from . import body, camera, degrade, pet, render, scene
from .chance import Chance
from .labels import INDEX, LABELS
from .performance import perform

LENGTH, STEP, SIZE, OVERSAMPLE, MARGIN, ATTEMPTS = 16, 0.125, 112, 2, 8, 5

IDLE = 4.0                                   # how often nothing happens, beside each other label: most of what a camera sees
STEADY = {"idle", "walk", "run", "lie"}      # told by more than one part of the body
FRONT = {"clap": 0.95, "punch": 0.85, "wave": 0.75, "throw": 0.6}


@dataclass
class Clip:
    frames: torch.Tensor                     # uint8 [16, 112, 112, 3]
    label: int
    weight: float = 1.0
    meta: dict = field(default_factory=dict)


class ClipSource:
    """Clips by index; the same (split, seed, index) is always the same clip."""

    def __init__(self, shared="../shared", split="train", seed=0):
        self.shared, self.split, self.seed = str(Path(shared)), split, seed

    def render(self, index, label=None):
        chance = Chance(self.split, int(self.seed), int(index))
        label = label or chance.pick(LABELS, [IDLE if name == "idle" else 1.0 for name in LABELS])
        act = perform(chance, self.shared, label, LENGTH, STEP)
        frames = self.film(chance, act)
        return Clip(torch.from_numpy(frames), INDEX[label], 1.0, dict(act.meta, label=label, index=index))

    def film(self, chance, act):
        moving = chance.yes(0.35)
        size = SIZE + (2 * MARGIN if moving else 0)
        person = body.Person(chance)
        joints = person.sized(act.joints)
        act.take.props = [(kind, x * person.size, z * person.size, yaw, height * person.size) for kind, x, z, yaw, height in act.take.props]
        people = [] if act.meta["kind"] == "nobody" else [(person, joints)]
        for other in act.others:
            second = body.Person(chance)
            people.append((second, second.sized(other)))
        if chance.yes(0.4 if not people else 0.04):
            animal = pet.Pet(chance)
            people.append((animal, pet.path(chance, np.linspace(0, LENGTH * STEP, len(joints)), animal.size, joints[0, 0] * person.size)))
        alone = act.meta["kind"] == "nobody"
        everyone = np.concatenate([mine for _, mine in people] or [joints], 1)
        front = FRONT.get(act.take.label, 0.8 if act.take.props else 0.5)
        for attempt in range(ATTEMPTS):      # a label is only fair where the actor can be seen
            view = camera.placed(chance, joints, size * OVERSAMPLE, size * OVERSAMPLE, 1.7 * person.size, front, act.take.label not in STEADY)
            place = scene.build(chance, view, act.take, everyone, sparse=attempt > 1)
            frames, sight = render.film(view, place, people, LENGTH, OVERSAMPLE, act.subframes)
            if alone or sight.enough(0.45, 0.7 if act.take.label in ("walk", "run") else 0.95):
                break
        seen = view.flat(joints[act.subframes // 2::act.subframes]) if act.meta["kind"] != "nobody" else None
        if moving:
            frames, seen = degrade.shaken(chance, frames, SIZE, seen)
        act.meta["joints2d"] = seen
        frames = degrade.degraded(chance, frames)
        if chance.yes(0.08):                 # a frame came twice
            at = chance.integer(1, LENGTH)
            frames[at] = frames[at - 1]
        return frames
