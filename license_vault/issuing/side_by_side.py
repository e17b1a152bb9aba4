"""Doing the same for several forms: one by one, or side by side in threads.

Side by side is for waits that add up otherwise: three files that each wait for the disk or the
store, three seals that each wait for a time-stamping authority. It is no way to more computing.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Protocol, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Doing(Protocol):
    """Does a piece of work for each item and returns the results in the order of the items.

    When it returns or raises, nothing of the work is still going on.
    """

    def __call__(
        self, work: Callable[[Item], Result], items: Sequence[Item], /
    ) -> Sequence[Result]:
        """Do the work; what one of the items raises is raised."""
        ...


def one_by_one(work: Callable[[Item], Result], items: Sequence[Item], /) -> Sequence[Result]:
    """Do the work for one item after the other."""
    return [work(item) for item in items]


class SideBySide:
    """Does the work in threads, which many callers share."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="form")

    def __call__(
        self, work: Callable[[Item], Result], items: Sequence[Item], /
    ) -> Sequence[Result]:
        """Do the work for all items at once; the caller's own thread takes the last one."""
        if not items:
            return []
        begun = [self._pool.submit(work, item) for item in items[:-1]]
        try:
            own = work(items[-1])
        finally:
            # Whatever became of ours: nothing may go on behind the caller's back.
            wait(begun)
        return [*(each.result() for each in begun), own]
