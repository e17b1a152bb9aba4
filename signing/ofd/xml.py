"""XML as OFD files hold it, read into small values: names, attributes, children, text.

UTF-8 only, no document type, no entity but the five of XML, no processing instruction, within
limits on depth, elements, attributes and bytes (docs/attacks.md O3). Order and prefixes do not
matter: elements are found by their local name, and only in a namespace of OFD. It does not know
which elements there are.
"""

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple
from xml.parsers import expat

from signing.errors import UnreadableDocumentError
from signing.ofd.package import OfdPackage, PackageLimits

# The second one is what older writers use; both mean the same elements.
OFD_NAMESPACE = "http://www.ofdspec.org/2016"
OFD_NAMESPACES = frozenset([OFD_NAMESPACE, "http://www.ofdspec.org"])
_MAX_ATTRIBUTES = 64
_SEPARATOR = " "  # stands in no local name, so the last one is ours
_NO_ATTRIBUTES: Mapping[str, str] = MappingProxyType({})
_DEFAULT_LIMITS = PackageLimits()


class XmlElement(NamedTuple):
    """An element: its local name, namespace, attributes without a namespace, children, text.

    ``text`` is the character data directly in it, joined. ``interrupted`` says that a comment or
    a CDATA section stands in it: readers differ in what they then take for its text.
    """

    name: str
    namespace: str
    attributes: Mapping[str, str] = _NO_ATTRIBUTES
    children: tuple["XmlElement", ...] = ()
    text: str = ""
    interrupted: bool = False

    @property
    def is_ofd(self) -> bool:
        """Whether the element is in a namespace of OFD."""
        return self.namespace in OFD_NAMESPACES

    def get(self, attribute: str) -> str | None:
        """Return an attribute, None if it is not there."""
        return self.attributes.get(attribute)

    def find(self, name: str) -> tuple["XmlElement", ...]:
        """Return the children of that local name that are in a namespace of OFD."""
        return tuple(c for c in self.children if c.name == name and c.is_ofd)

    def first(self, name: str) -> "XmlElement | None":
        """Return the first child of that local name in a namespace of OFD, None if none is."""
        return next((c for c in self.children if c.name == name and c.is_ofd), None)

    def text_of(self, name: str) -> str | None:
        """Return the text of the first such child without outer white space, None if none is."""
        child = self.first(name)
        return None if child is None else child.text.strip()

    def walk(self) -> Iterator["XmlElement"]:
        """Yield this element and all below it, in document order."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting.extend(reversed(element.children))


class _Open:
    """An element whose end has not been met."""

    __slots__ = ("attributes", "children", "interrupted", "pieces")

    def __init__(self, attributes: Mapping[str, str]) -> None:
        self.attributes = attributes
        self.children: list[XmlElement] = []
        self.pieces: list[str] = []
        self.interrupted = False

    def close(self, local: str, namespace: str) -> XmlElement:
        text = self.pieces[0] if len(self.pieces) == 1 else "".join(self.pieces)
        return XmlElement(
            local, namespace, self.attributes, tuple(self.children), text, self.interrupted
        )


class _Builder:
    """Builds the elements while expat reads; refuses what we do not read."""

    def __init__(self, limits: PackageLimits, max_elements: int) -> None:
        self._max_depth = limits.max_xml_depth
        self._open: list[_Open] = []
        self.left = max_elements
        # Local name and namespace of all elements, by the name that expat has for them.
        self.names: dict[str, tuple[str, str]] = {}
        self.root: XmlElement | None = None

    def parse(self, data: bytes) -> None:
        parser = expat.ParserCreate(encoding="UTF-8", namespace_separator=_SEPARATOR)
        parser.buffer_text = True
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._doctype
        parser.ProcessingInstructionHandler = self._instruction
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.CommentHandler = self._interrupt
        parser.StartCdataSectionHandler = self._interrupt
        parser.Parse(data, True)

    def _declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        del standalone
        if version != "1.0":
            raise UnreadableDocumentError("xml-version", version[:16])
        if encoding is not None and encoding.lower() not in ("utf-8", "utf8"):
            raise UnreadableDocumentError("xml-encoding", encoding[:32])

    def _doctype(self, *_: object) -> None:
        raise UnreadableDocumentError("xml-doctype")

    def _instruction(self, target: str, _: str) -> None:
        raise UnreadableDocumentError("xml-processing-instruction", target[:32])

    def _start(self, _: str, attributes: dict[str, str]) -> None:
        self.left -= 1
        if self.left < 0:
            raise UnreadableDocumentError("xml-too-many-elements")
        if len(self._open) >= self._max_depth:
            raise UnreadableDocumentError("xml-too-deep")
        if len(attributes) > _MAX_ATTRIBUTES:
            raise UnreadableDocumentError("xml-too-many-attributes", str(len(attributes)))
        if _SEPARATOR in "".join(attributes):
            attributes = {key: text for key, text in attributes.items() if _SEPARATOR not in key}
        self._open.append(_Open(MappingProxyType(attributes) if attributes else _NO_ATTRIBUTES))

    def _end(self, name: str) -> None:
        known = self.names.get(name)
        if known is None:
            namespace, _, local = name.rpartition(_SEPARATOR)
            known = self.names[name] = (local, namespace)
        element = self._open.pop().close(*known)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element

    def _text(self, text: str) -> None:
        self._open[-1].pieces.append(text)

    def _interrupt(self, *_: object) -> None:
        if self._open:
            self._open[-1].interrupted = True


def parse_xml(
    data: bytes, limits: PackageLimits = _DEFAULT_LIMITS, max_elements: int | None = None
) -> XmlElement:
    """Return the root element of an XML file.

    Args:
        data: the file, with or without a UTF-8 byte order mark.
        limits: of bytes, depth and elements.
        max_elements: how many elements it may have, if fewer than the limits say.

    Raises:
        UnreadableDocumentError: ``xml-…``, a code for each fault.

    Source: GB/T 33190-2016, 7.1 (XML 1.0, UTF-8).
    """
    allowed = limits.max_xml_elements if max_elements is None else max_elements
    return _parsed(data, limits, allowed)[0]


def _parsed(data: bytes, limits: PackageLimits, max_elements: int) -> tuple[XmlElement, _Builder]:
    """Return the root element of an XML file, and what built it."""
    if len(data) > limits.max_xml_bytes:
        raise UnreadableDocumentError("xml-too-large", f"{len(data)} bytes")
    if data[:2] in (b"\xfe\xff", b"\xff\xfe") or b"\0" in data:
        raise UnreadableDocumentError("xml-encoding", "UTF-16 or UTF-32")
    builder = _Builder(limits, max_elements)
    try:
        builder.parse(data)
    except expat.ExpatError as error:
        raise UnreadableDocumentError("xml-malformed", str(error)) from error
    if builder.root is None:
        raise UnreadableDocumentError("xml-malformed", "no element")
    return builder.root, builder


class XmlFiles:
    """The XML files of one package, each parsed once, all within one allowance.

    Many files of moderate size must not cost more than one large file may.
    """

    def __init__(self, package: OfdPackage, limits: PackageLimits) -> None:
        self.package = package
        self._limits = limits
        self._bytes_left = limits.max_xml_bytes
        self._elements_left = limits.max_xml_elements
        self._parsed: dict[str, XmlElement] = {}
        self._names: dict[str, Collection[tuple[str, str]]] = {}

    def __contains__(self, name: object) -> bool:
        return name in self._parsed

    def parse(self, name: str) -> XmlElement:
        """Return the root element of an entry.

        Raises:
            UnreadableDocumentError: ``package-no-such-entry`` or ``xml-…``.
        """
        known = self._parsed.get(name)
        if known is not None:
            return known
        self._bytes_left -= self.package.size(name)
        if self._bytes_left < 0:
            raise UnreadableDocumentError("xml-too-large", ascii(name[:64]))
        root, builder = _parsed(self.package.read(name), self._limits, self._elements_left)
        self._elements_left = builder.left
        self._names[name] = builder.names.values()
        self._parsed[name] = root
        return root

    def names_in(self, name: str) -> Collection[tuple[str, str]]:
        """Return local name and namespace of the elements of an entry that was parsed, each once.

        Raises:
            UnreadableDocumentError: as ``parse``.
        """
        self.parse(name)
        return self._names[name]
