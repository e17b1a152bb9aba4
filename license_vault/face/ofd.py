"""The OFD press: draws a placed face into an unsealed OFD, with claims and data index attached.

The same runs at the same baselines as the PDF press draws. What every copy of a layout shares
stands on a template page, written and compressed once; a copy adds its values, the QR code and
the fonts, cut down to the characters of the file. The metadata of GB/T 36903 stands in
OFD.xml, and a tag file says which text objects show which claim (标引).

Values are XML text and nothing else. The press lays nothing out and seals nothing.

Source: GB/T 33190-2016; GB/T 36903-2018 (short names); GB/T 36905-2018 (data index).
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from license_vault.face.fonts import Fonts
from license_vault.face.license_face import CHECK_CODE
from license_vault.face.ofd_fonts import EmbeddableFont
from license_vault.face.ofd_objects import (
    claim_references,
    layer,
    path_object,
    quoted,
    text_object,
    xml_text,
)
from license_vault.face.ornaments import rectangle_path
from license_vault.face.pdf import FaceDocument
from license_vault.face.placed_face import PlacedFace, PlacedPath, PlacedRun
from license_vault.license_metadata import content_id
from signing.ofd.xml import OFD_NAMESPACE
from signing.ofd.zip_writer import PackedEntry, pack, write_entries

INDEX_NAMESPACE = "urn:license-vault:claims-index:1"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_XMLNS = f'xmlns:ofd="{OFD_NAMESPACE}"'
_PAPER = "#ffffff"
_CIVIL = datetime.timezone(datetime.timedelta(hours=8))
_PAGE, _TEMPLATE, _FIRST_FONT = 1, 2, 3


@dataclass(frozen=True, slots=True)
class _Template:
    """What every copy of a layout shares: the packed page, its characters, its last id."""

    packed: PackedEntry
    characters: Mapping[str, frozenset[str]]
    last: int


@dataclass(frozen=True, slots=True)
class _Page:
    """A page after the first: its id, where it stands, its content, the last id in it."""

    identifier: int
    location: str
    content: str
    last: int


class OfdPress:
    """Draws faces. Made once, used by all threads."""

    def __init__(self, fonts: Fonts) -> None:
        """Read the names of the fonts; their glyphs are read when first drawn.

        Raises:
            FontUnusableError: a font cannot be embedded; names its file.
        """
        self._fonts = {file.key: EmbeddableFont(file) for file in fonts.files}
        # A font keeps its id whether a file has it or not, so a template may name it.
        self._identifiers = {key: _FIRST_FONT + at for at, key in enumerate(self._fonts)}
        self._template = lru_cache(maxsize=64)(self._drawn_template)

    def draw(self, document: FaceDocument) -> bytes:
        """Return the OFD of a face, the same bytes for the same document.

        Raises:
            PressBrokenError: a text that XML cannot hold; nothing the requester can change.
        """
        face = document.face
        template = self._template(face.runs[: face.shared_runs], face.paths)
        runs = face.runs[face.shared_runs :]
        first = template.last + 1
        page = layer(first, "Body", tuple(self._objects(first + 1, _qr_paths(face), runs)))
        texts = first + 1 + len(_qr_paths(face))
        more = self._more_pages(document.more_pages, texts + len(runs))
        used = _characters(runs, template.characters)
        for other in document.more_pages:
            used = _characters(other.runs, used)
        entries = (
            _xml("OFD.xml", _ofd(document)),
            _xml("Doc_0/Document.xml", _document(document, texts + len(runs) - 1, more)),
            _xml("Doc_0/PublicRes.xml", self._resources(used)),
            _xml("Doc_0/Pages/Page_0/Content.xml", _page(page), level=1),
            *(_xml(f"Doc_0/{each.location}", each.content, level=1) for each in more),
            template.packed,
            *((*_tags(runs, texts), *_attachments(document)) if document.claims else ()),
            *self._font_entries(used),
        )
        return write_entries(entries)

    def _more_pages(self, faces: Sequence[PlacedFace], first: int) -> tuple["_Page", ...]:
        """Return the pages after the first, which share no template; ids count from ``first``."""
        pages: list[_Page] = []
        for number, face in enumerate(faces, 1):
            paths = (*face.paths, *_qr_paths(face))
            body = layer(first + 1, "Body", tuple(self._objects(first + 2, paths, face.runs)))
            last = first + 1 + len(paths) + len(face.runs)
            content = f"<ofd:Page {_XMLNS}><ofd:Content>{body}</ofd:Content></ofd:Page>"
            pages.append(_Page(first, f"Pages/Page_{number}/Content.xml", content, last))
            first = last + 1
        return tuple(pages)

    def _drawn_template(
        self, runs: tuple[PlacedRun, ...], paths: tuple[PlacedPath, ...]
    ) -> _Template:
        first = _FIRST_FONT + len(self._fonts)
        background = layer(first, "Background", tuple(self._objects(first + 1, paths, runs)))
        content = f"<ofd:Page {_XMLNS}><ofd:Content>{background}</ofd:Content></ofd:Page>"
        packed = _xml("Doc_0/Tpls/Tpl_0/Content.xml", content, level=9)
        return _Template(packed, _characters(runs, {}), first + len(paths) + len(runs))

    def _objects(
        self, first: int, paths: Sequence[PlacedPath], runs: Sequence[PlacedRun]
    ) -> Iterator[str]:
        """Yield the objects of a layer, numbered from ``first`` in the order they are drawn."""
        for identifier, path in enumerate(paths, first):
            yield path_object(identifier, path)
        for identifier, run in enumerate(runs, first + len(paths)):
            font, font_identifier = self._fonts[run.font], self._identifiers[run.font]
            yield text_object(identifier, run, font, font_identifier)

    def _resources(self, used: Mapping[str, frozenset[str]]) -> str:
        fonts = "".join(
            f'<ofd:Font ID="{self._identifiers[key]}" FontName={quoted(self._fonts[key].name)}'
            f" FamilyName={quoted(self._fonts[key].family)}>"
            f"<ofd:FontFile>{self._font_file(key)}</ofd:FontFile></ofd:Font>"
            for key in used
        )
        return f'<ofd:Res {_XMLNS} BaseLoc="Res"><ofd:Fonts>{fonts}</ofd:Fonts></ofd:Res>'

    def _font_file(self, key: str) -> str:
        return f"font_{self._identifiers[key]}.otf"

    def _font_entries(self, used: Mapping[str, frozenset[str]]) -> Iterator[PackedEntry]:
        for key, characters in used.items():
            subset = self._fonts[key].subset(characters)
            yield pack(f"Doc_0/Res/{self._font_file(key)}", subset, level=1)


def _qr_paths(face: PlacedFace) -> tuple[PlacedPath, ...]:
    if not face.has_qr:
        return ()
    return PlacedPath(rectangle_path(face.qr_box), fill=_PAPER), face.qr


def _characters(
    runs: Sequence[PlacedRun], known: Mapping[str, frozenset[str]]
) -> dict[str, frozenset[str]]:
    """Return the characters set in each font, and those known; fonts in order of their names."""
    found = {key: set(characters) for key, characters in known.items()}
    for run in runs:
        found.setdefault(run.font, set()).update(run.text)
    return {key: frozenset(found[key]) for key in sorted(found)}


def _xml(name: str, content: str, level: int = 6) -> PackedEntry:
    return pack(name, (_DECLARATION + content).encode(), level)


def _ofd(document: FaceDocument) -> str:
    """Return OFD.xml; the document's id is the beginning of the SM3 of what it carries."""
    day = document.created_at.astimezone(_CIVIL).date().isoformat()
    metadata = "".join(
        f"<ofd:CustomData Name={quoted(name)}>{xml_text(value)}</ofd:CustomData>"
        for name, value in document.xmp.items()
    )
    return (
        f'<ofd:OFD {_XMLNS} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo>'
        f"<ofd:DocID>{content_id(document.claims or _words_of(document))[:32]}</ofd:DocID>"
        f"<ofd:Title>{xml_text(document.title)}</ofd:Title>"
        f"<ofd:Author>{xml_text(document.author)}</ofd:Author>"
        f"<ofd:CreationDate>{day}</ofd:CreationDate><ofd:ModDate>{day}</ofd:ModDate>"
        "<ofd:Creator>License Vault</ofd:Creator>"
        f"<ofd:CustomDatas>{metadata}</ofd:CustomDatas></ofd:DocInfo>"
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
    )


