"""``make prove EXAMPLES=5000``: as many drawn specs as you like, other ones each time."""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor, as_completed

from support.drawing import coverage, drawn_specs
from support.proving import FailureError, Tally, for_examples, prove

_EACH = 50


def batch(number: int, start: int) -> tuple[Tally, str]:
    """What became of ``number`` specs that ``start`` gives; and of the first failure, shrunk."""
    tally = Tally()
    every = sorted(coverage.all_fields())
    about = tuple(random.Random(start).sample(every, 40))
    try:
        for_examples(drawn_specs(about), number, start, lambda drawn: prove(drawn, tally))
    except FailureError as failure:
        cause = failure.__cause__
        where = "".join(traceback.format_exception(cause, limit=-4)) if cause is not None else ""
        return tally, f"{where}{failure}"
    return tally, ""


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("examples", type=int, nargs="?", default=1000)
    parser.add_argument("--seed", type=int, help="the seed of the first batch; left out, a new one")
    parser.add_argument("--jobs", type=int, default=2)
    return parser.parse_args()


def main() -> int:
    """Run them and print a summary; 1 when something did not hold."""
    options = _options()
    first = random.SystemRandom().randrange(2**40) if options.seed is None else options.seed
    sizes = [min(_EACH, options.examples - done) for done in range(0, options.examples, _EACH)]
    total, failures, began = Tally(), 0, time.monotonic()
    with ProcessPoolExecutor(options.jobs) as pool:
        running = {pool.submit(batch, size, first + place): first + place for place, size in enumerate(sizes)}
        for done in as_completed(running):
            tally, failure = done.result()
            total.join(tally)
            if failure:
                failures += 1
                print(f"--- batch with --seed {running[done]}\n{failure}", flush=True)
            print(f"{total.drawn} specs, {total.accepted} accepted, {failures} failures", file=sys.stderr)
    print(summary(total, failures, time.monotonic() - began))
    return 1 if failures else 0


def summary(total: Tally, failures: int, seconds: float) -> str:
    """What people want to know."""
    missing = sorted(coverage.all_fields() - set(total.used))
    share = 100 * total.accepted / max(1, total.drawn)
    lines = [
        f"{total.drawn} specs in {seconds:.0f} s: {total.accepted} rendered ({share:.1f} %),"
        f" {total.refused.total()} refused with findings",
        f"{total.environments} environments, {total.objects} objects, {total.files} files",
        *(f"  refused by {rule}: {count}" for rule, count in total.refused.most_common()),
        f"fields never drawn: {len(missing)}: {', '.join('.'.join(one) for one in missing[:40])}",
        f"batches that failed: {failures}",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
