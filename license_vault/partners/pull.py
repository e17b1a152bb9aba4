"""Pull from all partners: what each part is, who runs it, how it went.

Each part fails by itself and leaves what was kept in use. Partners are pulled side by side, each
in a thread of its own; one that hangs holds up neither the others nor the task, and is left out of
the next pulls until its thread has come back.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait

from license_vault.partners.alarms import raise_alarm
from license_vault.partners.errors import PullRefusedError
from license_vault.partners.partners import Partner, Partners
from license_vault.partners.reach import UNREACHABLE, Reach
from license_vault.partners.services import PullServices
from license_vault.partners.states import Part, PartStates, PartStateWriter

PartPull = Callable[[Reach], None]
"""Pulls one part of one partner; raises PullRefusedError."""

_THREADS = 8
_log = logging.getLogger("license_vault.partners")


class Pull:
    """Pulls from partners. May be used from many threads."""

    def __init__(
        self, services: PullServices, parts: Mapping[Part, PartPull], wait_seconds: float = 2.0
    ) -> None:
        """Take what pulls each part.

        Args:
            wait_seconds: how long ``run`` waits for partners before it leaves them to themselves.
        """
        self._services = services
        self._parts = parts
        self._wait_seconds = wait_seconds
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="pull")
        self._lock = threading.Lock()
        self._busy: set[str] = set()

    def run(self) -> int:
        """Pull from every accepted partner; return how many parts failed so far."""
        with self._services.database.reading() as session:
            partners = Partners(session).accepted()
        begun = [self._pool.submit(self._alone, partner) for partner in partners]
        done, _ = wait(begun, self._wait_seconds)
        return sum(len(each.result()) for each in done)

    def run_region(self, region: str) -> dict[Part, str]:
        """Pull from one partner now; return the parts that failed, with why.

        Raises:
            PartnerUnknownError, PartnerSuspendedError: it is not called.
        """
        with self._services.database.reading() as session:
            partner = Partners(session).get(region)
        return self._all_parts(partner)

    def note_failure(self, region: str, part: Part, refused: PullRefusedError) -> None:
        """Note that a part was refused; raise the alarm if it is one, once."""
        at = self._services.clock()
        with self._services.database.writing() as session:
            before = PartStates(session).of(region).get(part)
            PartStateWriter(session).failed(region, part, refused.reason, at)
            # Told once, not with every pull that finds the same again.
            is_new = before is None or before.failures == 0 or before.reason != refused.reason
            if refused.alarming and is_new:
                raise_alarm(session, region, part.value, refused.reason, at)
        fields = {"region": region, "part": part.value, "reason": refused.reason}
        _log.warning("a partner's part was not pulled", extra={"fields": fields})

    def close(self) -> None:
        """Begin nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _alone(self, partner: Partner) -> dict[Part, str]:
        """Pull from a partner unless a thread is still at it."""
        with self._lock:
            if partner.region in self._busy:
                return {}
            self._busy.add(partner.region)
        try:
            return self._all_parts(partner)
        finally:
            with self._lock:
                self._busy.discard(partner.region)

    def _all_parts(self, partner: Partner) -> dict[Part, str]:
        reach = Reach(self._services.web, partner)
        failed: dict[Part, str] = {}
        for part in self._parts:
            # Who does not answer at all is not asked for every part.
            gone = next((why for why in failed.values() if why.startswith(UNREACHABLE)), None)
            refused = PullRefusedError(gone) if gone else self._one_part(reach, part)
            if refused is not None:
                failed[part] = refused.reason
                self.note_failure(partner.region, part, refused)
        return failed

    def _one_part(self, reach: Reach, part: Part) -> PullRefusedError | None:
        region, services = reach.partner.region, self._services
        try:
            self._parts[part](reach)
        except PullRefusedError as error:
            return error
        with services.database.writing() as session:
            PartStateWriter(session).succeeded(region, part, services.clock())
        return None
