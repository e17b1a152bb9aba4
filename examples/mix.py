"""The real mix: what one district's approval system did in three quarters of a year, once more.

308 new licenses, 176 renewals, 75 changes, 8 reissues, 71 re-validations and 197 cancellations of
medical institutions, in an order drawn anew from a seed: nothing is done to a license that is not
there yet, or not any more. Each is one call. ``make demo`` replays it over HTTP,
``make bench`` in process.

Source of the figures: the report on one-hour renewal in Jiading, first to third quarter of 2021
(新证 308、延续 176、注销 197、变更 75、补证 8; 71 institutions re-validated).
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

EXAMPLES = Path(__file__).parent
MIX: Mapping[str, int] = {
    "issue": 308,
    "renewal": 176,
    "cancellation": 197,
    "change": 75,
    "revalidation": 71,
    "reissue": 8,
}
NAMES = {
    "issue": "新办 issue",
    "renewal": "延续 renewal",
    "cancellation": "注销 cancellation",
    "change": "变更 change",
    "revalidation": "校验 revalidation",
    "reissue": "补证 reissue",
}
BASES = {
    "renewal": "《中华人民共和国行政许可法》第五十条",
    "cancellation": "《中华人民共和国行政许可法》第七十条",
    "change": "《中华人民共和国行政许可法》第四十九条",
    "revalidation": "《医疗机构管理条例》第二十二条",
    "reissue": "《医疗机构管理条例实施细则》，遗失补证",
}

# Does a verb to a license (None: issues it); returns the identifier of the version in force.
Do = Callable[[str, str | None, Mapping[str, object]], str]


@dataclass
class Institution:
    """One medical institution that was licensed: its present version, and what was done to it."""

    number: int
    identifier: str
    deeds: int = 0


def share_of(part: float) -> dict[str, int]:
    """Return the mix made smaller: at least one of each."""
    return {verb: max(1, round(count * part)) for verb, count in MIX.items()}


def replay(do: Do, mix: Mapping[str, int] = MIX, seed: int = 2021, after: int = 0) -> Iterator[str]:
    """Do what the mix says, in a random order that can be; yield each verb when it is done.

    Args:
        after: institutions are numbered from the one after this, so that several may be replayed
            side by side.
    """
    chance = random.Random(seed)
    left, living = dict(mix), list[Institution]()
    issued = after
    while any(left.values()):
        verb = _next(chance, left, len(living))
        left[verb] -= 1
        if verb == "issue":
            issued += 1
            living.append(Institution(issued, do("issue", None, application(issued))))
        else:
            chosen = chance.randrange(len(living))
            one = living.pop(chosen) if verb == "cancellation" else living[chosen]
            one.deeds += 1
            one.identifier = do(verb, one.identifier, order(verb, one))
        yield verb


def _next(chance: random.Random, left: Mapping[str, int], living: int) -> str:
    """Draw the next verb by how many of each are left; some licenses stay to be worked on."""
    others = sum(count for verb, count in left.items() if verb != "issue")
    if left["issue"] and (living < 2 or not others):
        return "issue"
    possible = {
        verb: count
        for verb, count in left.items()
        if count and not (verb == "cancellation" and living < 2 and others > left["cancellation"])
    }
    return chance.choices(list(possible), weights=list(possible.values()))[0]


def application(number: int) -> dict[str, object]:
    """Return the request to issue an institution's license."""
    body = json.loads((EXAMPLES / "medical-institution.json").read_text(encoding="utf-8"))
    holder = body["holders"][0]
    body["case_number"] = f"JD-2021-YLJG-{number:06d}"
    body["number"] = f"MBDEM{number % 10**3:03d}X31011412A10{number // 10**3:02d}"
    body["holders"] = [{**holder, "name": f"演示医疗机构第{number}诊所"}]
    return dict(body)


def order(verb: str, one: Institution) -> dict[str, object]:
    """Return the body of a verb for an institution's license."""
    body: dict[str, object] = {"basis": BASES[verb]}
    if verb == "cancellation":
        return body
    body["case_number"] = f"JD-2021-{verb}-{one.number:06d}-{one.deeds}"
    if verb == "change":
        body["fields"] = {"address": f"上海市嘉定区演示路 {one.number} 号 {one.deeds} 室"}
    if verb == "renewal":
        body |= {"valid_until": f"{2031 + one.deeds}-03-17"}
    return body