def _words_of(document: FaceDocument) -> bytes:
    return "\n".join(run.text for page in document.pages for run in page.runs).encode()


def _document(document: FaceDocument, last: int, more: Sequence[_Page]) -> str:
    face = document.face
    highest = more[-1].last if more else last
    pages = "".join(
        f'<ofd:Page ID="{each.identifier}" BaseLoc="{each.location}"/>' for each in more
    )
    claimed = _CLAIMED if document.claims else ""
    return (
        f"<ofd:Document {_XMLNS}><ofd:CommonData><ofd:MaxUnitID>{highest}</ofd:MaxUnitID>"
        "<ofd:PageArea>"
        f"<ofd:PhysicalBox>0 0 {face.width_mm:g} {face.height_mm:g}</ofd:PhysicalBox>"
        "</ofd:PageArea><ofd:PublicRes>PublicRes.xml</ofd:PublicRes>"
        f'<ofd:TemplatePage ID="{_TEMPLATE}" ZOrder="Background"'
        ' BaseLoc="Tpls/Tpl_0/Content.xml"/></ofd:CommonData>'
        f'<ofd:Pages><ofd:Page ID="{_PAGE}" BaseLoc="Pages/Page_0/Content.xml"/>{pages}'
        f"</ofd:Pages>{claimed}</ofd:Document>"
    )


