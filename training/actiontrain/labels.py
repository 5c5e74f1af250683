"""The labels of the shipped model, in the order of its outputs, so that renderer, trainer and card cannot disagree."""

LABELS = ["idle", "walk", "run", "jump", "jumping_jack", "wave", "clap", "punch", "kick", "throw",
          "pick_up", "sit_down", "stand_up", "squat", "fall", "lie"]
INDEX = {label: number for number, label in enumerate(LABELS)}
