"""What became of the rows of a job, read back: all of them, or those that were refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from keys.provider import KeyProvider
from license_vault.bulk.job_keys import open_job_key
from license_vault.bulk.jobs import Job, Jobs
from license_vault.bulk.outcomes import Ending
from license_vault.bulk.staging import OUTCOMES
from license_vault.database.sessions import Database


def outcomes_of(
    database: Database, keys: KeyProvider, job: Job, only: Ending | None = None
) -> Iterator[dict[str, Any]]:
    """Yield what became of each row of the chunks that are done, in order.

    Args:
        only: leave out rows that ended otherwise.

    Raises:
        EnvelopeBrokenError: a row of the database was changed.
    """
    key = open_job_key(keys, job.name, job.wrapped_key)
    for ordinal in range(job.staged_chunks):
        with database.reading() as session:
            chunk = Jobs(session).chunk(job, ordinal)
        if chunk is None or chunk.sealed_outcomes is None:
            continue
        if only is Ending.BAD and not chunk.counts.bad:
            continue
        for outcome in key.open(OUTCOMES, chunk.sealed_outcomes):
            if only is None or outcome["outcome"] == only.value:
                yield outcome
