"""Reading parts that the catalogue, the use list and the maps have in common."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from license_vault.errors import FieldInvalidError
from license_vault.issuing.request_reading import ObjectReader, RequestProblems

_Entry = TypeVar("_Entry")

ANY: Final = "*"
MOST: Final = 500
TYPE_CODE: Final = re.compile(r"[0-9A-Z]{21}")
ITEM_CODE: Final = re.compile(r"[0-9A-Za-z一-鿿〔〕（）()._/-]{1,64}")
REGION: Final = re.compile(r"[0-9]{6}")
CLAIM_PATH: Final = re.compile(
    r"/(?:number|identifier|issued_on|valid_from|valid_until|type/(?:code|name)"
    r"|authority/(?:code|name)|holders/[0-9]{1,2}/(?:name|document_type|document_number)"
    r"|fields/[a-z][a-z0-9_]{0,63})"
)
_LONGEST_NAME: Final = 128


@dataclass(frozen=True, slots=True)
class Named:
    """What something is called, in both languages."""

    zh: str
    en: str

    def to_json(self) -> dict[str, str]:
        """Return both names as JSON values."""
        return {"zh": self.zh, "en": self.en}


def read_entries(
    content: Mapping[str, Any],
    member: str,
    read: Callable[[ObjectReader], _Entry],
    code_of: Callable[[_Entry], str],
    twice: tuple[str, str],
) -> tuple[_Entry, ...]:
    """Return the entries of a document that has one member, their list.

    Args:
        code_of: what no two entries may have in common.
        twice: says so, in Chinese and English.

    Raises:
        FieldInvalidError: with every problem, each with its JSON pointer.
    """
    problems = RequestProblems()
    reader = ObjectReader(content, "", problems)
    entries = tuple(read(entry) for entry in reader.items(member, MOST))
    reader.finish()
    codes = [code_of(entry) for entry in entries]
    if len(set(codes)) != len(codes):
        reader.problem(member, ("twice", *twice))
    if problems.found:
        raise FieldInvalidError(tuple(problems.found))
    return entries


def read_name(reader: ObjectReader, member: str) -> Named:
    """Return the names of a member; what is wrong with them is noted."""
    inner = reader.inner(member)
    zh, en = inner.text("zh", _LONGEST_NAME), inner.text("en", _LONGEST_NAME)
    inner.finish()
    return Named(zh or "", en or "")


def read_codes(
    reader: ObjectReader, member: str, form: re.Pattern[str], *others: str
) -> tuple[str, ...]:
    """Return a list of codes, not empty, none twice; what is wrong is noted.

    Args:
        form: what each code must match.
        others: words that may stand there too, as "*" for every one.
    """
    value = reader.value(member)
    if not reader.has(member):
        return ()
    if isinstance(value, list) and 0 < len(value) <= MOST:
        codes = [code for code in value if isinstance(code, str)]
        fits = all(code in others or form.fullmatch(code) for code in codes)
        if fits and len(codes) == len(value) == len(set(codes)):
            return tuple(codes)
    zh, en = "应为不重复的代码列表，不能为空。", "This must be a list of codes, none twice."
    reader.problem(member, ("not-codes", zh, en))
    return ()
