"""The rendered clips keep their promises: same number same clip, every label, rigid bones, movement, licences, splits."""
import sys
import time
import unittest
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parent.parent))
from actiontrain import motion, procedural  # noqa: E402
from actiontrain.chance import BANDS, OWNED, Chance  # noqa: E402
from actiontrain.clips import ClipSource  # noqa: E402
from actiontrain.labels import INDEX, LABELS  # noqa: E402
from actiontrain.performance import perform  # noqa: E402
from actiontrain.skeleton import FOREARM, LIMBS, SHANK, THIGH, UPPER_ARM  # noqa: E402

SHARED = Path(__file__).resolve().parents[3] / "shared"
MOVING = [label for label in LABELS if label not in ("idle", "lie")]


def travel(joints):
    """Metres that the fastest joint moves within one eighth of a second, at most."""
    return np.linalg.norm(np.diff(joints, axis=0), axis=-1).max()


class ProceduralMotion(unittest.TestCase):
    def test_limbs_never_change_their_length(self):
        for label in LABELS:
            for number in range(12):
                joints = procedural.perform(label, Chance("train", 1, number)).joints
                for a, b in LIMBS:
                    length = np.linalg.norm(joints[:, a] - joints[:, b], axis=-1)
                    self.assertLess(np.ptp(length), 1e-3, f"{label} {number}: bone {a}-{b} {length.min():.3f}..{length.max():.3f} m")

    def test_limbs_have_the_lengths_of_the_skeleton(self):
        joints = procedural.perform("kick", Chance("train", 1, 0)).joints
        for (a, b), wanted in {(4, 5): UPPER_ARM, (5, 6): FOREARM, (12, 13): THIGH, (13, 14): SHANK}.items():
            self.assertAlmostEqual(np.linalg.norm(joints[50, a] - joints[50, b]), wanted, 3)

    def test_nobody_sinks_into_the_floor_or_leaves_it_for_no_reason(self):
        for label in LABELS:
            for number in range(12):
                take = procedural.perform(label, Chance("train", 2, number))
                lowest = take.joints[..., 1].min(1)
                self.assertGreater(lowest.min(), -0.06, f"{label} {number} at {lowest.min():.2f} m")
                on_furniture = label in ("lie", "idle") and take.props
                if label not in ("jump", "jumping_jack", "run") and not on_furniture:
                    self.assertLess(np.median(lowest), 0.2, f"{label} {number} floats at {np.median(lowest):.2f} m")

    def test_a_fall_ends_low_and_a_seat_carries_who_sits(self):
        for number in range(20):
            fall = procedural.perform("fall", Chance("train", 3, number)).joints
            self.assertLess(fall[-1, [0, 2, 3], 1].max(), 0.85, f"fall {number}")
            self.assertGreater(fall[10, 3, 1], 0.8, f"fall {number} began low")
            sit = procedural.perform("sit_down", Chance("train", 3, number))
            if sit.props:
                self.assertLess(abs(sit.joints[-1, 0, 1] - sit.props[0][4] - 0.16), 0.05, f"sit_down {number}")


class Windows(unittest.TestCase):
    def test_moving_actions_move(self):
        for label in MOVING:
            moved = [travel(perform(Chance("train", 4, number), SHARED, label, 16, 0.125).joints) for number in range(10)]
            self.assertGreater(np.median(moved), 0.12, f"{label}: {np.round(moved, 2)}")
            self.assertGreater(min(moved), 0.02, f"{label}: {np.round(moved, 2)}")

    def test_the_core_of_a_single_action_is_in_its_window(self):
        for label in ("fall", "throw", "jump", "sit_down", "stand_up", "pick_up"):
            for number in range(30):
                act = perform(Chance("train", 5, number), SHARED, label, 16, 0.125)
                if act.take.cyclic:
                    continue
                begin, (start, end) = act.meta["begin"], act.take.core
                last = begin + 15 * 0.125 * act.meta["speed"]
                seen = (min(last, end) - max(begin, start)) / min(end - start, last - begin)
                self.assertGreater(seen, 0.75, f"{label} {number}: {start:.2f}..{end:.2f} seen from {begin:.2f} to {last:.2f}")


class Splits(unittest.TestCase):
    def test_motion_for_research_only_never_trains(self):
        training = [meta for sequences in motion.library(str(SHARED), "train").values() for meta, _ in sequences]
        validation = [meta for sequences in motion.library(str(SHARED), "validation").values() for meta, _ in sequences]
        self.assertGreater(len(training), 50)
        self.assertGreater(len(validation), 300)
        self.assertEqual(set(), {meta["source"] for meta in training} & {"utd-mhad"})
        self.assertEqual({"utd-mhad"}, {meta["source"] for meta in validation})
        self.assertTrue({meta["licence"] for meta in training} <= motion.FOR_TRAINING)

    def test_what_resembles_a_label_is_never_idle(self):
        for split in ("train", "validation"):
            near = [meta["key"] for meta, _ in motion.library(str(SHARED), split)["idle"] if meta.get("near")]
            self.assertEqual([], near)

    def test_styles_of_training_and_validation_never_meet(self):
        drawn = {split: {int(BANDS * Chance(split, 0, number).style(0, 1)) for number in range(400)} for split in OWNED}
        self.assertEqual(set(), drawn["train"] & drawn["validation"])
        self.assertEqual(BANDS, len(drawn["train"] | drawn["validation"]))


class Clips(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.source = ClipSource(SHARED, "train", seed=9)
        started = time.process_time()
        cls.clips = {label: [cls.source.render(number, label) for number in range(3)] for label in LABELS}
        cls.spent = (time.process_time() - started) / (3 * len(LABELS))

    def test_every_label_is_rendered_in_the_agreed_shape(self):
        for label, clips in self.clips.items():
            for clip in clips:
                self.assertEqual((16, 112, 112, 3), tuple(clip.frames.shape))
                self.assertEqual(torch.uint8, clip.frames.dtype)
                self.assertEqual(INDEX[label], clip.label)
                self.assertGreater(clip.frames.float().std().item(), 4, f"{label} is an empty picture")

    def test_the_same_number_is_the_same_clip(self):
        for number in (3, 4, 5):
            first, again = (ClipSource(SHARED, "train", seed=2).render(number) for _ in range(2))
            self.assertTrue(torch.equal(first.frames, again.frames))
            self.assertEqual(first.label, again.label)

    def test_seed_split_and_number_change_the_clip(self):
        base = ClipSource(SHARED, "train", 0).render(7).frames
        for source, number in ((ClipSource(SHARED, "train", 1), 7), (ClipSource(SHARED, "validation", 0), 7), (ClipSource(SHARED, "train", 0), 8)):
            self.assertFalse(torch.equal(base, source.render(number).frames))

    def test_idle_is_about_twice_as_frequent_as_each_action(self):
        drawn = [Chance("train", 0, number).pick(LABELS, [2.0 if name == "idle" else 1.0 for name in LABELS]) for number in range(3400)]
        self.assertTrue(300 < drawn.count("idle") < 500, drawn.count("idle"))
        self.assertTrue(all(120 < drawn.count(label) < 290 for label in LABELS[1:]))

    def test_some_idle_pictures_show_nobody_and_some_a_frozen_pose(self):
        kinds = [self.source.render(number, "idle").meta["kind"] for number in range(60)]
        for kind in ("everyday", "nobody", "frozen", "captured"):
            self.assertIn(kind, kinds)

    def test_a_clip_costs_little(self):
        print(f"\n{self.spent * 1000:.0f} ms of one core per clip")
        self.assertLess(self.spent, 0.4)


if __name__ == "__main__":
    unittest.main()
