"""What a sealed PDF carries beside its pages: claims and index, or a copy's record, and the XMP.

A license has claims.json and index.json, a purpose-bound copy license-copy.json and neither of
them; any other attachment, two of one name, or claims beside a copy's record is a problem. XMP is
read as names and texts; a document type declaration in it is refused, so no entity is ever
expanded.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from xml.etree import ElementTree

from pikepdf import Dictionary, Object

from signing.errors import UnreadableDocumentError
from signing.pdf.structure import OpenedDocument, stream_bytes
from signing.sealed_json.copy_record import ATTACHED_AS as COPY_NAME

CLAIMS_NAME, INDEX_NAME = "claims.json", "index.json"
_MAX_NODES = 256
_MAX_XMP_BYTES = 1024 * 1024
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"


@dataclass(frozen=True, slots=True)
class Attachments:
    """The files we know, by name, and what was wrong."""

    claims: bytes | None
    data_index: bytes | None
    copy: bytes | None
    problems: tuple[str, ...]


def read_attachments(opened: OpenedDocument) -> Attachments:
    """Return the attached claims, index and record of a copy. Source: ISO 32000-1, 7.11.4."""
    files: dict[str, bytes] = {}
    problems: list[str] = []
    for name, specification in _embedded_files(opened.pdf.Root):
        if name not in (CLAIMS_NAME, INDEX_NAME, COPY_NAME):
            problems.append("attachment-unexpected")
        elif name in files:
            problems.append("attachment-twice")
        else:
            content = _content(specification, opened.limits.max_attachment_bytes)
            if content is None:
                problems.append("attachment-unreadable")
            else:
                files[name] = content
    if COPY_NAME in files and len(files) > 1:
        problems.append("attachment-unexpected")  # nothing is a license and a copy of one
    return Attachments(
        files.get(CLAIMS_NAME), files.get(INDEX_NAME), files.get(COPY_NAME), tuple(problems)
    )


def _embedded_files(root: Object) -> Iterator[tuple[str, Object]]:
    """Walk the name tree of embedded files, at most 256 nodes of it."""
    names = root.get("/Names")
    tree = names.get("/EmbeddedFiles") if isinstance(names, Dictionary) else None
    waiting = [tree] if tree is not None else []
    for _ in range(_MAX_NODES):
        if not waiting:
            return
        node = waiting.pop()
        if not isinstance(node, Dictionary):
            raise UnreadableDocumentError("broken-name-tree")
        waiting.extend(node.get("/Kids", []))
        pairs = node.get("/Names", [])
        if len(pairs) % 2 or len(pairs) > _MAX_NODES:
            raise UnreadableDocumentError("broken-name-tree")
        for index in range(0, len(pairs), 2):
            yield str(pairs[index]), pairs[index + 1]
    raise UnreadableDocumentError("broken-name-tree", "too deep or circular")


def _content(specification: Object, max_bytes: int) -> bytes | None:
    embedded = specification.get("/EF") if isinstance(specification, Dictionary) else None
    if not isinstance(embedded, Dictionary):
        return None
    plain, unicode_ = embedded.get("/F"), embedded.get("/UF")
    if plain is not None and unicode_ is not None and plain.objgen != unicode_.objgen:
        return None  # one name, two files: each reader would show another
    stream = plain if plain is not None else unicode_
    return None if stream is None else stream_bytes(stream, max_bytes)


def read_xmp(opened: OpenedDocument) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Return the simple properties of the XMP by their local names, and what was wrong.

    A property that stands twice keeps its first value and is a problem.

    Source: ISO 16684-1, 7 (attributes and elements of rdf:Description).
    """
    metadata = opened.pdf.Root.get("/Metadata")
    if metadata is None:
        return MappingProxyType({}), ()
    packet = stream_bytes(metadata, _MAX_XMP_BYTES)
    if packet is None or b"<!" in packet.replace(b"<!--", b""):
        return MappingProxyType({}), ("xmp-unreadable",)
    try:
        tree = ElementTree.fromstring(packet)  # noqa: S314  no declarations, see above
    except (ElementTree.ParseError, ValueError, LookupError):
        return MappingProxyType({}), ("xmp-unreadable",)
    return _properties(tree)


def _properties(tree: ElementTree.Element) -> tuple[Mapping[str, str], tuple[str, ...]]:
    found: dict[str, str] = {}
    twice = False
    for description in tree.iterfind(f".//{_RDF}RDF/{_RDF}Description"):
        simple = [(child.tag, child.text or "") for child in description if len(child) == 0]
        # rdf:about is how a description begins, not a property; every one may have it.
        named = [pair for pair in description.attrib.items() if not pair[0].startswith(_RDF)]
        for tag, text in [*named, *simple]:
            name = tag.rpartition("}")[2]
            twice = twice or name in found
            found.setdefault(name, text)
    return MappingProxyType(found), ("xmp-property-twice",) if twice else ()
