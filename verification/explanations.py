"""The sentences a report speaks, Chinese and English, from ``reasons.toml``.

A reason is a stable code with what it makes of the verdict. This module holds no judgement of
its own: it looks reasons up and fills values into their sentences.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any


class Effect(StrEnum):
    """What a reason makes of the verdict."""

    PASSED = "passed"
    NOTE = "note"
    MARK = "mark"
    NOT_IN_FORCE = "not_in_force"
    INDETERMINATE = "indeterminate"
    UNCOVERED = "uncovered"
    UNTRUSTED = "untrusted"
    ALTERED = "altered"
    UNSEALED = "unsealed"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One statement in both languages."""

    zh: str
    en: str

    def to_json(self) -> dict[str, str]:
        """Return the statement as the report carries it."""
        return {"zh": self.zh, "en": self.en}


@dataclass(frozen=True, slots=True)
class Reason:
    """One entry of ``reasons.toml``."""

    code: str
    check: str
    effect: Effect
    sentence: Sentence
    how: Sentence
    clause: str
    who_acts: Sentence | None
    sub_indication: str | None


def reason(code: str) -> Reason:
    """Return the reason of a code; every code we use is in the file, a test says so."""
    return all_reasons()[code]


def fill(sentence: Sentence, values: Mapping[str, str]) -> Sentence:
    """Put values into the places of a sentence; a place without a value stays empty.

    A detail that is a code for programs, alone or behind a name ("NAME: missing"), becomes words.
    """
    detail = _in_words(values.get("detail", ""))
    zh, en = _Filled(values, detail=detail.zh), _Filled(values, detail=detail.en)
    return Sentence(sentence.zh.format_map(zh).strip(), sentence.en.format_map(en).strip())


class _Filled(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def _in_words(detail: str) -> Sentence:
    name, between, code = detail.rpartition(": ")
    words = _details().get(code)
    if words is None:
        return Sentence(detail, detail)
    return Sentence(f"{name}{between and '：'}{words.zh}", f"{name}{between}{words.en}")


@cache
def _details() -> Mapping[str, Sentence]:
    return {code: Sentence(entry["zh"], entry["en"]) for code, entry in _file()["detail"].items()}


@cache
def _file() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("reasons.toml").read_text(encoding="utf-8"))


@cache
def all_reasons() -> Mapping[str, Reason]:
    """Return every reason by its code, in the order of the file."""
    data = dict(_file())
    del data["detail"]
    who = {key: Sentence(entry["zh"], entry["en"]) for key, entry in data.pop("who").items()}
    checks = data.pop("check")
    return {
        code: _reason(code, check, entry, checks[check], who)
        for check, entries in data.items()
        for code, entry in entries.items()
    }


def _reason(
    code: str,
    check: str,
    entry: Mapping[str, str],
    defaults: Mapping[str, str],
    who: Mapping[str, Sentence],
) -> Reason:
    return Reason(
        code=code,
        check=check,
        effect=Effect(entry["effect"]),
        sentence=Sentence(entry["zh"], entry["en"]),
        how=Sentence(defaults["zh"], defaults["en"]),
        clause=entry.get("clause", defaults["clause"]),
        who_acts=who[entry["who"]] if "who" in entry else None,
        sub_indication=entry.get("sub"),
    )
