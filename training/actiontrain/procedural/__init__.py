"""Motions written by hand for what the captured data lacks; each action is a function Chance -> Take."""
from . import arms, everyday, falls, gait, legs, seats

ACTIONS = {
    "idle": everyday.idle, "walk": gait.walk, "run": gait.run, "jump": legs.jump, "jumping_jack": legs.jumping_jack,
    "wave": arms.wave, "clap": arms.clap, "punch": arms.punch, "kick": legs.kick, "throw": arms.throw,
    "pick_up": legs.pick_up, "sit_down": seats.sit_down, "stand_up": seats.stand_up, "squat": legs.squat,
    "fall": falls.fall, "lie": falls.lie,
}


def perform(label, chance):
    return ACTIONS[label](chance)
