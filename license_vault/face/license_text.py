"""Which texts may stand in a license: what is refused, and the words that say why.

A text is refused, never changed: whoever seals a name must know that it is the name that was
handed over. Refused are texts that are not NFC, and characters that cannot be seen, or that
make the page show something else than the bytes say.
"""

import unicodedata
from dataclasses import dataclass

_BIDI = frozenset(
    map(chr, (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
)
_ZERO_WIDTH = frozenset("\u200b\u200c\u200d\u2060\ufeff\u180e\u00ad")

_REFUSED_CATEGORIES = {
    "Cs": "lone-surrogate",
    "Cc": "control-character",
    "Zl": "control-character",
    "Zp": "control-character",
    "Cf": "format-character",
    "Co": "private-use",
}

_REASONS = {
    "lone-surrogate": ("半个代理对，不是字符", "half of a surrogate pair, no character"),
    "bidi-control": ("双向文字控制符", "a bidirectional control"),
    "zero-width": ("零宽字符", "a zero-width character"),
    "control-character": ("控制字符", "a control character"),
    "format-character": ("不可见的格式字符", "an invisible format character"),
    "private-use": (
        "私用区字符，请改用该字的标准编码",
        "a private use character; use the standard code of the character",
    ),
    "noncharacter": ("非字符码位", "a code point that is no character"),
    "not-nfc": ("未按 Unicode NFC 规范化", "not in Unicode normalization form C"),
}


@dataclass(frozen=True, slots=True)
class TextProblem:
    """Why a text is refused: a stable code, the position from 0, and the character there."""

    code: str
    position: int
    character: str

    @property
    def message_zh(self) -> str:
        """The reason in Chinese, naming the code point and the position counted from 1."""
        return f"第{self.position + 1}个字符 {self._named} 不允许：{_REASONS[self.code][0]}。"

    @property
    def message_en(self) -> str:
        """The reason in English, naming the code point and the position counted from 1."""
        what = _REASONS[self.code][1]
        return f"Character {self.position + 1}, {self._named}, is not allowed: {what}."

    @property
    def _named(self) -> str:
        return f"U+{ord(self.character):04X}"


def text_problem(text: str) -> TextProblem | None:
    """Return why a text may not stand in a license, None if it may.

    The characters are looked at first, from the left; then the normalization form.
    """
    # What prints is in none of the refused classes; the slow way is for what does not.
    if text.isprintable() and unicodedata.is_normalized("NFC", text):
        return None
    for position, character in enumerate(text):
        code = _character_code(character)
        if code:
            return TextProblem(code, position, character)
    normal = unicodedata.normalize("NFC", text)
    if normal == text:
        return None
    # What NFC would change begins where the two part, at the latest where the shorter one ends.
    pairs = enumerate(zip(text, normal, strict=False))
    position = next((i for i, (a, b) in pairs if a != b), min(len(text), len(normal)) - 1)
    return TextProblem("not-nfc", position, text[position])


def _character_code(character: str) -> str | None:
    """Return the class of refused characters this one is in, None if it is allowed."""
    if character in _BIDI:
        return "bidi-control"
    if character in _ZERO_WIDTH:
        return "zero-width"
    if _is_noncharacter(ord(character)):
        return "noncharacter"
    return _REFUSED_CATEGORIES.get(unicodedata.category(character))


def _is_noncharacter(code_point: int) -> bool:
    return code_point & 0xFFFE == 0xFFFE or 0xFDD0 <= code_point <= 0xFDEF
