"""The structure of the current version of an OFD document: what it consists of, by files.

It follows every location from OFD.xml on, so that ``reachable`` names each file that decides what
a reader shows: whoever can change one of them changes the document (docs/attacks.md O4). What
hangs on Signatures.xml is not among them. It looks at no signature and draws nothing.

Source: GB/T 33190-2016, 7.4 to 7.9, 15 to 20.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from signing.errors import UnreadableDocumentError
from signing.ofd.following import Following
from signing.ofd.locations import Locations, directory_of
from signing.ofd.package import OfdPackage, PackageLimits, open_package
from signing.ofd.resources import OfdResources, add_resources
from signing.ofd.values import Box, box, is_true
from signing.ofd.xml import XmlElement, XmlFiles

MAIN_NAME = "/OFD.xml"
_DEFAULT_LIMITS = PackageLimits()
_DEFAULT_PAGE: Box = (0.0, 0.0, 210.0, 297.0)  # millimetres: A4, as readers take it
_ENCRYPTION_NAMES = ("/Encryptions.xml", "/decryptseed.dat", "/entriesmap.dat")
# Elements of which a second one would give another document.
_ONCE_IN_BODY = ("DocInfo", "DocRoot", "Signatures", "Versions")
_ONCE_IN_DOCUMENT = (
    "CommonData",
    "Pages",
    "Annotations",
    "CustomTags",
    "Attachments",
    "Extensions",
)
MAX_PAGES = 1000


@dataclass(frozen=True, slots=True)
class OfdPageEntry:
    """A page: its number from 1, its id, its content's entry, its physical box in millimetres."""

    number: int
    id: str
    path: str
    box: Box


@dataclass(frozen=True, slots=True)
class OfdTemplate:
    """A template page: its id, its content's entry, and Background or Foreground."""

    id: str
    path: str
    z_order: str


@dataclass(frozen=True, slots=True)
class OfdAttachment:
    """An attached file: the name it is given, its format as written, its entry."""

    name: str
    format: str
    path: str
    visible: bool


@dataclass(frozen=True, slots=True)
class OfdDocument:
    """The current version of a document.

    ``annotations`` maps ids of pages to entries; ``tags`` are the files of the custom tags;
    ``metadata`` the CustomDatas, by name, the first of each. ``reachable`` are the entries that
    decide what it shows. ``problems`` and ``deviations`` are stable codes.
    """

    files: XmlFiles
    locations: Locations
    pages: tuple[OfdPageEntry, ...]
    templates: Mapping[str, OfdTemplate]
    resources: OfdResources
    annotations: Mapping[str, tuple[str, ...]]
    attachments: tuple[OfdAttachment, ...]
    tags: tuple[str, ...]
    metadata: Mapping[str, str]
    signatures_path: str | None
    reachable: frozenset[str]
    problems: tuple[str, ...]
    deviations: tuple[str, ...]

    @property
    def package(self) -> OfdPackage:
        """The package that the document is in."""
        return self.files.package


def open_document(data: bytes, limits: PackageLimits = _DEFAULT_LIMITS) -> OfdDocument:
    """Open a package and follow the current version of its document.

    Raises:
        UnreadableDocumentError: ``package-…``, ``xml-…``, or ``ofd-…`` where there is no document
            to be found.
    """
    package = open_package(data, limits)
    if MAIN_NAME not in package:
        raise UnreadableDocumentError("ofd-no-main-file")
    return _Opening(Following(XmlFiles(package, limits))).open()


