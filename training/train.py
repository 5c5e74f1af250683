#!/usr/bin/python3
"""Trains the default model on rendered people. The same command goes on where it stopped; `--help` tells the rest."""
import argparse
import csv
import dataclasses
import os
import time

import torch

from actiontrain import safetensors
from actiontrain.labels import LABELS
from actiontrain.learning import Clock, Plan, Run, answers
from actiontrain.measures import describe
from actiontrain.pool import NearPool, Pool, start_workers, wait_until_filled

HERE = os.path.dirname(os.path.abspath(__file__))


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", default=os.path.join(HERE, "..", "..", "shared"), help="where motion/motion.npz lies")
    parser.add_argument("--out", default=os.path.join(HERE, "..", "artifacts", "training", "default"), help="checkpoint, log and weights of this run")
    parser.add_argument("--pool", default=os.path.join(HERE, "..", "artifacts", "training", "pool"), help="folder of rendered clips (0.6 MB each)")
    parser.add_argument("--pool-size", type=int, default=8000)
    parser.add_argument("--start-with", type=int, default=0, help="begin when so many clips are rendered; 0 waits for all, which makes a run repeatable")
    parser.add_argument("--refresh", type=int, default=0, help="rounds of new renders that replace the pool's beside training; 0 keeps runs repeatable")
    parser.add_argument("--workers", type=int, default=2, help="processes that render")
    parser.add_argument("--validation", type=int, default=480, help="rendered clips that are never trained on")
    parser.add_argument("--quiet", type=int, default=0, help="so many of the pool's clips are windows of films in which nothing happens; on a GPU those taken for actions are drawn more often")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", help="cuda keeps the pool in the GPU's memory and learns in bfloat16")
    parser.add_argument("--within", type=float, default=0, help="as many clips as fit into so many minutes, whatever --clips says: the rate falls to nothing just then")
    parser.add_argument("--minutes", type=float, default=0, help="stop after so long (the run can go on later); 0: when all clips are done")
    parser.add_argument("--from", dest="start", help="checkpoint or .safetensors whose weights this run begins with; wants --apart 0")
    parser.add_argument("--every", type=float, default=3, help="minutes between checkpoints and looks at validation")
    for field in dataclasses.fields(Plan):
        kind = (lambda text: text not in ("0", "no", "false")) if field.type is bool else field.type
        parser.add_argument("--" + field.name.replace("_", "-"), type=kind, default=field.default)
    return parser.parse_args()


def main():
    asked = options()
    torch.set_num_threads(asked.threads)
    os.makedirs(asked.out, exist_ok=True)
    plan = Plan(**{field.name: getattr(asked, field.name) for field in dataclasses.fields(Plan)})
    children = []
    try:
        pool, judge = pools(asked, plan, children)
        pool = NearPool(pool, asked.device) if asked.device != "cpu" else pool
        run = Run(plan, pool=pool, device=asked.device)
        checkpoint = os.path.join(asked.out, "checkpoint.pt")
        if os.path.exists(checkpoint):
            run.resume(checkpoint)
            print(f"goes on at step {run.step} of {plan.steps}", flush=True)
        elif asked.start and asked.start.endswith(".safetensors"):
            run.begin_with(safetensors.load(asked.start)[0], pool)
        elif asked.start:
            run.resume(asked.start, weights_only=True)
        learn(asked, run, pool, judge, checkpoint)
    finally:
        for child in children:
            child.terminate()


def pools(asked, plan, children):
    validation = asked.pool.rstrip("/") + "-validation"
    say = lambda text: print(text, flush=True)
    if asked.validation:
        children += start_workers(validation, asked.validation, asked.shared, "validation", 0, asked.workers)
        judge = Pool(validation, asked.validation)
        wait_until_filled(judge, asked.validation, children, say)
    else:
        judge = None
    children += start_workers(asked.pool, asked.pool_size, asked.shared, "train", plan.seed, asked.workers, rounds=1 + asked.refresh, quiet=asked.quiet)
    pool = Pool(asked.pool, asked.pool_size)
    wait_until_filled(pool, asked.start_with or asked.pool_size, children, say)
    return pool, judge


def learn(asked, run, pool, judge, checkpoint):
    plan, clock, first, started, last = run.plan, Clock(), run.step, time.monotonic(), time.monotonic()
    clock.count = run.step * plan.batch
    if asked.within and plan.steps <= 1000:
        plan.clips = plan.batch * 1000                                    # until the pace is known
    log = open(os.path.join(asked.out, "log.csv"), "a", newline="")
    rows, sums = csv.writer(log), {}
    if log.tell() == 0:
        rows.writerow(["step", "clips", "minutes", "rate", "loss", "joints", "shown", "right", "norm", "clips_per_s", "pool", "validation_loss", "validation_right"])
    while not run.is_done:
        told = run.advance(pool)
        if asked.within and run.step % 50 == 0:
            fit(plan, run.step - first, time.monotonic() - started, asked.within * 60, first)
        sums.update({name: sums.get(name, value) * 0.98 + value * 0.02 for name, value in told.items()})
        out_of_time = any(limit and time.monotonic() - started > limit * 60 for limit in (asked.minutes, asked.within))
        looks = run.is_done or out_of_time or time.monotonic() - last > asked.every * 60
        if looks or run.step % 50 == 0:
            judged = validate(run.mean, judge) if looks and judge else ("", "")
            rows.writerow([run.step, run.step * plan.batch, f"{(time.monotonic() - started) / 60:.1f}", f"{plan.rate_at(run.step - 1):.1e}",
                           *(f"{float(sums.get(name, 0)):.4f}" for name in ("loss", "joints", "shown", "right", "norm")),
                           f"{clock.rate(run.step * plan.batch):.1f}", int(pool.index.max()), *judged])
            log.flush()
            print(f"step {run.step}/{plan.steps}  " + "  ".join(f"{name} {float(sums.get(name, 0)):.4f}" for name in ("loss", "joints", "shown", "right"))
                  + (f"  validation {judged[0]} {judged[1]}" if judged[0] else ""), flush=True)
        if looks:
            last = time.monotonic()
            if asked.quiet and asked.device != "cpu":
                run.notice(pool)
            run.save(checkpoint)
            safetensors.save(os.path.join(asked.out, "weights.safetensors"), run.mean.arrays(), {"step": str(run.step), "labels": ",".join(LABELS)})
        if out_of_time:
            break
    if judge:
        frames, _, label, _ = judge.take(judge.filled())
        print(describe("rendered validation", answers(run.mean, frames).argmax(1), label, LABELS))


def fit(plan, steps, seconds, limit, first):
    """Sets how many clips the run has, by its pace so far."""
    plan.clips = plan.batch * (first + max(steps, int(steps * limit / seconds)))


def validate(net, judge):
    frames, _, label, _ = judge.take(judge.filled())
    logits = answers(net, frames)
    return f"{float(torch.nn.functional.cross_entropy(logits, label)):.4f}", f"{float((logits.argmax(1) == label).float().mean()):.4f}"


if __name__ == "__main__":
    main()
