"""Judge whether claims, metadata and the page say the same (ADR 0001).

The claims are the attached bytes (of a JSON, its member); their SM3 is the content id that the
metadata names; every element of the metadata follows from them; and every claim that has a place
on the page (a box of a PDF's data index, text objects of an OFD) is found there as text: line
breaks and spaces aside, code point by code point. The first difference is named by its field,
never by its value.

Source: GB/T 36903-2018; GB/T 36905-2018 (data index, 数据标引).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Set
from typing import Any

from license_vault.license import MADE_FROM_RECORDS
from license_vault.license_metadata import (
    CONTENT_ID_ELEMENT,
    Claims,
    content_id,
    printed_values,
    xmp_elements,
)
from verification.case import Case
from verification.errors import MalformedEvidenceError
from verification.evidence import DocumentForm, ParsedDocument
from verification.findings import Finding, finding

INDEX_SCHEMA = "license-vault/index/1"
Place = tuple[int, tuple[float, float, float, float]]  # page, box
_MAX_FIELDS = 512
_MAX_PAGES = 200
_OUR_ELEMENTS = ("ZZ", "CZZT", "KZ_")

# Joined paths cover their parts and the other way round; the parts are what is asked for.
_COVERED_BY = {
    "valid_from": ("validity",),
    "valid_until": ("validity",),
}
# Joined paths, the title (drawn as a fixed text), and codes that few faces show.
_NEED_NO_PLACE = frozenset(
    {"type.code", "type.name", "authority.code", "copy", "copy.kind", "validity", "holders.name"}
)


def judge_content(case: Case) -> tuple[Finding, ...]:
    """Return the findings about the content; one that passes if all agrees."""
    claims, encoded = case.claims, case.parsed.claims
    if encoded is None:
        return (finding("claims-missing"),)
    if claims is None:
        return (finding("claims-malformed", detail=case.claims_problem or ""),)
    if case.evidence.document.form is DocumentForm.JSON:
        first = next(_identity_differences(content_id(encoded), case.parsed), None)
        return (first or finding("content-without-page"), *_making(claims))
    first = next(_differences(claims, encoded, case.parsed), None)
    if first is not None:
        return (first,)
    return (finding("content-agrees"), *_uncovered(claims, case.parsed), *_making(claims))


def _making(claims: Claims) -> Iterator[Finding]:
    """Yield the mark of a license whose date of issue is older than its making."""
    if claims.making == MADE_FROM_RECORDS:
        yield finding("made-from-records")


def _differences(claims: Claims, encoded: bytes, parsed: ParsedDocument) -> Iterator[Finding]:
    """Yield differences in the order they are looked for."""
    yield from _identity_differences(content_id(encoded), parsed)
    yield from _metadata_differences(claims, encoded, parsed)
    if parsed.index_problem is not None:
        yield finding("index-malformed", detail=parsed.index_problem)
    yield from _face_differences(claims, parsed)


def _identity_differences(identity: str, parsed: ParsedDocument) -> Iterator[Finding]:
    named = parsed.metadata.get(CONTENT_ID_ELEMENT)
    if named is None:
        yield finding("content-id-missing")
    elif named != identity:
        yield finding("content-id-mismatch")


def _metadata_differences(
    claims: Claims, encoded: bytes, parsed: ParsedDocument
) -> Iterator[Finding]:
    wanted = xmp_elements(claims, content_id(encoded))
    ours = (name for name in parsed.metadata if name.startswith(_OUR_ELEMENTS))
    for name in sorted({*wanted, *ours}):
        if wanted.get(name) != parsed.metadata.get(name):
            yield finding("metadata-mismatch", field=name)


def _face_differences(claims: Claims, parsed: ParsedDocument) -> Iterator[Finding]:
    printed = printed_values(claims)
    for path, text in parsed.texts.items():
        if path not in printed:
            yield finding("index-malformed", detail=f"unknown claim {_short(path)}")
        elif _bare(text) != _bare(printed[path]):
            yield finding("face-mismatch", field=path)


def _short(path: str) -> str:
    return path[:64]


def _bare(text: str) -> str:
    """Take out what setting a line may add: spaces and breaks, nothing else."""
    return "".join(text.split())


def _uncovered(claims: Claims, parsed: ParsedDocument) -> Iterator[Finding]:
    """Yield the mark for claims that no box shows, naming the first few."""
    printed = printed_values(claims)
    placed = parsed.texts.keys()
    missing = [
        path
        for path, text in printed.items()
        if text and path.count(".") < 3 and not _is_covered(path, placed, printed)
    ]
    if missing:
        yield finding("content-partly-uncovered", field=", ".join(missing[:3]))


def _is_covered(path: str, placed: Set[str], printed: Mapping[str, str]) -> bool:
    if path in _NEED_NO_PLACE or path in placed:
        return True
    if any(other in placed for other in _COVERED_BY.get(path, ())):
        return True
    if path.startswith("holders."):
        return path.endswith(".document_number") or "holders.name" in placed
    if path.rsplit(".", 1)[0] in placed:
        return True
    items = [other for other in printed if other.startswith(f"{path}.")]
    return bool(items) and all(_is_covered(item, placed, printed) for item in items)


def read_index(data: bytes) -> Mapping[str, Place]:
    """Read a data index: for each claim path its page and box (mm from the top left).

    Raises:
        MalformedEvidenceError: it is not license-vault/index/1.
    """
    try:
        index = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise MalformedEvidenceError("", "not-json") from error
    fields = index.get("fields") if isinstance(index, dict) else None
    if not isinstance(fields, dict) or index.get("schema") != INDEX_SCHEMA:
        raise MalformedEvidenceError("", "schema")
    if len(fields) > _MAX_FIELDS:
        raise MalformedEvidenceError("fields", "too-many")
    return {path: _read_place(path, entry) for path, entry in fields.items()}


def _read_place(path: str, entry: Any) -> Place:
    page = entry.get("page") if isinstance(entry, dict) else None
    box = entry.get("box_mm") if isinstance(entry, dict) else None
    if type(page) is not int or not 1 <= page <= _MAX_PAGES:
        raise MalformedEvidenceError(path, "page")
    if not isinstance(box, list) or len(box) != 4:
        raise MalformedEvidenceError(path, "box")
    if not all(type(side) in (int, float) and -10_000 < side < 10_000 for side in box):
        raise MalformedEvidenceError(path, "box")
    x, y, width, height = (float(side) for side in box)
    return page, (x, y, width, height)
