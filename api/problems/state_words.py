"""What states and acts are called in the sentences of problems.

A problem's own members stay codes, for programs; its sentences are for people, in both languages.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from license_vault.cases.case import STATE_NAMES as CASE_STATES
from license_vault.license import MARK_NAMES, STATUS_NAMES
from license_vault.seals.life import ACT_NAMES as SEAL_ACTS
from license_vault.seals.life import STATE_NAMES as SEAL_STATES

Names = Mapping[Any, tuple[str, str]]  # by the code, which a StrEnum is too

_LICENSE: Names = {**STATUS_NAMES, **MARK_NAMES}
_TYPE: Names = {
    "draft": ("草稿", "draft"),
    "reviewed": ("已审核", "reviewed"),
    "withdrawn": ("已停用", "withdrawn"),
}
_JOB: Names = {
    "staging": ("接收中", "coming in"),
    "waiting": ("等待办理", "waiting"),
    "running": ("办理中", "running"),
    "paused": ("已暂停", "paused"),
    "finished": ("已完成", "finished"),
}
_JOB_ACT: Names = {
    "paused": ("暂停", "paused"),
    "resumed": ("继续", "resumed"),
    "staged by two at once": ("由两方同时送入", "staged by two at once"),
}
ACCESS_STATES: Names = {
    "requested": ("待审核", "requested"),
    "granted": ("已授权", "granted"),
    "refused": ("未同意", "refused"),
    "revoked": ("已收回", "revoked"),
    "expired": ("已到期", "expired"),
}
_ACCESS_ACT: Names = {
    "granted": ("授权", "grant"),
    "refused": ("不同意", "refuse"),
    "revoked": ("收回", "revoke"),
}
_WEBHOOK: Names = {
    "active": ("启用", "active"),
    "disabled": ("已停用", "disabled"),
    "removed": ("已删除", "removed"),
}

_OF_KIND: Mapping[str, Mapping[str, Names]] = MappingProxyType(
    {
        "transition-not-allowed": {"current": _LICENSE, "wanted": _LICENSE},
        "license-not-in-force": {"current": _LICENSE},
        "license-type-not-published": {"state": _TYPE},
        "case-state": {"current": CASE_STATES},
        "seal-state": {"current": SEAL_STATES, "act": SEAL_ACTS},
        "job-state": {"state": _JOB, "wanted": _JOB_ACT},
        "access-request-state": {"current": ACCESS_STATES, "act": _ACCESS_ACT},
        # No package is known to have it.
        "glyph-missing": {"package": {"": ("含有该字的字库", "one that has it")}},
        "webhook-state": {"current": _WEBHOOK, "act": {"activation": ("启用", "activation")}},
    }
)
_NOTHING: Mapping[str, Names] = {}


def in_words(
    kind: str, values: Mapping[str, object]
) -> tuple[dict[str, object], dict[str, object]]:
    """Return the values of a problem as its Chinese and its English sentence name them."""
    names = _OF_KIND.get(kind, _NOTHING)
    zh, en = dict(values), dict(values)
    for name, value in values.items():
        words = names.get(name, {}).get(str(value))
        if words is not None:
            zh[name], en[name] = words
    return zh, en
