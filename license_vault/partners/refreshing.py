"""Ask a partner for newer states before a verification, for a moment and no longer.

Many verifications at once ask once. A partner that hangs costs each of them that moment, until its
circuit opens; then nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

from license_vault.errors import LicenseVaultError
from license_vault.partners.errors import PullRefusedError
from license_vault.partners.partners import Partners
from license_vault.partners.pull_status import StatusPull
from license_vault.partners.reach import Reach
from license_vault.partners.services import PullServices
from license_vault.partners.states import Part
from license_vault.partners.status_lists import KeptList

NoteFailure = Callable[[str, Part, PullRefusedError], None]

_THREADS = 4


class Refreshing:
    """Refreshes kept status lists. May be used from many threads."""

    def __init__(
        self,
        services: PullServices,
        pull: StatusPull,
        note_failure: NoteFailure,
        wait_seconds: float,
    ) -> None:
        """Take what pulls.

        Args:
            note_failure: is told of what is refused.
            wait_seconds: the longest that anybody waits.
        """
        self._services = services
        self._pull = pull
        self._note_failure = note_failure
        self._wait_seconds = wait_seconds
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="refresh")
        self._lock = threading.Lock()
        self._going: dict[str, Future[None]] = {}

    def refresh(self, kept: KeptList) -> None:
        """Bring a kept list to its newest if its region says so in time; else leave it as it is."""
        with self._lock:
            going = self._going.get(kept.uri)
            if going is None or going.done():
                going = self._pool.submit(self._try, kept)
                self._going[kept.uri] = going
        # What went wrong is noted where it went wrong; the kept list tells its age.
        with suppress(TimeoutError, LicenseVaultError):
            going.result(self._wait_seconds)

    def close(self) -> None:
        """Begin nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _try(self, kept: KeptList) -> None:
        with self._services.database.reading() as session:
            partner = Partners(session).find(kept.region)
        if partner is None or not partner.is_accepted:
            return
        try:
            self._pull.refresh(Reach(self._services.web, partner), kept, self._wait_seconds)
        except PullRefusedError as error:
            self._note_failure(kept.region, Part.STATUS_LISTS, error)
