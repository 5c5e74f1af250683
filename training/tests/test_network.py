import os
import tempfile
import unittest
from dataclasses import replace

import torch

from actiontrain import network, safetensors
from actiontrain.augment import cut
from actiontrain.network import Network, Shape

SMALL = Shape(frames=8, size=32, width=32, spatial=2, temporal=1, tokens=4, classes=5)


class NetworkTests(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(3)
        torch.set_num_threads(1)
        network.Exact.gelu = True
        self.net = Network(SMALL).eval()
        with torch.no_grad():
            for p in self.net.parameters():
                p.add_(torch.randn_like(p) * 0.1)
        self.frames = torch.randint(0, 256, (2, 8, 32, 32, 3), dtype=torch.uint8)

    def test_the_default_shape_is_the_preset_mini(self):
        self.assertEqual(1_405_528, sum(p.numel() for p in Network().parameters()))

    @torch.no_grad()
    def test_a_tubelets_tokens_do_not_depend_on_the_rest_of_the_window(self):
        tokens = self.net.encode(self.net.cut(self.frames))
        alone = self.net.encode(self.net.cut(self.frames[:, 2:4]))
        self.assertLess(float((tokens[:, 1:2] - alone).abs().max()), 1e-5)

    @torch.no_grad()
    def test_patches_cut_by_colour_give_the_same_tokens(self):
        pixels = self.frames.permute(0, 1, 4, 2, 3).float() / 127.5 - 1
        planar = self.net.encode(cut(pixels), planar=True)
        self.assertLess(float((planar - self.net.encode(self.net.cut(self.frames))).abs().max()), 1e-5)

    @torch.no_grad()
    def test_looking_at_all_places_by_name_is_looking_at_all(self):
        blocks = self.net.cut(self.frames)
        places = torch.arange(4).expand(2, 4, 4)
        self.assertLess(float((self.net.encode(blocks, places) - self.net.encode(blocks)).abs().max()), 1e-5)

    @torch.no_grad()
    def test_weights_survive_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "w.safetensors")
            safetensors.save(file, self.net.arrays(), {"step": "7"})
            arrays, notes = safetensors.load(file)
        self.assertEqual("7", notes["step"])
        self.assertEqual((2, 16, 16, 3, 32), tuple(arrays["embedding/kernel"].shape))
        self.assertLess(float((self.net(self.frames) - Network(SMALL).take(arrays).eval()(self.frames)).abs().max()), 1e-5)

    @torch.no_grad()
    def test_weights_tell_how_many_labels_they_know(self):
        two = replace(SMALL, classes=2)
        net = Network(two).eval()
        torch.nn.init.normal_(net.output_projection.kernel)
        again = Network.of(net.arrays(), SMALL)
        self.assertEqual(two, again.shape)
        self.assertLess(float((net(self.frames) - again(self.frames)).abs().max()), 1e-6)


if __name__ == "__main__":
    unittest.main()