@dataclass(slots=True)
class _Opening:
    """A document while it is opened; ``at`` follows its locations."""

    at: Following
    resources: OfdResources = field(default_factory=OfdResources)
    page_box: Box = _DEFAULT_PAGE

    def open(self) -> OfdDocument:
        body = self._body(self.at.parsed(MAIN_NAME, "OFD"))
        root_path = self.at.shown(body.text_of("DocRoot"), "/", "document")
        if root_path is None:
            raise UnreadableDocumentError("ofd-document-missing")
        root = self.at.parsed(root_path, "Document")
        self._versions(body, root_path)
        directory = directory_of(root_path)
        self.at.once(root, _ONCE_IN_DOCUMENT)
        common = root.first("CommonData") or XmlElement("CommonData", root.namespace)
        self._common_resources(common, directory)
        templates = self._templates(common, directory)
        pages = self._pages(root.first("Pages"), directory)
        self._extensions(root, directory)
        return OfdDocument(
            files=self.at.files,
            locations=self.at.locations,
            pages=pages,
            templates=MappingProxyType(templates),
            resources=self.resources,
            annotations=MappingProxyType(self._annotations(root, directory, pages)),
            attachments=self._attachments(root, directory),
            tags=self._tags(root, directory),
            metadata=self._metadata(body),
            signatures_path=self._signatures_path(body),
            reachable=frozenset(self.at.needed),
            problems=self.at.oddities.problems,
            deviations=self.at.oddities.deviations,
        )

    # -- OFD.xml ----------------------------------------------------------------------------

    def _body(self, main: XmlElement) -> XmlElement:
        bodies = main.find("DocBody")
        if not bodies:
            raise UnreadableDocumentError("ofd-no-document")
        if len(bodies) > 1:
            self.at.oddities.problem("several-documents")
        if main.get("DocType") not in ("OFD", "OFD-A"):
            self.at.oddities.deviation("document-type-unknown")
        if any(name in self.at.files.package for name in _ENCRYPTION_NAMES):
            self.at.oddities.problem("encrypted")
        self.at.once(bodies[0], _ONCE_IN_BODY)
        return bodies[0]

    def _versions(self, body: XmlElement, root_path: str) -> None:
        """Accept a list of one version that names the same document; all else is a problem.

        Source: GB/T 33190-2016, 19 (versions).
        """
        lists = body.find("Versions")
        versions = [version for each in lists for version in each.find("Version")]
        if not versions:
            return
        path = self.at.shown(versions[0].get("BaseLoc"), "/", "version")
        if len(versions) > 1 or path is None:
            self.at.oddities.problem("several-versions")
            return
        root = self.at.parsed(path, "DocVersion").text_of("DocRoot")
        if root is None or self.at.locations.find(root, directory_of(path)).path != root_path:
            self.at.oddities.problem("version-of-another-document")
        self.at.oddities.deviation("version-list")

    def _metadata(self, body: XmlElement) -> Mapping[str, str]:
        found: dict[str, str] = {}
        info = body.first("DocInfo")
        for group in () if info is None else info.find("CustomDatas"):
            for data in group.find("CustomData"):
                name = data.get("Name") or ""
                if name in found:
                    self.at.oddities.problem("metadata-twice")
                if data.children or data.interrupted:
                    self.at.oddities.problem("metadata-not-text")
                found.setdefault(name, data.text)
        cover = None if info is None else info.text_of("Cover")
        if cover:
            self.at.file(cover, "/")
        return MappingProxyType(found)

    def _signatures_path(self, body: XmlElement) -> str | None:
        """Return where the list of signatures is; it is not needed to show the document."""
        location = body.text_of("Signatures")
        if location is None:
            return None
        found = self.at.locations.find(location, "/")
        for problem in found.problems:
            self.at.oddities.problem(problem)
        if not found.exists:
            self.at.oddities.problem("signatures-missing")
            return None
        return found.path

    # -- Document.xml -----------------------------------------------------------------------

    def _common_resources(self, common: XmlElement, directory: str) -> None:
        area = common.first("PageArea")
        self.page_box = self._physical_box(area) or _DEFAULT_PAGE
        for name in ("PublicRes", "DocumentRes"):
            for element in common.find(name):
                self._resource_file(element.text, directory)

    def _resource_file(self, location: str, directory: str) -> None:
        path = self.at.file(location, directory, "resources")
        if path is not None and self.at.is_new(path):
            root = self.at.parsed(path, "Res")
            add_resources(self.resources, root, path, self.at.file, self.at.oddities)

    def _physical_box(self, area: XmlElement | None) -> Box | None:
        text = None if area is None else area.text_of("PhysicalBox")
        found = box(text)
        if text is not None and (found is None or not found[2] or not found[3]):
            self.at.oddities.problem("page-size-invalid")
            return None
        return found

    def _templates(self, common: XmlElement, directory: str) -> dict[str, OfdTemplate]:
        templates: dict[str, OfdTemplate] = {}
        for element in common.find("TemplatePage"):
            identifier = (element.get("ID") or "").strip()
            path = self.at.shown(element.get("BaseLoc"), directory, "template")
            if path is None:
                continue
            if identifier in templates:
                self.at.oddities.problem("template-id-twice")
                continue
            self._page_content(path)
            z_order = element.get("ZOrder") or "Background"
            templates[identifier] = OfdTemplate(identifier, path, z_order)
        return templates

    def _pages(self, pages: XmlElement | None, directory: str) -> tuple[OfdPageEntry, ...]:
        found: dict[str, OfdPageEntry] = {}
        elements = () if pages is None else pages.find("Page")
        if len(elements) > MAX_PAGES:
            raise UnreadableDocumentError("ofd-too-many-pages", str(len(elements)))
        for element in elements:
            identifier = (element.get("ID") or "").strip()
            path = self.at.shown(element.get("BaseLoc"), directory, "page")
            if path is None:
                continue
            if identifier in found:
                self.at.oddities.problem("page-id-twice")
                continue
            content = self._page_content(path)
            size = self._physical_box(content.first("Area")) or self.page_box
            found[identifier] = OfdPageEntry(len(found) + 1, identifier, path, size)
        if not found:
            raise UnreadableDocumentError("ofd-no-page")
        return tuple(found.values())

    def _page_content(self, path: str) -> XmlElement:
        """Return a page's or template's content, having followed the resources of its own."""
        is_new = self.at.is_new(path)
        content = self.at.parsed(path, "Page")
        for element in content.find("PageRes") if is_new else ():
            self._resource_file(element.text, directory_of(path))
        return content

    # -- what stands beside the pages ---------------------------------------------------------

    def _annotations(
        self, root: XmlElement, directory: str, pages: tuple[OfdPageEntry, ...]
    ) -> dict[str, tuple[str, ...]]:
        found: dict[str, dict[str, None]] = {page.id: {} for page in pages}
        path = self._list_file(root, "Annotations", directory)
        for element in self.at.parsed(path, "Annotations").find("Page") if path else ():
            page = (element.get("PageID") or "").strip()
            if page not in found:
                self.at.oddities.deviation("annotation-of-no-page")
            for location in element.find("FileLoc"):
                file = self.at.file(location.text, directory_of(path or "/"), "annotation")
                if file is not None:
                    self.at.parsed(file, "PageAnnot")
                    found.setdefault(page, {})[file] = None
        return {page: tuple(files) for page, files in found.items() if files}

    def _list_file(self, root: XmlElement, name: str, directory: str) -> str | None:
        location = root.text_of(name)
        return self.at.file(location, directory, name.lower()) if location else None

    def _attachments(self, root: XmlElement, directory: str) -> tuple[OfdAttachment, ...]:
        found = []
        path = self._list_file(root, "Attachments", directory)
        for element in self.at.parsed(path, "Attachments").find("Attachment") if path else ():
            location = element.text_of("FileLoc")
            file = self.at.file(location, directory_of(path or "/")) if location else None
            if file is not None:
                found.append(
                    OfdAttachment(
                        name=element.get("Name") or "",
                        format=element.get("Format") or "",
                        path=file,
                        visible=is_true(element.get("Visible"), "true"),
                    )
                )
        return tuple(found)

    def _tags(self, root: XmlElement, directory: str) -> tuple[str, ...]:
        found: dict[str, None] = {}
        path = self._list_file(root, "CustomTags", directory)
        for element in self.at.parsed(path, "CustomTags").find("CustomTag") if path else ():
            schema, location = element.text_of("SchemaLoc"), element.text_of("FileLoc")
            if schema:
                self.at.file(schema, directory_of(path or "/"))
            file = self.at.file(location, directory_of(path or "/")) if location else None
            if file is not None:
                found[file] = None
        return tuple(found)

    def _extensions(self, root: XmlElement, directory: str) -> None:
        """Follow the extensions: nobody knows what a reader makes of them, so they count."""
        path = self._list_file(root, "Extensions", directory)
        for element in self.at.parsed(path, "Extensions").walk() if path else ():
            if element.name in ("ExtendData", "FileLoc") and element.is_ofd and element.text:
                self.at.file(element.text, directory_of(path or "/"))
