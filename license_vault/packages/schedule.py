"""What will happen to a license by itself: suspended for want of a condition, ended with its parts.

Pure. The events that this plans are recorded beforehand, each in effect from its day on, so that
every question about that day is answered right whether or not anything runs then; when a condition
is fulfilled or a part changes, they are planned again from there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from license_vault.clock import civil_date, lapses_at
from license_vault.license import LicenseStatus
from license_vault.packages.condition_registry import ConditionRecord
from license_vault.packages.part_registry import PartRecord
from license_vault.packages.part_states import LIVING, license_state, state_on

SUSPENDED_BY_CONDITION: Final = "suspended-by-condition"
RESUMED_BY_CONDITION: Final = "resumed-by-condition"
CONDITION_FULFILLED: Final = "condition-fulfilled"
SUSPENDED_WITH_PARTS: Final = "suspended-with-parts"
RESUMED_WITH_PARTS: Final = "resumed-with-parts"
ENDED_WITH_PARTS: Final = "ended-with-parts"
PART_CHANGED: Final = "part-changed"
# Of what is recorded beforehand because of conditions and parts.
KINDS: Final = frozenset({SUSPENDED_BY_CONDITION, SUSPENDED_WITH_PARTS, ENDED_WITH_PARTS})
BY_ITSELF: Final = "system:schedule"

# States in which something is still ahead of a license.
OPEN_STATES: Final = (LicenseStatus.PENDING, LicenseStatus.VALID, LicenseStatus.SUSPENDED)

# operateType of the national model: 03 暂扣, 04 过期失效, 05 注销(撤销/吊销/转出), 06 暂扣发还.
OPERATE_TYPES: Final = {
    LicenseStatus.VALID: "06",
    LicenseStatus.SUSPENDED: "03",
    LicenseStatus.LAPSED: "04",
    LicenseStatus.RESCINDED: "05",
    LicenseStatus.REVOKED: "05",
    LicenseStatus.CANCELLED: "05",
}
_WITH_PARTS: Final = {
    LicenseStatus.VALID: RESUMED_WITH_PARTS,
    LicenseStatus.SUSPENDED: SUSPENDED_WITH_PARTS,
}
_BASIS: Final = {
    SUSPENDED_BY_CONDITION: "附条件证照所附条件逾期未履行，自动暂扣",
    SUSPENDED_WITH_PARTS: "综合证照各分项均已暂扣或终止，随之暂扣",
    ENDED_WITH_PARTS: "综合证照各分项均已终止，随之终止",
    RESUMED_WITH_PARTS: "综合证照有分项恢复有效，随之发还",
    RESUMED_BY_CONDITION: "所附条件已履行，发还",
    CONDITION_FULFILLED: "所附条件已履行",
}


@dataclass(frozen=True, slots=True)
class Planned:
    """What a license will be from an instant on, by which kind of event."""

    at: datetime
    status: LicenseStatus
    kind: str

    @property
    def basis(self) -> str:
        """Return on which basis it happens, in words."""
        return _BASIS[self.kind]


def kind_with_parts(status: LicenseStatus) -> str:
    """Return the kind of event by which a license follows its parts into a state."""
    return _WITH_PARTS.get(status, ENDED_WITH_PARTS)


def plan_ahead(
    conditions: Sequence[ConditionRecord], parts: Sequence[PartRecord], after: datetime
) -> tuple[Planned, ...]:
    """Return what will happen after an instant if nobody does anything, in its order."""
    planned = [*_for_want_of(conditions, after), *_with_parts(parts, after)]
    return tuple(_to_the_end(sorted(planned, key=lambda each: each.at)))


def _to_the_end(planned: Sequence[Planned]) -> Iterator[Planned]:
    for each in planned:
        yield each
        if each.status not in LIVING:
            return


def _for_want_of(conditions: Sequence[ConditionRecord], after: datetime) -> Iterator[Planned]:
    waiting = [each.overdue_from for each in conditions if each.is_open]
    first = min((at for at in waiting if at > after), default=None)
    if first is not None:
        yield Planned(first, LicenseStatus.SUSPENDED, SUSPENDED_BY_CONDITION)


def _with_parts(parts: Sequence[PartRecord], after: datetime) -> Iterator[Planned]:
    """Yield each change of the license's state that the last days of its parts bring."""
    now = license_state((state_on(part, civil_date(after)) for part in parts), LicenseStatus.LAPSED)
    ends = {lapses_at(part.valid_until) for part in parts if part.status in LIVING}
    for at in sorted(end for end in ends if end is not None and end > after):
        states = [state_on(part, civil_date(at)) for part in parts]
        then = license_state(states, LicenseStatus.LAPSED)
        if then is not now:
            yield Planned(at, then, kind_with_parts(then))
        now = then
