"""Finds every signature field of a PDF and reads what it says about itself.

A field is reported whatever it holds: with a SubFilter nobody knows, with nothing in it, referenced
twice. pyHanko passes over the unknown ones and other readers over the broken ones, and a seal that
is passed over is how a forged file looks unsealed or, worse, sealed once (docs/attacks.md P1, P6).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from pikepdf import Array, Dictionary, Name, Object, Page, String

from keys.sm3 import sm3
from signing.errors import UnreadableDocumentError
from signing.millimetres import PageBox, to_millimetres
from signing.pdf.byte_range import CoveredBytes, read_covered_bytes
from signing.pdf.structure import OpenedDocument, inherited

DOCUMENT_TIMESTAMP = "ETSI.RFC3161"
OUR_SUB_FILTER = "ETSI.CAdES.detached"
_MAX_FIELDS = 512
_MAX_DEPTH = 16


@dataclass(frozen=True, slots=True)
class EmbeddedSeal:
    """One filled signature field. ``value`` is the DER exactly, without padding.

    ``revision`` counts the signed revisions from 0, in the order of what they cover.
    ``certification`` is DocMDP's P; ``field_lock`` is FieldMDP's Action in capitals, with
    ``lock_permission`` the P of the field's Lock. ``claimed_at`` is /M: what the signer says.
    ``box_mm`` is x, y, width, height from the page's top left; ``page`` from 1, 0 if on none.
    """

    field_name: str
    revision: int
    byte_range: tuple[int, int, int, int]
    value: bytes
    covers_whole_file: bool
    sub_filter: str
    certification: int | None
    field_lock: str | None
    lock_permission: int | None
    claimed_at: datetime | None
    page: int
    box_mm: tuple[float, float, float, float]
    problems: tuple[str, ...]

    @property
    def end(self) -> int:
        """The offset where what this seal covers ends."""
        return self.byte_range[2] + self.byte_range[3]

    def digest_in(self, data: bytes) -> bytes:
        """Return SM3 over the two ranges of the file that this seal covers."""
        start, first, second, length = self.byte_range
        return sm3(data[start:first], data[second : second + length])

    @property
    def is_document_timestamp(self) -> bool:
        """Whether this is a time-stamp over the document rather than somebody's seal."""
        return self.sub_filter == DOCUMENT_TIMESTAMP


@dataclass(frozen=True, slots=True)
class FoundFields:
    """All filled signature fields in the order of what they cover, and the form's problems."""

    seals: tuple[EmbeddedSeal, ...]
    problems: tuple[str, ...]


def read_seals(opened: OpenedDocument, pages: tuple[PageBox, ...]) -> FoundFields:
    """Return every filled signature field."""
    problems: list[str] = []
    found: list[EmbeddedSeal] = []
    seen: set[tuple[int, int]] = set()
    places = _places(opened)
    for name, field in terminal_fields(opened.pdf.Root):
        kind = inherited(field, "/FT")
        if kind != "/Sig":
            problems.append("form-field")
            continue
        value = inherited(field, "/V")
        if not isinstance(value, Dictionary):
            problems.append("signature-field-empty")
            continue
        if value.objgen in seen:
            problems.append("signature-referenced-twice")
        if value.is_indirect:
            seen.add(value.objgen)
        if len(found) >= opened.limits.max_seals:
            raise UnreadableDocumentError("too-many-seals")
        found.append(_read_seal(opened, name, field, value, _Place.of(field, places, pages)))
    # A signature dictionary that no field shows is nobody's seal, but somebody put it there.
    if sum(b"/ByteRange" in text for text in opened.objects) > len(seen):
        problems.append("signature-outside-form")
    ordered = sorted(found, key=lambda seal: seal.end)
    numbered = (replace(seal, revision=index) for index, seal in enumerate(ordered))
    return FoundFields(tuple(numbered), tuple(dict.fromkeys(problems)))


def terminal_fields(root: Object) -> Iterator[tuple[str, Object]]:
    """Walk the form's fields; a widget that is only a kid of its field counts as the field."""
    form = root.get("/AcroForm")
    fields = form.get("/Fields") if isinstance(form, Dictionary) else None
    if not isinstance(fields, Array):
        return
    waiting = [("", field, 0) for field in reversed(list(fields))]
    for _ in range(_MAX_FIELDS):
        if not waiting:
            return
        prefix, field, depth = waiting.pop()
        if not isinstance(field, Dictionary):
            raise UnreadableDocumentError("broken-form")
        part = field.get("/T")
        name = ".".join(filter(None, (prefix, str(part) if isinstance(part, String) else "")))
        kids = field.get("/Kids")
        named = isinstance(kids, Array) and any("/T" in kid for kid in kids)
        if named and depth < _MAX_DEPTH:
            waiting.extend((name, kid, depth + 1) for kid in reversed(list(kids)))
        else:
            yield name, field
    raise UnreadableDocumentError("broken-form", "too many fields, or circular")


