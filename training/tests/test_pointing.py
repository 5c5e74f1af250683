"""What pointing.py counts: shares of halves and quarters, and how sharp a map is."""
import os
import sys
import unittest

import numpy as np
import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import pointing


class Shares(unittest.TestCase):
    def test_a_column_in_the_middle_belongs_to_both_halves(self):
        one = torch.zeros(2, 3, 3)
        one[0, :, 1] = 1
        one[1, 0, 0] = 2
        self.assertEqual(pointing.left(one).tolist(), [0.5, 1.0])

    def test_quarters_add_up_and_are_in_reading_order(self):
        one = torch.rand(5, 7, 7)
        self.assertTrue(torch.allclose(pointing.quarters(one).sum(1), torch.ones(5)))
        corners = torch.zeros(4, 7, 7)
        corners[0, 0, 0] = corners[1, 0, 6] = corners[2, 6, 0] = corners[3, 6, 6] = 1
        self.assertEqual(pointing.quarters(corners).argmax(1).tolist(), [0, 1, 2, 3])

    def test_sharpness_is_one_in_one_place_and_nothing_everywhere(self):
        maps = torch.full((1, 1, 2, 7, 7), 1 / 49)
        maps[0, 0, 0] = 0
        maps[0, 0, 0, 3, 3] = 1
        sharp = pointing.sharpness(maps).flatten().tolist()
        self.assertAlmostEqual(sharp[0], 1, 5)
        self.assertAlmostEqual(sharp[1], 0, 5)

    def test_movement_is_where_pixels_change_and_nowhere_else(self):
        frames = np.full((2, 3, 4, 4, 3), 7, np.uint8)
        frames[1, 1, 2, 3] = 250                                         # comes and goes: two changes of 243
        moved = pointing.movement(frames)
        self.assertEqual((2, 4, 4), tuple(moved.shape))
        self.assertEqual(243, float(moved[1, 2, 3]))
        self.assertEqual(243, float(moved.sum()))


if __name__ == "__main__":
    unittest.main()
