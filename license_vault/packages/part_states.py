"""How the state of a composite license follows from its parts. Pure.

The license lives while one part lives: it is in force while one part is, suspended while the best
of them is suspended, and ends with the last, as the last one ended. Parts that will begin later
count by their state, as the license itself does.
"""

from collections.abc import Iterable
from datetime import date

from license_vault.license import LicenseStatus
from license_vault.packages.part_registry import PartRecord

LIVING = frozenset({LicenseStatus.VALID, LicenseStatus.SUSPENDED})


def state_on(part: PartRecord, day: date) -> LicenseStatus:
    """Return a part's state on a civil day: one that lives lapses after its last day."""
    if part.status in LIVING and part.valid_until is not None and day > part.valid_until:
        return LicenseStatus.LAPSED
    return part.status


def license_state(states: Iterable[LicenseStatus], last: LicenseStatus) -> LicenseStatus:
    """Return the state of a license whose parts have these.

    Args:
        last: the state that the part moved last has come to.
    """
    found = set(states)
    for state in (LicenseStatus.VALID, LicenseStatus.SUSPENDED):
        if state in found:
            return state
    return last