@dataclass(frozen=True, slots=True)
class _Place:
    page: int
    box_mm: tuple[float, float, float, float]

    @classmethod
    def of(
        cls, field: Object, places: dict[tuple[int, int], int], pages: tuple[PageBox, ...]
    ) -> "_Place":
        """Return where the field's widget stands; page 0 if no page shows it."""
        kids = field.get("/Kids")
        widget = kids[0] if isinstance(kids, Array) and len(kids) == 1 else field
        index = places.get(widget.objgen)
        rectangle = widget.get("/Rect")
        if index is None or not isinstance(rectangle, Array) or len(rectangle) != 4:
            return cls(0, (0.0, 0.0, 0.0, 0.0))
        x0, y0, x1, y1 = (float(value) for value in rectangle)
        corners = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
        return cls(index + 1, to_millimetres(corners, pages[index]))


def _places(opened: OpenedDocument) -> dict[tuple[int, int], int]:
    """Return which page shows which annotation, by object number."""
    places: dict[tuple[int, int], int] = {}
    for index, page in enumerate(opened.pdf.pages):
        for annotation in _annotations(page):
            places.setdefault(annotation.objgen, index)
    return places


def _annotations(page: Page) -> Iterator[Object]:
    found = page.obj.get("/Annots")
    if isinstance(found, Array):
        yield from (item for item in found if isinstance(item, Dictionary) and item.is_indirect)


def _read_seal(
    opened: OpenedDocument, name: str, field: Object, value: Object, place: _Place
) -> EmbeddedSeal:
    covered = _covered(opened.data, value)
    sub_filter = value.get("/SubFilter")
    permission, action, problems = _transforms(opened.pdf.Root, value)
    lock = field.get("/Lock")
    return EmbeddedSeal(
        field_name=name,
        revision=0,
        byte_range=covered.byte_range,
        value=covered.value,
        covers_whole_file=covered.end == len(opened.data),
        sub_filter=str(sub_filter)[1:] if isinstance(sub_filter, Name) else "",
        certification=permission,
        field_lock=action,
        lock_permission=_integer(lock, "/P") if isinstance(lock, Dictionary) else None,
        claimed_at=_pdf_date(value.get("/M")),
        page=place.page,
        box_mm=place.box_mm,
        problems=(*covered.problems, *problems),
    )


def _covered(data: bytes, value: Object) -> CoveredBytes:
    byte_range, contents = value.get("/ByteRange"), value.get("/Contents")
    numbers = list(byte_range) if isinstance(byte_range, Array) else []
    return read_covered_bytes(
        data, numbers, bytes(contents) if isinstance(contents, String) else None
    )


def _transforms(root: Object, value: Object) -> tuple[int | None, str | None, list[str]]:
    """Return DocMDP's P, FieldMDP's Action, and problems. Source: ISO 32000-1, 12.8.2."""
    permission, action, problems = None, None, []
    references = value.get("/Reference")
    for reference in references if isinstance(references, Array) else ():
        method = reference.get("/TransformMethod")
        parameters = reference.get("/TransformParams")
        if not isinstance(parameters, Dictionary):
            problems.append("transform-malformed")
        elif method == "/DocMDP" and permission is None:
            permission = _integer(parameters, "/P") or 2  # 2 is the default
        elif method == "/FieldMDP" and action is None:
            action = str(parameters.get("/Action", ""))[1:].upper()
        else:
            problems.append("transform-unexpected")
    permissions = root.get("/Perms")
    certified = permissions.get("/DocMDP") if isinstance(permissions, Dictionary) else None
    is_certifier = isinstance(certified, Dictionary) and certified.objgen == value.objgen
    if is_certifier != (permission is not None):
        problems.append("certification-not-in-catalog" if permission else "certification-empty")
    return permission, action, problems


def _integer(dictionary: Object, key: str) -> int | None:
    found = dictionary.get(key)
    return found if type(found) is int else None


def _pdf_date(found: Object | None) -> datetime | None:
    """Return the instant of a PDF date, None if there is none that is well formed.

    Source: ISO 32000-1, 7.9.4: D:YYYYMMDDHHmmSSOHH'mm'.
    """
    text = str(found) if isinstance(found, String) else ""
    digits, zone = text[2:16], text[16:].replace("'", "")
    if not text.startswith("D:") or not digits.isascii() or not digits.isdigit():
        return None
    try:
        local = datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        if zone in ("", "Z", "Z0000"):
            return local
        ahead = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
        return local - ahead if zone[0] == "+" else local + ahead
    except (ValueError, OverflowError):
        return None
