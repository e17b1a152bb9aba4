"""The names of entries that an OFD package may have, and none of the others.

Every name is refused that two programs could take for two places: what is written to a disk under
it, or looked up by it, must be one thing for every reader (docs/attacks.md O1, O2). Nothing is
corrected. It does not say which names an OFD needs.
"""

import unicodedata
from collections.abc import Iterable

from signing.errors import UnreadableDocumentError

MAX_NAME_BYTES = 512
_MAX_SEGMENTS = 16
_UTF8_FLAG = 0x0800
_WINDOWS_ONLY = frozenset('<>"|?*')
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", "clock$", "conin$", "conout$"]
    + [f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789¹²³"]
)
# Format and unassigned characters change what a person sees of a name; the rest is not text.
_UNSEEN = frozenset(["Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"])


def entry_name(raw: bytes, flags: int) -> str:
    """Return the name of an entry as stored: relative; a directory's ends with ``/``.

    Args:
        raw: the name as it stands in the header.
        flags: the general purpose bit flag; bit 11 says UTF-8.

    Raises:
        UnreadableDocumentError: ``package-name-…``, see the checks.

    Source: APPNOTE.TXT 4.4.17 and D; GB/T 33190-2016, 7.2.
    """
    if not raw:
        raise UnreadableDocumentError("package-name-empty")
    if len(raw) > MAX_NAME_BYTES:
        raise UnreadableDocumentError("package-name-too-long", f"{len(raw)} bytes")
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableDocumentError("package-name-not-utf8", repr(raw[:64])) from error
    if not name.isascii() and not flags & _UTF8_FLAG:
        raise UnreadableDocumentError("package-name-not-marked-utf8", repr(raw[:64]))
    fault = _fault_of_characters(name) or _fault_of_segments(name)
    if fault:
        raise UnreadableDocumentError(f"package-name-{fault}", ascii(name[:64]))
    return name


def _fault_of_characters(name: str) -> str:
    # Of ASCII, only control characters are not printable.
    seen = name.isascii() and name.isprintable()
    if not seen and any(unicodedata.category(character) in _UNSEEN for character in name):
        return "control-character"
    if "\\" in name:
        return "backslash"
    if "%" in name:
        return "percent-encoded"
    if ":" in name:
        return "drive"
    return "special-character" if _WINDOWS_ONLY & set(name) else ""


def _fault_of_segments(name: str) -> str:
    if name.startswith("/"):
        return "absolute"
    segments = name.removesuffix("/").split("/")
    if len(segments) > _MAX_SEGMENTS:
        return "too-deep"
    for segment in segments:
        if not segment:
            return "empty-segment"
        if segment in (".", ".."):
            return "dot-segment"
        if segment[-1] in ". " or segment[0] == " ":
            return "outer-dot-or-space"
        if segment.partition(".")[0].rstrip().casefold() in _DEVICES:
            return "device"
    return ""


def check_distinct(names: Iterable[str]) -> None:
    """Check that no two names could be taken for one, nor a file for a directory.

    Raises:
        UnreadableDocumentError: ``package-name-twice``, ``package-name-twice-by-case`` (case or
            composition), ``package-name-file-and-directory``.
    """
    exact: set[str] = set()
    folded: set[str] = set()
    files: set[str] = set()
    directories: set[str] = set()
    for name in names:
        key = folded_name(name)
        if name in exact:
            raise UnreadableDocumentError("package-name-twice", ascii(name[:64]))
        if key in folded:
            raise UnreadableDocumentError("package-name-twice-by-case", ascii(name[:64]))
        exact.add(name)
        folded.add(key)
        (directories if name.endswith("/") else files).add(key.removesuffix("/"))
        directories.update(_directories_above(key))
    if both := files & directories:
        raise UnreadableDocumentError("package-name-file-and-directory", ascii(min(both)[:64]))


def folded_name(name: str) -> str:
    """Return what two names share that differ in case or composition only."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def _directories_above(name: str) -> Iterable[str]:
    segments = name.removesuffix("/").split("/")[:-1]
    return ("/".join(segments[:end]) for end in range(1, len(segments) + 1))
