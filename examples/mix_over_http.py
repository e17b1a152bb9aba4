"""Step: the real mix over HTTP, by a few approval systems at once, each with its institutions."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from examples.mix import MIX, NAMES, replay, share_of
from examples.node import say
from examples.systems import ApprovalSystem
from examples.table import Table

SYSTEMS = 4
TELL_SECONDS = 5.0
APART = 10_000


class Progress:
    """Counts what is done, and tells how far it is from time to time."""

    def __init__(self, whole: int) -> None:
        self._whole = whole
        self._lock = threading.Lock()
        self._begun = self._told = time.monotonic()
        self.done: Counter[str] = Counter()

    @property
    def rate(self) -> float:
        """Return operations per second so far."""
        return self.done.total() / (time.monotonic() - self._begun)

    def count(self, verb: str) -> None:
        """Count one operation."""
        with self._lock:
            self.done[verb] += 1
            if time.monotonic() - self._told > TELL_SECONDS:
                self._told = time.monotonic()
                say(f"  {self.done.total()}/{self._whole} operations, {self.rate:.1f}/s")


def run(connect: Callable[[], ApprovalSystem], share: float, table: Table) -> None:
    """Replay the mix, or a share of it; count, and say how many operations a second it was.

    Args:
        connect: makes an approval system of its own for each thread.
    """
    mix = MIX if share >= 1 else share_of(share)
    whole = sum(mix.values())
    table.step("7 真实业务量 the real mix of three quarters of a year, over HTTP")
    say(f"  {whole} operations by {SYSTEMS} systems at once, each a request as those above")
    progress = Progress(whole)
    with ThreadPoolExecutor(SYSTEMS) as pool:
        parts = enumerate(apart(mix, SYSTEMS))
        jobs = [pool.submit(_one, connect(), part, n, progress) for n, part in parts]
        for job in jobs:
            job.result()
    rate = progress.rate
    for verb, count in mix.items():
        table.check(NAMES[verb], f"{progress.done[verb]} of {count}", f"{count} of {count}")
    table.check("operations per second", f"{rate:.1f} ({whole} in {whole / rate:.1f} s)")


def apart(mix: Mapping[str, int], parts: int) -> list[dict[str, int]]:
    """Deal a mix out: each part has its share of every verb."""
    return [
        {verb: count // parts + (n < count % parts) for verb, count in mix.items()}
        for n in range(parts)
    ]


def _one(system: ApprovalSystem, mix: Mapping[str, int], part: int, progress: Progress) -> None:
    def do(verb: str, identifier: str | None, body: Mapping[str, object]) -> str:
        if identifier is None:
            return str(system.issue(body)["identifier"])
        return str(system.verb(identifier, verb, body)["identifier"])

    for verb in replay(do, mix, seed=2021 + part, after=part * APART):
        progress.count(verb)
