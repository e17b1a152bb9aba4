"""Validation policies: what a verification asks, as data in ``policies/*.toml``.

A policy only says what is asked and how old an answer may be. What an answer means is judged in
the checks, the same for every policy.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from verification.errors import PolicyInvalidError

_FOLDER = Path(__file__).with_name("policies")


class StatusDemand(StrEnum):
    """Whether the state of the license is asked for."""

    REQUIRED = "required"
    SKIPPED = "skipped"


class TimestampDemand(StrEnum):
    """Whether a seal must carry a time-stamp."""

    REQUIRED = "required"
    WANTED = "wanted"


class AsOfDemand(StrEnum):
    """Whether the time asked about must be given."""

    OPTIONAL = "optional"
    REQUIRED = "required"


class ListAgeDemand(StrEnum):
    """Whether a trust list has to count now, or the one of the time asked about is enough.

    Lists of states and of revoked certificates have to reach the time asked about, either way.
    """

    ASKED = "asked"
    NOT_ASKED = "not-asked"


class LogDemand(StrEnum):
    """What is asked of the issue log, where one is known."""

    REQUIRED = "required"
    WANTED = "wanted"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Policy:
    """One validation policy; hours, seconds and counts as in its file."""

    name: str
    status: StatusDemand
    timestamp: TimestampDemand
    as_of: AsOfDemand
    list_age: ListAgeDemand
    log: LogDemand
    log_delay_seconds: int
    status_list_max_age_hours: int
    crl_grace_hours: int
    clock_tolerance_seconds: int
    chain_depth: int
    candidates: int

    @property
    def clock_tolerance(self) -> timedelta:
        """How far a signed time may lie ahead of our clock."""
        return timedelta(seconds=self.clock_tolerance_seconds)

    @property
    def status_list_max_age(self) -> timedelta:
        """How old a status list may be and still answer."""
        return timedelta(hours=self.status_list_max_age_hours)

    @property
    def log_delay(self) -> timedelta:
        """How long after its sealing a license may be missing in the issue log."""
        return timedelta(seconds=self.log_delay_seconds)

    @property
    def crl_grace(self) -> timedelta:
        """How long past its next update a revocation list still answers."""
        return timedelta(hours=self.crl_grace_hours)


@cache
def load_policy(name: str) -> Policy:
    """Return a shipped policy by name: default, final_check, historical or strict.

    Raises:
        PolicyInvalidError: there is none of that name, or its file is wrong.
    """
    known = {path.stem: path for path in _FOLDER.glob("*.toml")}
    if name not in known:
        raise PolicyInvalidError(name, f"known are {', '.join(sorted(known))}")
    return read_policy(name, known[name].read_text(encoding="utf-8"))


def read_policy(name: str, text: str) -> Policy:
    """Read a policy from TOML text; every key must be there and no other.

    Raises:
        PolicyInvalidError: with what is wrong.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyInvalidError(name, str(error)) from error
    wanted = {field.name for field in fields(Policy)}
    if set(data) != wanted:
        raise PolicyInvalidError(name, f"keys differ: {sorted(set(data) ^ wanted)}")
    return _policy(name, data)


def _policy(name: str, data: Mapping[str, Any]) -> Policy:
    numbers = [
        "log_delay_seconds",
        "status_list_max_age_hours",
        "crl_grace_hours",
        "clock_tolerance_seconds",
        "chain_depth",
        "candidates",
    ]
    for key in numbers:
        if type(data[key]) is not int or data[key] < 0:
            raise PolicyInvalidError(name, f"{key} is not a count")
    try:
        status, timestamp = StatusDemand(data["status"]), TimestampDemand(data["timestamp"])
        as_of, list_age = AsOfDemand(data["as_of"]), ListAgeDemand(data["list_age"])
        log = LogDemand(data["log"])
    except ValueError as error:
        raise PolicyInvalidError(name, str(error)) from error
    return Policy(
        name=str(data["name"]),
        status=status,
        timestamp=timestamp,
        as_of=as_of,
        list_age=list_age,
        log=log,
        **{key: data[key] for key in numbers},
    )
