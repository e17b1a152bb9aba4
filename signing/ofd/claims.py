"""What a sealed OFD carries of a license: the attached claims and index, and the texts of claims.

The claims tag file (标引) says for each claim which text objects show it. So the verifier can hold
what a person reads against the sealed claims (ADR 0001). Characters that nobody sees do not count:
outside the object's boundary or the page, without size, transparent. What is drawn white or behind
a picture is not told apart here.

Source: GB/T 33190-2016, 16 (CustomTags), 20 (Attachments).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType

from signing.errors import UnreadableDocumentError
from signing.ofd.document import OfdDocument
from signing.ofd.graphics import OfdCharacter, OfdClip, OfdPage, OfdText
from signing.ofd.page import TEXT, read_page
from signing.ofd.values import Allowance, Matrix, Oddities, transformed
from signing.ofd.xml import XmlElement

CLAIMS_NAME, INDEX_NAME = "claims.json", "index.json"
CLAIMS_INDEX_NAMESPACE = "urn:license-vault:claims-index:1"
_MAX_ATTACHMENT_BYTES = 4 * 1024 * 1024
_UNITS_OF_ALL_TEXTS = 4_000_000  # a license has hundreds of characters, not a hundred thousand
_EDGE_MM = 0.5  # a glyph may touch the edge of its box
# The middle of a character's body from its origin, in parts of its size: right, up.
_BODY = (0.25, -0.35)


@dataclass(frozen=True, slots=True)
class DataFiles:
    """The two attachments we know, and what was wrong."""

    claims: bytes | None
    data_index: bytes | None
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClaimsIndex:
    """The text of each claim by its path, and what was odd."""

    texts: Mapping[str, str]
    problems: tuple[str, ...]
    deviations: tuple[str, ...]


def read_data_files(document: OfdDocument) -> DataFiles:
    """Return the attached claims and index.

    A document without claims may have what attachments it likes; one that has claims is ours, and
    has no others.
    """
    found: dict[str, bytes] = {}
    problems: list[str] = []
    others = False
    for attachment in document.attachments:
        name = attachment.path.rpartition("/")[2]
        if name not in (CLAIMS_NAME, INDEX_NAME):
            others = True
        elif name in found:
            problems.append("attachment-twice")
        elif document.package.size(attachment.path) > _MAX_ATTACHMENT_BYTES:
            problems.append("attachment-unreadable")
        else:
            found[name] = document.package.read(attachment.path)
    if others and CLAIMS_NAME in found:
        problems.append("attachment-unexpected")
    return DataFiles(found.get(CLAIMS_NAME), found.get(INDEX_NAME), tuple(problems))


def read_claims_index(document: OfdDocument) -> ClaimsIndex:
    """Return the texts of the claims; empty where no tag file is ours."""
    oddities = Oddities()
    references: dict[str, tuple[tuple[str, str], ...]] = {}
    for path in document.tags:
        root = _tag_file(document, path, oddities)
        if root is None or (root.namespace, root.name) != (CLAIMS_INDEX_NAMESPACE, "Claims"):
            continue
        for claim in root.children:
            name = claim.get("path")
            if (claim.namespace, claim.name) != (CLAIMS_INDEX_NAMESPACE, "Claim") or not name:
                oddities.problem("claims-index-invalid")
            elif name in references:
                oddities.problem("claims-index-path-twice")
            else:
                references[name] = _object_references(claim)
    texts = _Texts(document, oddities, chain.from_iterable(references.values()))
    found = {name: texts.joined(objects) for name, objects in references.items()}
    return ClaimsIndex(MappingProxyType(found), oddities.problems, oddities.deviations)


def _tag_file(document: OfdDocument, path: str, oddities: Oddities) -> XmlElement | None:
    """Return a tag file. Those of other writers need not even be XML; they show nothing."""
    try:
        return document.files.parse(path)
    except UnreadableDocumentError:
        oddities.deviation("tag-file-unreadable")
        return None


def _object_references(claim: XmlElement) -> tuple[tuple[str, str], ...]:
    """Return pairs of page id and object id."""
    return tuple(
        ((element.get("PageRef") or "").strip(), element.text.strip())
        for element in claim.find("ObjectRef")
    )


class _Texts:
    """The texts of the text objects that claims name, each page read once."""

    def __init__(
        self, document: OfdDocument, oddities: Oddities, wanted: Iterable[tuple[str, str]]
    ) -> None:
        self._document = document
        self._wanted = frozenset(identifier for _, identifier in wanted)
        self._oddities = oddities
        self._allowance = Allowance(_UNITS_OF_ALL_TEXTS)
        self._pages: dict[str, Mapping[str, str]] = {}

    def joined(self, objects: tuple[tuple[str, str], ...]) -> str:
        return "".join(self._text(page, identifier) for page, identifier in objects)

    def _text(self, page_id: str, identifier: str) -> str:
        if page_id not in self._pages:
            self._pages[page_id] = self._texts_of(page_id)
        text = self._pages[page_id].get(identifier)
        if text is None:
            self._oddities.problem("claims-index-object-missing")
            return ""
        self._allowance.spend(len(text))
        return text

    def _texts_of(self, page_id: str) -> Mapping[str, str]:
        entry = next((page for page in self._document.pages if page.id == page_id), None)
        if entry is None:
            return {}
        page = read_page(
            self._document, entry.number, frozenset([TEXT]), self._allowance, self._wanted
        )
        for problem in page.problems:
            self._oddities.problem(problem)
        found: dict[str, str] = {}
        for item in page.objects:
            if not isinstance(item, OfdText) or item.place.origin == "annotation":
                continue
            if item.place.object_id and item.place.object_id in found:
                self._oddities.problem("object-id-twice")
            found[item.place.object_id] = visible_text(item, page)
        return found


def visible_text(item: OfdText, page: OfdPage) -> str:
    """Return the characters of a text object that a person can see on the page."""
    fill, stroke = item.paint.fill, item.paint.stroke
    painted = (fill is not None and fill.alpha) or (stroke is not None and stroke.alpha)
    if not painted or item.size <= 0:
        return ""
    a, b, c, d, _, _ = item.place.matrix
    right, up = _BODY[0] * item.size, _BODY[1] * item.size
    body = (a * right + c * up, b * right + d * up)
    sheet = OfdClip((0.0, 0.0, page.box[2], page.box[3]), (1.0, 0.0, 0.0, 1.0, 0.0, 0.0))
    windows = tuple(_Window.of(clip) for clip in (*item.place.clips, sheet))
    shown: Sequence[OfdCharacter] = item.characters
    for window in windows:
        shown = window.shown(shown, body)
    return "".join(character.text for character in shown)


@dataclass(frozen=True, slots=True)
class _Window:
    """A clip with the way back from the page into its space; None where that is nothing."""

    clip: OfdClip
    back: Matrix | None

    @classmethod
    def of(cls, clip: OfdClip) -> "_Window":
        a, b, c, d, e, f = clip.matrix
        area = a * d - b * c
        if abs(area) < 1e-9:
            return cls(clip, None)
        back = (d / area, -b / area, -c / area, a / area)
        x, y = back[0] * e + back[2] * f, back[1] * e + back[3] * f
        return cls(clip, (*back, -x, -y))

    def shown(
        self, characters: Sequence[OfdCharacter], body: tuple[float, float]
    ) -> Sequence[OfdCharacter]:
        """Return the characters whose bodies' middles lie in the window."""
        if self.back is None:
            return ()
        a, b, c, d, _, _ = self.back
        e, f = transformed(self.back, *body)
        left, top, width, height = self.clip.box
        left, right = left - _EDGE_MM, left + width + _EDGE_MM
        top, bottom = top - _EDGE_MM, top + height + _EDGE_MM
        return [
            each
            for each in characters
            if left <= a * each.x_mm + c * each.y_mm + e <= right
            and top <= b * each.x_mm + d * each.y_mm + f <= bottom
        ]
