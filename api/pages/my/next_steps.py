"""What a holder has to do about a license, by when: one sentence for the card, worked out by rule.

Pure: from what the API tells of a license, and the day it is here. The most pressing comes first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

Tone = Literal["good", "ended", "unknown", "bad"]
_SOON_DAYS = 60
_BEING_MADE = ("issuing",)
_ENDED = {
    "rescinded": ("已被撤销，不能再使用。", "It was rescinded and can no longer be used."),
    "revoked": ("已被吊销，不能再使用。", "It was revoked and can no longer be used."),
    "cancelled": ("已注销，不能再使用。", "It was cancelled and can no longer be used."),
    "lapsed": (
        "已过有效期；如仍需要，请重新申请。",
        "It has expired; apply anew if you still need it.",
    ),
    "superseded": ("已有新版本，请使用新版本。", "There is a newer version; use that one."),
    "transferred": ("已转出至其他地区。", "It was transferred to another region."),
    "void": ("未制成，无需办理。", "It was never completed; nothing to do."),
}
TONES: Mapping[str, Tone] = {
    "valid": "good",
    "issuing": "unknown",
    "pending": "unknown",
    "suspended": "bad",
    "revoked": "bad",
    "rescinded": "bad",
}
"""How a state looks; a state that is not named here has ended."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """What is to be done; ``until`` is the last day for it, None: there is none.

    ``idle``: nothing is to be done.
    """

    zh: str
    en: str
    pressing: bool = False
    until: date | None = None
    idle: bool = False


_IDLE = NextStep("目前无需办理。", "Nothing to do now.", idle=True)


def next_steps(license_: Mapping[str, Any], today: date) -> tuple[NextStep, ...]:
    """Return what the holder has to do about a license, the most pressing first; never empty.

    Args:
        license_: as ``GET /v1/holders/{handle}/licenses/{identifier}?content=true`` answers;
            ``conditions`` may be missing.
    """
    state = license_["status"]["code"]
    if state in _ENDED:
        return (NextStep(*_ENDED[state]),)
    found = sorted(_of_one_not_ended(license_, state, today), key=_pressing_first)
    return tuple(found) or (_IDLE,)


def _pressing_first(step: NextStep) -> tuple[bool, date]:
    return (not step.pressing, step.until or (date.min if step.pressing else date.max))


def _of_one_not_ended(license_: Mapping[str, Any], state: str, today: date) -> Iterator[NextStep]:
    if state in _BEING_MADE:
        yield NextStep("正在制作，无需办理。", "It is being made; nothing to do.")
    if state == "pending":
        yield NextStep("尚未生效，到生效日自动生效。", "Not in force yet; it will be by itself.")
    if state == "suspended":
        yield _of_suspended(license_)
    yield from _conditions(license_, today)
    if state == "valid":
        yield from _renewal(license_, today)
    if "disputed" in _marks(license_):
        yield NextStep(
            "异议正在处理，等待答复。", "Your dispute is being handled; wait for the answer."
        )


def _marks(license_: Mapping[str, Any]) -> set[str]:
    return {mark["code"] for mark in license_["marks"]}


def _of_suspended(license_: Mapping[str, Any]) -> NextStep:
    until = license_["suspended_until"]
    name = license_["authority"]["name"]
    if until is None:
        return NextStep(
            f"已暂扣，发还前不能使用；请联系{name}。",
            f"Suspended until it is given back; contact {name}.",
            pressing=True,
        )
    return NextStep(
        f"已暂扣至 {until}，其间不能使用；请联系{name}。",
        f"Suspended until {until}, not to be used till then; contact {name}.",
        pressing=True,
    )


def _conditions(license_: Mapping[str, Any], today: date) -> Iterator[NextStep]:
    for condition in license_.get("conditions") or ():
        if condition["fulfilled_at"] is not None:
            continue
        due = date.fromisoformat(condition["due"])
        if due < today:
            yield NextStep(
                f"承诺事项已于 {due} 到期未完成，请立即联系发证机关。",
                f"A condition was due on {due} and is not fulfilled; contact the authority now.",
                pressing=True,
                until=due,
            )
        else:
            yield NextStep(
                f"请在 {due} 前完成承诺事项，逾期将被暂扣。",
                f"Fulfil the condition by {due}, or the license will be suspended.",
                pressing=(due - today).days <= _SOON_DAYS,
                until=due,
            )


def _renewal(license_: Mapping[str, Any], today: date) -> Iterator[NextStep]:
    renew_by, ends = license_["content"]["renew_by"], license_["valid_until"]
    if "renewal-pending" in _marks(license_):
        yield NextStep(
            "延续申请正在审批，等待决定。", "Your renewal is being decided; wait for it."
        )
        return
    if renew_by is None:
        return
    last = date.fromisoformat(renew_by)
    if last < today:
        yield NextStep(
            f"申请延续的期限（{last}）已过，将于 {ends} 到期；请尽快联系发证机关。",
            f"The last day to apply for renewal ({last}) is over; it ends on {ends}. "
            "Contact the authority soon.",
            pressing=True,
            until=date.fromisoformat(ends),
        )
    elif (last - today).days <= _SOON_DAYS:
        yield NextStep(
            f"如需延续，请在 {last} 前申请。",
            f"To renew it, apply by {last}.",
            pressing=True,
            until=last,
        )
