"""Runs what a node does by itself: one thread in every web worker, or ``license-vault work``.

Every task is taken under a lease in the database, so of all nodes one runs it at a time. A task
that fails is tried again when it is due again; what went wrong is in the log, without values.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from api.background_tasks import Task
from license_vault.clock import Clock
from license_vault.database.leases import TaskLeases

if TYPE_CHECKING:
    from api.services import Services

_log = logging.getLogger("license_vault.background")

_TICK_SECONDS = 1.0
_STOP_SECONDS = 30.0


class BackgroundRunner:
    """Looks every second for tasks that are due, and runs them one after the other."""

    def __init__(self, tasks: Sequence[Task], leases: TaskLeases, clock: Clock) -> None:
        self._tasks = tuple(tasks)
        self._leases = leases
        self._clock = clock
        self._looked_at: dict[str, datetime] = {}
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._thread = threading.Thread(target=self.run, name="background", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the task that is running, and wait for that."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(_STOP_SECONDS)

    def run(self) -> None:
        """Run tasks until told to stop."""
        while not self._stopping.is_set():
            self.run_due()
            self._stopping.wait(_TICK_SECONDS)

    def run_due(self) -> tuple[str, ...]:
        """Run every task that is due and free, each once; return the names of those that ran."""
        return tuple(task.name for task in self._tasks if self._run_if_due(task))

    def _run_if_due(self, task: Task) -> bool:
        now = self._clock()
        looked = self._looked_at.get(task.name)
        if self._stopping.is_set() or (looked is not None and now < looked + task.every):
            return False
        self._looked_at[task.name] = now
        try:
            if looked is None:
                self._leases.provide((task.name,))
            if not self._leases.take(task.name, task.every, now):
                return False
            try:
                self._tell(task, task.run())
            finally:
                self._leases.give_back(task.name)
        except Exception as error:
            fields = {"task": task.name, "error": type(error).__name__}
            _log.error("background task failed", exc_info=error, extra={"fields": fields})
        return True

    def _tell(self, task: Task, done: object) -> None:
        if done:
            fields = {"task": task.name, "done": str(done)}
            _log.info("background task", extra={"fields": fields})


def runner_of(services: Services, tasks: Sequence[Task]) -> BackgroundRunner:
    """Return what runs tasks for a node, under a name of its own."""
    leases = TaskLeases(services.database, services.random_bytes(16).hex())
    return BackgroundRunner(tasks, leases, services.clock)
