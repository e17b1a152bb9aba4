"""Finish what a crash or an outage left ISSUING: ``license-vault reconcile``.

Safe to run at any time and on several nodes: each license is claimed before it is finished.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from license_vault.errors import IssuanceVoidError
from license_vault.issuing.issuance import FAILS_FOR_GOOD, Issuance
from license_vault.registry.registry import Registry

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What was done, by identifiers: finished, given up for good, and left (with why)."""

    finished: tuple[str, ...]
    void: tuple[str, ...]
    left: tuple[tuple[str, str], ...]


def reconcile(issuance: Issuance, stale_after: timedelta | None = None) -> Reconciled:
    """Finish every ISSUING license that nobody is at work on.

    Args:
        stale_after: how long nobody must have been; None: as issuance is set.
    """
    stale = issuance.services.stale_after if stale_after is None else stale_after
    finished, void, left = [], [], []
    for identifier in _unfinished(issuance, stale):
        try:
            issuance.finish(identifier, stale)
            finished.append(identifier)
        except (IssuanceVoidError, *FAILS_FOR_GOOD):
            void.append(identifier)
        except Exception as error:
            left.append((identifier, type(error).__name__))
    return Reconciled(tuple(finished), tuple(void), tuple(left))


def _unfinished(issuance: Issuance, stale: timedelta) -> Iterator[str]:
    services, after = issuance.services, 0
    while True:
        with services.database.reading() as session:
            page = Registry(session).unfinished(services.clock() - stale, _PAGE, after)
        yield from (identifier for _, identifier in page)
        if len(page) < _PAGE:
            return
        after = page[-1][0]
