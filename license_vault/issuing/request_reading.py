"""Taking values out of a request: each wrong one becomes a problem that points at it.

For parsed JSON whose shape nobody has checked. Methods answer None after noting a problem, so
that one reading names all of them. What the values mean is not known here.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Final, TypeVar

from license_vault.errors import CheckDigitError, FieldProblem
from license_vault.face.license_text import text_problem

_ISO_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MAXIMUM_NAME: Final = 64

_Word = TypeVar("_Word", bound=StrEnum)

MISSING: Final = ("missing", "缺少必填项。", "This is required.")
UNKNOWN: Final = ("unknown-member", "未知的项。", "This is not known here.")


class RequestProblems:
    """The problems of one request, each with its JSON pointer (RFC 6901)."""

    def __init__(self) -> None:
        self.found: list[FieldProblem] = []

    def add(self, pointer: str, problem: tuple[str, str, str]) -> None:
        """Note a problem: code, sentence in Chinese, sentence in English."""
        self.found.append(FieldProblem(pointer, *problem))

    def under(self, name: str) -> bool:
        """Say whether there is a problem of a top member or of something in it."""
        place = f"/{name}"
        return any(f"{found.pointer}/".startswith(f"{place}/") for found in self.found)


def member(pointer: str, name: object) -> str:
    """Return the pointer of a member; a name that must not be shown is shown as ``?``."""
    text = str(name)
    if len(text) > _MAXIMUM_NAME or text_problem(text):
        text = "?"
    return f"{pointer}/{text.replace('~', '~0').replace('/', '~1')}"


class ObjectReader:
    """Takes the members of one JSON object."""

    def __init__(self, value: object, pointer: str, problems: RequestProblems) -> None:
        self._pointer = pointer
        self._problems = problems
        self._taken: set[str] = set()
        self._members: Mapping[str, object] = {}
        self.is_object = isinstance(value, Mapping)
        if isinstance(value, Mapping):
            self._members = value
        else:
            problems.add(pointer, ("wrong-type", "应为对象。", "This must be an object."))

    def at(self, name: str) -> str:
        """Return the pointer of a member."""
        return member(self._pointer, name)

    def has(self, name: str) -> bool:
        """Say whether the member is there."""
        return name in self._members

    def problem(self, name: str, problem: tuple[str, str, str]) -> None:
        """Note a problem of a member."""
        self._problems.add(self.at(name), problem)

    def problem_at(self, name: str, place: int, problem: tuple[str, str, str]) -> None:
        """Note a problem of one item, from 0, of a member that is a list."""
        self._problems.add(f"{self.at(name)}/{place}", problem)

    def value(self, name: str) -> object:
        """Return a member as it is, None if it is missing, which is a problem."""
        self._taken.add(name)
        if name not in self._members and self.is_object:
            self.problem(name, MISSING)
        return self._members.get(name)

    def peek(self, name: str) -> object:
        """Return a member as it is, None if it is missing, which is no problem here."""
        self._taken.add(name)
        return self._members.get(name)

    def text(self, name: str, maximum: int) -> str | None:
        """Return a text that must be there, within the length, of allowed characters."""
        value = self.value(name)
        if name not in self._members:
            return None
        problem = text_fault(value, maximum)
        if problem:
            self.problem(name, problem)
            return None
        return str(value)

    def matching(self, name: str, form: re.Pattern[str], maximum: int) -> str | None:
        """Return a text that must have a form."""
        text = self.text(name, maximum)
        if text is not None and not form.fullmatch(text):
            self.problem(name, ("wrong-format", "格式不正确。", "This has the wrong form."))
            return None
        return text

    def word(self, name: str, words: type[_Word]) -> _Word | None:
        """Return one of some words."""
        text = self.text(name, 64)
        if text is None:
            return None
        known = [word.value for word in words]
        if text not in known:
            self.problem(name, unknown_choice(known))
            return None
        return words(text)

    def day(self, name: str) -> date | None:
        """Return a civil date."""
        text = self.text(name, 10)
        if text is None:
            return None
        day = civil_day(text)
        if day is None:
            self.problem(name, NO_SUCH_DAY)
        return day

    def count(self, name: str) -> int | None:
        """Return a whole number from 1; true and false are none."""
        value = self.value(name)
        if name not in self._members:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 999:
            zh, en = "应为 1 到 999 的整数。", "This must be a whole number from 1 to 999."
            self.problem(name, ("not-a-count", zh, en))
            return None
        return value

    def inner(self, name: str) -> "ObjectReader":
        """Return the reader of an inner object."""
        return ObjectReader(self.value(name), self.at(name), self._problems)

    def items(self, name: str, maximum: int) -> "Iterator[ObjectReader]":
        """Yield the readers of a list of objects that must be there and not be empty."""
        value = self.value(name)
        if name not in self._members:
            return
        if not isinstance(value, list) or not value:
            self.problem(name, ("wrong-type", "应为非空列表。", "This must be a list, not empty."))
            return
        if len(value) > maximum:
            self.problem(name, too_many(maximum))
            return
        for i, item in enumerate(value):
            yield ObjectReader(item, f"{self.at(name)}/{i}", self._problems)

    def finish(self) -> None:
        """Note every member that nobody asked for."""
        for name in self._members:
            if name not in self._taken:
                self._problems.add(member(self._pointer, name), UNKNOWN)


NO_SUCH_DAY: Final = (
    "no-such-day",
    "应为存在的日期，如 2026-03-01。",
    "This must be a date that exists, like 2026-03-01.",
)


def civil_day(text: str) -> date | None:
    """Return the date written YYYY-MM-DD, None if it is none."""
    if not _ISO_DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def text_fault(value: object, maximum: int) -> tuple[str, str, str] | None:
    """Return why a value is no text that a license may hold, None if it is one."""
    if not isinstance(value, str):
        return ("wrong-type", "应为字符串。", "This must be a string.")
    if not value.strip():
        return ("empty", "不能为空。", "This must not be empty.")
    if len(value) > maximum:
        zh, en = f"最多 {maximum} 个字符。", f"At most {maximum} characters are allowed."
        return ("too-long", zh, en)
    if value != value.strip():
        return ("outer-space", "首尾不能有空白。", "No blanks are allowed at the ends.")
    problem = text_problem(value)
    return (problem.code, problem.message_zh, problem.message_en) if problem else None


def unknown_choice(choices: Collection[str]) -> tuple[str, str, str]:
    """Return the problem of a word that is none of those allowed."""
    words = "、".join(choices)
    return ("unknown-choice", f"应为：{words}。", f"This must be one of: {words}.")


def too_many(maximum: int) -> tuple[str, str, str]:
    """Return the problem of a list that is too long."""
    return ("too-many", f"最多 {maximum} 项。", f"At most {maximum} are allowed.")


def wrong_code(error: CheckDigitError) -> tuple[str, str, str]:
    """Return the problem of an identity code that cannot exist."""
    return _CODE_PROBLEMS[error.reason]


_CODE_PROBLEMS: Final = {
    "format": ("wrong-format", "代码格式不正确。", "The code has the wrong form."),
    "check-digit": ("wrong-check-digit", "校验码不正确。", "The check digit is wrong."),
    "date": ("no-such-day", "号码中的出生日期不存在。", "The birth date inside does not exist."),
    "region": ("no-such-region", "号码中的省级代码不存在。", "The province inside does not exist."),
}
