"""Following the locations in the files of an OFD: what is there, what is missing, what is odd.

Every file that is found so decides what a reader shows, and is noted as needed. Which elements
hold locations is known in ``ofd.document``.
"""

from collections.abc import Iterable

from signing.errors import UnreadableDocumentError
from signing.ofd.locations import Location, Locations
from signing.ofd.values import Oddities
from signing.ofd.xml import OFD_NAMESPACES, XmlElement, XmlFiles

# Elements of structure: one of them in a foreign namespace is meant to be taken for ours.
STRUCTURAL = frozenset(
    [
        "DocBody",
        "DocInfo",
        "DocRoot",
        "Signatures",
        "Versions",
        "CustomData",
        "CommonData",
        "Pages",
        "Page",
        "TemplatePage",
        "PublicRes",
        "DocumentRes",
        "PageRes",
        "Annotations",
        "CustomTags",
        "Attachments",
        "Extensions",
        "FileLoc",
        "Template",
        "Content",
        "Layer",
    ]
)


class Following:
    """One document while it is followed from file to file."""

    def __init__(self, files: XmlFiles) -> None:
        self.files = files
        self.locations = Locations(files.package.names)
        self.oddities = Oddities()
        self.needed: set[str] = set()
        self._checked: set[str] = set()

    def parsed(self, path: str, root_name: str) -> XmlElement:
        """Return the root element of a structural file, having noted what must not be in it.

        Raises:
            UnreadableDocumentError: ``ofd-root-unknown`` or ``xml-…``.
        """
        self.needed.add(path)
        root = self.files.parse(path)
        if root.name != root_name or not root.is_ofd:
            raise UnreadableDocumentError("ofd-root-unknown", f"{root.name[:32]} in {path[:64]}")
        if path not in self._checked:
            self._checked.add(path)
            names = self.files.names_in(path)
            if any(name in STRUCTURAL and space not in OFD_NAMESPACES for name, space in names):
                self.oddities.problem("foreign-element")
        return root

    def is_new(self, path: str) -> bool:
        """Return whether a structural file has not been parsed here: each is followed once."""
        return path not in self._checked

    def shown(self, location: str | None, directory: str, what: str) -> str | None:
        """Return a page or template; a document that lacks one is not what its maker saw."""
        found = Location("", False) if location is None else self._locate(location, directory)
        if not found.exists:
            self.oddities.problem(f"{what}-missing")
            return None
        return found.path

    def file(self, location: str, directory: str, what: str = "file") -> str | None:
        """Return an entry that the document names. Genuine ones name files that are not there.

        Nobody can add it later unseen: it is then reachable, and no seal covers it.
        """
        found = self._locate(location, directory)
        if not found.exists:
            self.oddities.deviation(f"{what}-missing")
            return None
        return found.path

    def once(self, parent: XmlElement, names: Iterable[str]) -> None:
        """Note elements that may stand once and stand twice."""
        if any(len(parent.find(name)) > 1 for name in names):
            self.oddities.problem("element-twice")

    def _locate(self, location: str, directory: str) -> Location:
        found = self.locations.find(location, directory)
        for problem in found.problems:
            self.oddities.problem(problem)
        for deviation in found.deviations:
            self.oddities.deviation(deviation)
        if found.exists:
            self.needed.add(found.path)
        return found
