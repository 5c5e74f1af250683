#!/usr/bin/python3
"""Renders hours in which nothing happens, to count false events by: OUT/manifest.json and OUT/*.mp4, all labelled idle.

usage: quiet_set.py OUT [--hours 1] [--seed 0]      then: ./actionstream evaluate OUT
People stand or sit and do everyday things, or nobody is there, or a pet walks by; rooms, persons and cameras as in validation, faults of cheap cameras included.
"""
import argparse
import os
import sys

from actiontrain import quiet

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out")
    parser.add_argument("--shared", default=os.path.join(HERE, "..", "..", "shared"))
    parser.add_argument("--hours", type=float, default=1)
    parser.add_argument("--seed", type=int, default=0, help="0 is what thresholds are chosen by; another one judges")
    parser.add_argument("--split", default="validation", choices=["train", "validation"])
    asked = parser.parse_args()
    quiet.render_set(asked.out, asked.hours, asked.shared, asked.seed, lambda done, count: print(f"\r{done} of {count} films of {quiet.SECONDS} s", end="", file=sys.stderr, flush=True),
                     asked.split)
    print(file=sys.stderr)


if __name__ == "__main__":
    main()
