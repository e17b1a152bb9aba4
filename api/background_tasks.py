"""What a node does by itself, besides answering: each task, and how often it is due.

A task may be run at any time, again and by any node: it looks at the rows for what is to be done.
Who runs them is ``api.background``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from api.holding.reminding import reminding_of
from license_vault.figures.canary import EVERY as CANARY_EVERY

if TYPE_CHECKING:
    from api.services import Services


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do every so often; what it returns is written to the log, if anything."""

    name: str
    every: timedelta
    run: Callable[[], object]


def tasks_of(services: Services) -> tuple[Task, ...]:
    """Return what a node with these services has to do."""
    stale = Task("stale-copies", timedelta(minutes=1), services.cases.stale.look)
    reminders = Task("reminders", timedelta(hours=1), reminding_of(services).remind)
    settling = services.settling
    due = Task("settling", timedelta(minutes=1), lambda: settling.settle(services.clock()))
    lists = Task("status-lists", timedelta(minutes=1), lambda: _publish(services))
    jobs = Task("bulk-jobs", timedelta(seconds=2), services.jobs.tend)
    canary = Task("canary", CANARY_EVERY, lambda: services.canary.run().failed_step)
    disputes = Task("partner-disputes", timedelta(seconds=5), services.exchange.disputes.run)
    return (
        due,
        disputes,
        jobs,
        stale,
        lists,
        *services.events.tasks(),
        *services.partners.tasks(),
        canary,
        reminders,
    )


def _publish(services: Services) -> object:
    """Publish the states, and with them how large the issue log is; tell what was published."""
    published = services.status.publish()
    services.issue_log.checkpoint()
    return published
