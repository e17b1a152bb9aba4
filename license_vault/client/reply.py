"""What came back for one try of a call: an answer, or why there was none."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from license_vault.client.errors import AnswerUnreadableError, ProblemError, ProblemPlace
from license_vault.client.reading import objects_in, optional_text, text_in

LONGEST = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Failure:
    """There was no answer: no connection, or not in time."""

    reason: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)

    @property
    def object(self) -> Mapping[str, Any]:
        """Return the JSON object that the answer is.

        Raises:
            AnswerUnreadableError: it is none.
        """
        try:
            found = json.loads(self.content)
        except (ValueError, RecursionError) as error:
            raise AnswerUnreadableError("/") from error
        if not isinstance(found, dict):
            raise AnswerUnreadableError("/")
        return found

    @property
    def retry_after(self) -> float | None:
        """Return the seconds that the node asks to wait, None if it names none."""
        text = self.headers.get("retry-after", "")
        return float(text) if text.isascii() and text.isdigit() else None

    def problem(self) -> ProblemError:
        """Return the refusal that the answer is; what is no problem document has code "http"."""
        try:
            value = self.object
            return self._told(value)
        except AnswerUnreadableError:
            told = (f"HTTP {self.status}", f"HTTP {self.status}")
            return ProblemError("http", self.status, told, retry_after=self.retry_after)

    def _told(self, value: Mapping[str, Any]) -> ProblemError:
        messages = value.get("messages")
        if not isinstance(messages, dict):
            raise AnswerUnreadableError("/messages")
        sentences = tuple(text_in(messages.get(one) or {}, "detail") for one in ("zh", "en"))
        places = objects_in(value, "errors") if "errors" in value else ()
        return ProblemError(
            text_in(value, "code"),
            self.status,
            (sentences[0], sentences[1]),
            tuple(map(_place, places)),
            optional_text(value, "request_id") or "",
            self.retry_after,
        )


def _place(value: Mapping[str, Any]) -> ProblemPlace:
    messages = value.get("messages")
    told: Mapping[str, Any] = messages if isinstance(messages, dict) else {}
    zh, en = optional_text(told, "zh") or "", optional_text(told, "en") or ""
    return ProblemPlace(text_in(value, "pointer"), text_in(value, "code"), zh, en)
