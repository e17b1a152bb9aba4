"""Processes that work through a job and are killed, as by a power cut, again and again.

Run by test_bulk_kills; everything comes in by the arguments. Everything is loaded once, then each
process is forked off before any thread runs, does its work, and dies by SIGKILL at the checkpoint
it was told, wherever its other threads are. Prints how each ended. Not a test.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

TESTS = Path(__file__).parent.parent
sys.path[:0] = [str(TESTS), str(TESTS.parent)]

import vault_world  # noqa: E402
from bulk_world import BulkWorld, order  # noqa: E402

from license_vault.bulk.execution import Executor, ExecutorServices  # noqa: E402
from license_vault.bulk.jobs import Jobs, JobState  # noqa: E402
from license_vault.database.sessions import open_database  # noqa: E402
from license_vault.store.directory import DirectoryStore  # noqa: E402


def dying_after(checkpoints: int | None) -> Callable[[str], None]:
    """A checkpoint that kills the process when it was reached so often; None: never."""
    left = [checkpoints]

    def reached(_step: str) -> None:
        if left[0] is not None:
            left[0] -= 1
            if left[0] <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return reached


def work(arguments: dict[str, str], checkpoints: int | None, idle: float = 0) -> None:
    """Take the input in, or go on with it, and work until the job is finished.

    Args:
        idle: seconds to wait before, so that another process is the first.
    """
    checkpoint = dying_after(checkpoints)
    database = open_database(arguments["database"])
    store = DirectoryStore(Path(arguments["store"]))
    world = vault_world.load(Path(arguments["world"]), database, store)
    bulk = BulkWorld(replace(world, checkpoint=checkpoint), Path(arguments["folder"]))
    if idle:
        time.sleep(idle)
    job = bulk.take_in(Path(arguments["input"]), order(Path(arguments["folder"])))
    executor = Executor(ExecutorServices(database, bulk.worker(), world.clock, arguments["system"]))
    while job.state is not JobState.FINISHED:
        executor.tend()
        time.sleep(0.25)
        with database.reading() as session:
            job = Jobs(session).get(job.name)
    executor.close()


def forked(arguments: dict[str, str], checkpoints: int | None, idle: float = 0) -> int:
    """Start a process that works; return its id."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            work(arguments, checkpoints, idle)
            status = 0
        finally:
            os._exit(status)
    return pid


def main(arguments: dict[str, str], kills: list[int], how: str) -> None:
    """One process after the other (again), or two of which one is killed for good (survive)."""
    vault_world.warm_fonts()
    if how == "again":
        ends = [os.waitpid(forked(arguments, kill), 0)[1] for kill in kills]
        ends.append(os.waitpid(forked(arguments, None), 0)[1])
    else:
        first = forked(arguments, kills[0])
        second = forked(arguments, None, idle=1.5)
        ends = [os.waitpid(first, 0)[1], os.waitpid(second, 0)[1]]
    sys.stdout.write(json.dumps([os.waitstatus_to_exitcode(end) for end in ends]))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3])
