import os
import subprocess
import sys
import tempfile
import unittest

from actiontrain import safetensors, video
from actiontrain.labels import LABELS

TRAINING = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SHARED = os.path.join(TRAINING, "..", "..", "shared")


@unittest.skipUnless(os.path.exists(os.path.join(SHARED, "motion", "motion.npz")), "../shared/motion is not there")
class WayTests(unittest.TestCase):
    """What `make train` does, in small: train, stop, go on, calibrate, and on from the weights with what was mistaken."""

    def run_script(self, name, *options):
        done = subprocess.run([sys.executable, os.path.join(TRAINING, name), *options], capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        return done.stdout

    def test_from_nothing_to_weights_that_models_build_takes(self):
        with tempfile.TemporaryDirectory() as folder:
            at = lambda name: os.path.join(folder, name)
            small = ["--shared", SHARED, "--pool", at("pool"), "--pool-size", "24", "--validation", "24", "--batch", "4", "--apart", "2"]
            train = lambda out, *more: self.run_script("train.py", *small, "--out", at(out), *more)
            train("run", "--clips", "32", "--minutes", "0.001")
            self.assertIn("goes on at step", train("run", "--clips", "32"))
            told = self.run_script(
                "export.py", "--weights", at("run/weights.safetensors"), "--pool", at("pool-validation"), "--judge", at("judge"), "--judge-clips", "24",
                "--quiet", at("quiet"), "--quiet-hours", "0.017", "--shared", SHARED, "--out", at("shipped"))
            self.assertIn("as shipped", told)
            arrays, notes = safetensors.load(at("shipped/weights.safetensors"))
            self.assertEqual(",".join(LABELS), notes["card.labels"])
            self.assertEqual(len(LABELS) - 1, len(notes["card.enter"].split(",")))
            self.assertEqual((128, len(LABELS)), tuple(arrays["output_projection/kernel"].shape))
            self.run_script("quiet_set.py", at("films"), "--shared", SHARED, "--split", "train", "--hours", "0.017")
            self.assertRegex(self.run_script("hard_negatives.py", at("shipped/weights.safetensors"), "--films", at("films"), "--pool", at("pool"), "--count", "6"), r"^6 windows of [12] films")
            self.assertIn("rendered validation", train("paced", "--pool", at("quieter"), "--quiet", "15", "--pool-size", "40", "--within", "0.05"))
            self.run_script("rendered_set.py", at("clips"), "--shared", SHARED, "--count", "2")
            self.assertEqual([(16, 112, 112, 3)] * 2, [tuple(video.decode(path).shape) for path, *_ in video.listed(at("clips"))])
            train("more", "--clips", "8", "--from", at("shipped/weights.safetensors"), "--apart", "0")


if __name__ == "__main__":
    unittest.main()
