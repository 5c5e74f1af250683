"""Films in which nothing happens: what a camera sees most of the time. False events are counted by them, and thresholds chosen."""
import json
import os

import numpy as np
import torch

from . import body, camera, degrade, motion, pet, procedural, render, scene, video
from .chance import Chance
from .clips import LENGTH, MARGIN, OVERSAMPLE, SIZE, Clip
from .labels import INDEX
from .story import Story
from .take import Take
from .tracks import FPS

RATE, SECONDS, CHUNK = 8, 30, 48
WINDOWS = RATE * SECONDS // LENGTH


def standing(chance):
    """One everyday thing after the other on the spot, at different headings by a little."""
    story, number = Story(0.0, 0.0), 0
    while story.seconds < SECONDS + 1:
        number += 1
        found = procedural.perform("idle", chance.child(number))
        if not found.props and np.ptp(found.joints[:, 0, [0, 2]], axis=0).max() < 0.5:
            story.add(found, 0.1, 4.9, chance.normal(0.25))
    return Take(story.joints, "idle", (0, SECONDS))


def lingering(take):
    """A take of some seconds forth and back until the film is full: nobody changes the chair."""
    count = len(take.joints)
    at = np.arange(int((SECONDS + 1) * FPS)) % (2 * count - 2)
    return Take(take.joints[np.where(at < count, at, 2 * count - 2 - at)], "idle", (0, SECONDS), True, take.props, take.origin)


def sitting(chance):
    for number in range(100):
        found = procedural.perform("idle", chance.child(number))
        if found.props:
            return lingering(found)
    raise LookupError("no idle take sits")


def chosen(chance, shared):
    kind = chance.pick(["standing", "sitting", "captured", "nobody"], [40, 25, 15, 20])
    found = motion.captured(chance, shared, "idle") if kind == "captured" else None
    if kind == "captured" and (found is None or len(found.joints) < 2 * FPS):
        kind = "standing"
    return kind, lingering(found) if kind == "captured" else sitting(chance) if kind == "sitting" else standing(chance)


def film(chance, shared):
    """Frames [T, S, S, 3] of one film, and what it shows."""
    kind, take = chosen(chance, shared)
    at = np.arange(SECONDS * RATE) / RATE
    joints = motion.sampled(take.joints, at * chance.style(0.8, 1.1))
    person, moving = body.Person(chance), chance.yes(0.15)
    joints = person.sized(joints)
    take.props = [(name, x * person.size, z * person.size, yaw, height * person.size) for name, x, z, yaw, height in take.props]
    size = SIZE + (2 * MARGIN if moving else 0)
    view = camera.placed(chance, joints, size * OVERSAMPLE, size * OVERSAMPLE, 1.7 * person.size, 0.6)
    people = [] if kind == "nobody" else [(person, joints)]
    if chance.yes(0.5 if not people else 0.1):
        animal = pet.Pet(chance)
        people.append((animal, pet.path(chance, at, animal.size, joints[0, 0] * person.size)))
        kind += " and a pet"
    place = scene.build(chance, view, take, np.concatenate([mine for _, mine in people] or [joints], 1))
    parts = [render.film(view, place, [(who, mine[i:i + CHUNK]) for who, mine in people], len(at[i:i + CHUNK]), OVERSAMPLE, 1)[0] for i in range(0, len(at), CHUNK)]
    frames = np.concatenate(parts)
    if moving:
        frames, _ = degrade.shaken(chance, frames, SIZE)
    return degrade.degraded(chance, frames), kind


def windows(chance, shared):
    """The clips that one film is cut into."""
    frames, kind = film(chance, shared)
    return [Clip(torch.from_numpy(frames[start:start + LENGTH]), INDEX["idle"], 1.0, {"kind": kind}) for start in range(0, WINDOWS * LENGTH, LENGTH)]


def render_set(folder, hours, shared, seed, say=lambda done, count: None, split="validation"):
    """`folder`/*.mp4 and manifest.json, all labelled idle; persons, rooms and ways to move are those of the split."""
    os.makedirs(folder, exist_ok=True)
    listed, count = [], round(hours * 3600 / SECONDS)
    for number in range(count):
        frames, kind = film(Chance(split, 9000 + seed, number), shared)
        file = f"{number:04}.mp4"
        video.write(os.path.join(folder, file), frames, 20)
        listed.append({"file": file, "label": "idle", "shows": kind})
        say(number + 1, count)
    with open(os.path.join(folder, "manifest.json"), "w") as manifest:
        json.dump({"clips": listed}, manifest, indent=1)


def peaks(net, folder, hop=4, constant=0.75, lasting=0.5):
    """What an event's threshold has to lie above, [films, labels]: the highest score that each film's smoothed scores hold for `lasting` seconds. As src/Publish/Rolling smooths."""
    from .learning import answers_of_tokens      # which draws from pools, whose workers render these films
    found, step = [], hop / RATE
    weight, held = 1 - np.exp(-step / constant), int(np.ceil(lasting / step)) + 1
    for path, *_ in video.listed(folder):
        scores = answers_of_tokens(net, video.decode(path), hop).softmax(1)
        smooth = scores.clone()
        for i in range(1, len(scores)):
            smooth[i] = smooth[i - 1] + weight * (scores[i] - smooth[i - 1])
        found.append(smooth.unfold(0, held, 1).amin(2).amax(0))
    return torch.stack(found)