def _page(body: str) -> str:
    return (
        f'<ofd:Page {_XMLNS}><ofd:Template TemplateID="{_TEMPLATE}" ZOrder="Background"/>'
        f"<ofd:Content>{body}</ofd:Content></ofd:Page>"
    )


_CLAIMED = (
    "<ofd:CustomTags>Tags/CustomTags.xml</ofd:CustomTags>"
    "<ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments>"
)
# What these two files name stands beside them; absolute, for readers differ in where they start.
_CUSTOM_TAGS = (
    f'<ofd:CustomTags {_XMLNS}><ofd:CustomTag TypeID="{INDEX_NAMESPACE}">'
    "<ofd:FileLoc>/Doc_0/Tags/claims.xml</ofd:FileLoc></ofd:CustomTag></ofd:CustomTags>"
)


def _tags(runs: Sequence[PlacedRun], first: int) -> Iterator[PackedEntry]:
    yield _xml("Doc_0/Tags/CustomTags.xml", _CUSTOM_TAGS)
    yield _xml("Doc_0/Tags/claims.xml", _claims_tag(runs, first))


def _claims_tag(runs: Sequence[PlacedRun], first: int) -> str:
    """Return the tag file: claim paths and their text objects; the check code is no claim."""
    shown: dict[str, list[int]] = {}
    for identifier, run in enumerate(runs, first):
        if run.field is not None and run.field != CHECK_CODE:
            shown.setdefault(run.field, []).append(identifier)
    claims = claim_references(_PAGE, dict(sorted(shown.items())))
    return f'<lv:Claims xmlns:lv="{INDEX_NAMESPACE}" {_XMLNS}>{claims}</lv:Claims>'


def _attachments(document: FaceDocument) -> Iterator[PackedEntry]:
    """Yield the list of attachments and the files, byte for byte."""
    files = document.files
    written = document.created_at.astimezone(_CIVIL).isoformat(timespec="seconds")
    listed = "".join(
        f'<ofd:Attachment ID="{name.partition(".")[0]}" Name="{name}" Format="json"'
        f' CreationDate="{written}" Size="{len(content) / 1024:.2f}">'
        f"<ofd:FileLoc>/Doc_0/Attachs/{name}</ofd:FileLoc></ofd:Attachment>"
        for name, content in files.items()
    )
    attachments = f"<ofd:Attachments {_XMLNS}>{listed}</ofd:Attachments>"
    yield _xml("Doc_0/Attachs/Attachments.xml", attachments)
    for name, content in files.items():
        yield pack(f"Doc_0/Attachs/{name}", content)
