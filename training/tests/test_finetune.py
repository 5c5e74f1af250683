"""finetune.py says what it needs, what it found and what comes next, in words."""
import os
import subprocess
import sys
import tempfile
import unittest

TRAINING = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def finetune(*options, **environment):
    return subprocess.run([sys.executable, os.path.join(TRAINING, "finetune.py"), *options], capture_output=True, text=True, env={**os.environ, **environment})


class FinetuneWordsTests(unittest.TestCase):
    def test_without_torch_it_says_how_to_get_it(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "torch.py"), "w") as shadow:
                shadow.write("raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')\n")
            done = finetune("clips", "--out", "x", PYTHONPATH=folder)
        self.assertEqual(1, done.returncode)
        self.assertNotIn("Traceback", done.stderr)
        self.assertRegex(done.stderr, "^finetune.py needs torch, which .* does not have. On Debian and Ubuntu: apt install python3-torch")

    def test_a_folder_that_is_not_there_is_told_so(self):
        done = finetune("nowhere", "--out", "x")
        self.assertNotIn("Traceback", done.stderr)
        self.assertIn("nowhere is no folder; expected clips as DIR/<label>/*.mp4", done.stderr)

    def test_nine_clips_are_a_trial_and_what_is_no_clip_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            for label in ("fall", "idle", "wave"):
                os.makedirs(os.path.join(folder, label, "day1"))
                for i in range(3):
                    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"testsrc2=size=112x112:rate=8:duration={2 + i}", "-pix_fmt", "yuv420p",
                                    os.path.join(folder, label, "day1", f"{i}.mp4")], check=True)
            open(os.path.join(folder, "fall", "poster.jpg"), "w").close()
            done = finetune(folder, "--out", os.path.join(folder, "model"), "--versions", "0", "--epochs", "1")
        self.assertIn("left out, no clips: fall/poster.jpg", done.stderr)
        self.assertIn("found: fall 3 (3 sources); idle 3 (3 sources); wave 3 (3 sources)", done.stderr)
        self.assertIn("too few of fall, idle, wave for more than a trial: 30 clips or more of each label are needed", done.stderr)
        self.assertNotIn("Traceback", done.stderr)


if __name__ == "__main__":
    unittest.main()
