"""What a kind of problem is: how it is called, what it means, what the caller can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from api.problems.state_words import in_words


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One kind of problem: how it is called, what it means, what the caller can do."""

    slug: str
    status: int
    title_zh: str
    title_en: str
    detail_zh: str
    detail_en: str
    shown: tuple[str, ...] = ()

    def messages(self, values: Mapping[str, object]) -> dict[str, dict[str, str]]:
        """Return title and detail in both languages, with the values put in, states in words."""
        zh, en = in_words(self.slug, values)
        return {
            "zh": {"title": self.title_zh, "detail": self.detail_zh.format_map(zh)},
            "en": {"title": self.title_en, "detail": self.detail_en.format_map(en)},
        }
