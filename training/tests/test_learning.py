import os
import tempfile
import unittest
from types import SimpleNamespace

import numpy as np
import torch

from actiontrain import calibrate, finetuning
from actiontrain.augment import MIRROR, Augment, choose_places, cut
from actiontrain.learning import Plan, Run, answers, answers_of_tokens
from actiontrain.measures import auc, wilson
from actiontrain.muon import orthogonal
from actiontrain.network import Shape
from actiontrain.pool import BEYOND, NearPool, Pool, shares


def moving_square(seed, label):
    """A bright square that goes right (0) or down (1)."""
    chance = np.random.default_rng(seed)
    frames = np.full((16, 112, 112, 3), chance.integers(0, 90), np.uint8)
    x, y = chance.integers(10, 50, 2)
    for t in range(16):
        dx, dy = (3 * t, 0) if label == 0 else (0, 3 * t)
        frames[t, y + dy:y + dy + 24, x + dx:x + dx + 16] = 220
    return SimpleNamespace(frames=torch.from_numpy(frames), label=label, weight=1.0, meta={})


class LearningTests(unittest.TestCase):
    def setUp(self):
        torch.set_num_threads(1)
        self.folder = tempfile.TemporaryDirectory()
        self.pool = Pool(os.path.join(self.folder.name, "pool"), 24)
        for slot in range(20):
            self.pool.put(slot, slot, moving_square(slot, slot % 2))

    def tearDown(self):
        self.folder.cleanup()

    def test_the_same_seed_learns_the_same_and_a_resumed_run_goes_on_as_if_never_stopped(self):
        plan, shape = Plan(clips=4 * 6, batch=4, apart=2, warm_up=1, seed=9), Shape(width=32, spatial=1, temporal=1)
        whole, first, second = Run(plan, shape), Run(plan, shape), Run(plan, shape)
        for _ in range(6):
            told = whole.advance(self.pool)
        for _ in range(3):
            first.advance(self.pool)
        file = os.path.join(self.folder.name, "checkpoint.pt")
        first.save(file)
        second.resume(file)
        for _ in range(3):
            again = second.advance(self.pool)
        self.assertEqual(told, again)
        self.assertTrue(all(torch.equal(a, b) for a, b in zip(whole.net.parameters(), second.net.parameters())))

    def test_a_near_pool_gives_the_same_clips_and_brings_what_was_rendered_since(self):
        near, at, starts = NearPool(self.pool, "cpu"), np.array([3, 7]), np.array([0, 5])
        for mine, other in zip(near.take(at, starts, 4), self.pool.take(at, starts, 4)):
            self.assertTrue(torch.equal(torch.nan_to_num(mine), torch.nan_to_num(other)))
        self.assertEqual(20, len(near.filled()))
        self.pool.put(20, 20, moving_square(77, 1))
        self.pool.put(3, 103, moving_square(78, 0))
        near.refresh()
        near.refresh()
        self.assertEqual(21, len(near.filled()))
        self.assertTrue(np.array_equal(self.pool.frames[3], near.frames[3].numpy()))

    def test_quiet_windows_that_are_taken_for_actions_are_drawn_more_often(self):
        self.pool.index[:5] = BEYOND + np.arange(5)
        near, plan = NearPool(self.pool, "cpu"), Plan(clips=24, batch=4, apart=0, seed=9)
        run = Run(plan, pool=near)
        run.notice(near)
        appeal = near.appeal[:5].copy()
        self.assertTrue(((appeal >= 0.5) & (appeal <= 2.5)).all() and (near.appeal[5:20] == 1).all())
        near.favour(np.arange(5), 100.0)
        drawn = near.draw(1000, torch.Generator().manual_seed(3))
        self.assertGreater((drawn < 5).mean(), 0.9)
        self.assertTrue((drawn < 20).all())

    def test_workers_share_all_slots_and_films_whole(self):
        found = [list(slots) for worker in range(3) for slots in shares(100, 32, worker, 3, 15)]
        self.assertEqual(list(range(98)), sorted(slot for slots in found for slot in slots))        # two slots are too few for a film
        self.assertEqual([list(range(68, 83)), list(range(83, 98))], sorted(slots for slots in found if len(slots) > 1))

    def test_a_run_goes_on_from_weights_alone_and_leaves_them_as_they_are_while_joints_are_learned(self):
        plan, shape = Plan(clips=4 * 6, batch=4, apart=0, seed=9), Shape(width=32, spatial=1, temporal=1)
        known, run = Run(plan, shape).net, Run(Plan(clips=4 * 6, batch=4, apart=0, seed=3), shape)
        before = [value.clone() for value in run.auxiliary.state_dict().values()]
        run.begin_with(known.arrays(), self.pool, steps=2)
        self.assertTrue(all(torch.equal(a, b) for a, b in zip(known.parameters(), run.net.parameters())))
        self.assertTrue(all(torch.equal(a, b) for a, b in zip(known.parameters(), run.mean.parameters())))
        self.assertFalse(all(torch.equal(a, b) for a, b in zip(before, run.auxiliary.state_dict().values())))

    def test_a_quiet_threshold_is_reached_about_as_seldom_as_asked_also_where_no_film_did(self):
        draw = lambda count, seed: torch.sigmoid(-4 + 1.2 * torch.empty(count, 2).exponential_(generator=torch.Generator().manual_seed(seed)))
        found = calibrate.quiet_thresholds(draw(300, 1), ["idle", "fall"], "idle", share=lambda label: 0.0005, most=0.99)
        self.assertEqual(["fall"], list(found))
        reached = float((draw(400_000, 2)[:, 1] > found["fall"]).float().mean())
        self.assertTrue(0.0001 < reached < 0.002, reached)

    def test_a_films_windows_answer_as_they_do_alone(self):
        net = Run(Plan(), Shape(width=32, spatial=1, temporal=1, classes=16)).net
        torch.nn.init.normal_(net.output_projection.kernel)
        film = torch.randint(0, 255, (40, 112, 112, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(5))
        told = answers_of_tokens(net, film, 4)
        alone = answers(net, torch.stack([film[i:i + 16] for i in range(0, 25, 4)]))
        self.assertEqual(told.shape, alone.shape)
        self.assertLess(float((told - alone).abs().max()), 1e-4)

    def test_motion_is_learned(self):
        run = Run(Plan(clips=16 * 40, batch=16, apart=0, apart_every=1000, warm_up=5, rate=3e-3, augment=0, joints=0, smoothing=0, depth_drop=0), Shape(width=32, spatial=1, temporal=1))
        losses = [run.advance(self.pool).get("loss", 9) for _ in range(41)][1:]
        self.assertLess(np.mean(losses[-5:]), 0.3 * losses[0], losses)

    def test_an_empty_slot_is_never_drawn(self):
        self.assertEqual(list(range(20)), self.pool.filled().tolist())


class AugmentTests(unittest.TestCase):
    def test_joints_stay_on_what_they_mark(self):
        frames = torch.zeros(64, 16, 112, 112, 3, dtype=torch.uint8)
        frames[:, :, 30:46, 60:76] = 255
        joints = torch.tensor([(68 / 56) - 1, (38 / 56) - 1]).expand(64, 16, 20, 2)
        x, joints = Augment().move(frames.permute(0, 1, 4, 2, 3).reshape(64, 48, 112, 112).float() / 255, joints, torch.Generator().manual_seed(1))
        for i in range(64):
            rows, columns = torch.nonzero(x[i, 0] > 0.9, as_tuple=True)
            if len(rows) > 150 and rows.min() > 0 and columns.min() > 0 and rows.max() < 111 and columns.max() < 111:
                self.assertLess(abs(float(columns.float().mean() + 0.5) / 56 - 1 - float(joints[i, 0, 0, 0])), 0.02)
                self.assertLess(abs(float(rows.float().mean() + 0.5) / 56 - 1 - float(joints[i, 0, 0, 1])), 0.02)

    def test_a_mirror_swaps_left_and_right_and_twice_is_nothing(self):
        self.assertEqual(list(range(20)), [MIRROR[MIRROR[i]] for i in range(20)])
        self.assertEqual((8, 16), (MIRROR[4], MIRROR[12]))

    def test_numbers_stay_in_range_and_chance_is_handed_in(self):
        frames = torch.randint(0, 256, (6, 16, 112, 112, 3), dtype=torch.uint8)
        joints = torch.zeros(6, 16, 20, 2)
        a, _ = Augment()(frames, joints, torch.Generator().manual_seed(4))
        b, _ = Augment()(frames, joints, torch.Generator().manual_seed(4))
        self.assertTrue(torch.equal(a, b))
        self.assertLessEqual(float(a.abs().max()), 1)

    def test_where_something_moves_is_looked_at_first(self):
        pixels = torch.zeros(8, 16, 3, 112, 112)
        pixels[:, 1::2, :, 32:64, 48:80] = 1
        places = choose_places(cut(pixels), 12, torch.Generator().manual_seed(2))
        moving = torch.tensor([row * 7 + column for row in (2, 3) for column in (3, 4)])
        self.assertGreater(float((places[:, 0, :, None] == moving).any(1).float().mean()), 0.9)


class MeasureTests(unittest.TestCase):
    def test_muon_makes_singular_values_alike(self):
        values = torch.linalg.svdvals(orthogonal(torch.randn(3, 24, 60)))
        self.assertGreater(float(values.min()), 0.5)
        self.assertLess(float(values.max()), 1.4)

    def test_auc_and_interval(self):
        self.assertEqual(0.75, auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]))
        self.assertIsNone(auc([0.1], [1]))
        low, high = wilson(7, 10)
        self.assertAlmostEqual(0.397, low, 3)
        self.assertAlmostEqual(0.892, high, 3)

    def test_a_temperature_undoes_overconfidence(self):
        torch.manual_seed(1)
        logits = torch.randn(4000, 4)
        label = torch.distributions.Categorical(logits=logits).sample()
        self.assertAlmostEqual(3.0, calibrate.temperature(logits * 3, label), delta=0.4)

    def test_thresholds_keep_false_alarms_rare(self):
        scores = torch.tensor([[0.9, 0.1]] * 99 + [[0.3, 0.7]] + [[0.2, 0.8]] * 10)
        label = torch.tensor([0] * 100 + [1] * 10)
        self.assertEqual({"b": 0.7}, {k: round(v - 0.005, 1) for k, v in calibrate.thresholds(scores, label, ["a", "b"], "a", false_share=0.005).items()})

    def test_a_person_is_on_one_side_of_the_split_only(self):
        groups = [f"p{i % 6}" for i in range(60)]
        held = finetuning.split(groups, [i % 2 for i in range(60)])
        self.assertTrue(0.2 < sum(held) / 60 < 0.5)
        self.assertEqual(set(), {g for g, h in zip(groups, held) if h} & {g for g, h in zip(groups, held) if not h})


if __name__ == "__main__":
    unittest.main()
