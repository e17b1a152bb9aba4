"""The signatures of an OFD document as its files describe them: the list and each description.

Everything odd about a description is a stable code: a problem where two readers could take it
for two things, or where it promises less than it seems to; a deviation where another writer only
has habits of its own. No digest is computed here and no signature verified.

Source: GB/T 33190-2016, 18 (signatures); GM/T 0099-2020.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from signing.errors import UnreadableDocumentError
from signing.ofd.document import OfdDocument
from signing.ofd.locations import Location, directory_of
from signing.ofd.references import OfdReference, read_references
from signing.ofd.stamps import OfdStamp, read_stamps
from signing.ofd.values import Oddities
from signing.ofd.xml import XmlElement

MAX_SIGNATURES = 32
SM2_WITH_SM3 = "1.2.156.10197.1.501"
_NAMED_METHODS = ("sm3withsm2", "sm2withsm3", "sm2-with-sm3", "sm3-with-sm2")
_BEIJING = timezone(timedelta(hours=8))
_INSTANT = re.compile(
    r"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})(?:[ T])?([0-9]{2})(:?)([0-9]{2})\6([0-9]{2})"
    r"(?:\.[0-9]{1,9})?(Z?)"
)
# What may stand in what. Anything else is a problem: refuse what you do not understand.
_KNOWN = {
    "Signature": ("SignedInfo", "SignedValue"),
    "SignedInfo": (
        "Provider",
        "SignatureMethod",
        "SignatureDateTime",
        "References",
        "StampAnnot",
        "Seal",
        "Parameters",
    ),
    "References": ("Reference",),
    "Reference": ("CheckValue",),
    "Seal": ("BaseLoc",),
    "Parameters": ("Parameter",),
}
_TEXTS = frozenset(["SignedValue", "SignatureMethod", "SignatureDateTime", "CheckValue", "BaseLoc"])
_ONCE = {
    "SignedInfo": "signed-info",
    "SignedValue": "signed-value",
    "Provider": "provider",
    "SignatureMethod": "signature-method",
    "SignatureDateTime": "date",
    "References": "references",
    "Seal": "seal",
    "BaseLoc": "seal-location",
    "CheckValue": "check-value",
}


@dataclass(frozen=True, slots=True)
class OfdSeal:
    """A signature of a document, of type Seal or Sign, as described; nothing of it is verified.

    ``path`` is the entry of its Signature.xml, ``value_path`` of its value, empty if there is
    none. ``seal_path`` and ``seal_file`` are the Seal.esl beside it. ``check_method`` is ``sm3``,
    or as written. ``references`` are in the order written; an entry may not exist (a problem).
    ``claimed_at`` is what the description says, UTC.
    """

    signature_id: str
    kind: str
    path: str
    value_path: str
    value: bytes
    seal_path: str | None
    seal_file: bytes | None
    check_method: str
    signature_method: str
    claimed_at: datetime | None
    provider: str
    references: tuple[OfdReference, ...]
    stamps: tuple[OfdStamp, ...]
    problems: tuple[str, ...]
    deviations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SignatureList:
    """The signatures in the order of the list, and what was odd about the list itself."""

    seals: tuple[OfdSeal, ...]
    problems: tuple[str, ...]
    deviations: tuple[str, ...]


def read_signatures(document: OfdDocument) -> SignatureList:
    """Return the signatures of a document.

    Raises:
        UnreadableDocumentError: ``ofd-root-unknown``, ``ofd-too-many-signatures``, ``xml-…``.
    """
    if document.signatures_path is None:
        return SignatureList((), (), ())
    root = _root(document, document.signatures_path, "Signatures")
    oddities = Oddities()
    listed = root.find("Signature")
    if len(listed) > MAX_SIGNATURES:
        raise UnreadableDocumentError("ofd-too-many-signatures", str(len(listed)))
    if any(child.name == "Signature" and not child.is_ofd for child in root.children):
        oddities.problem("foreign-element")
    _check_numbering(root, listed, oddities)
    seals: list[OfdSeal] = []
    for element in listed:
        location = _locate(document, element.get("BaseLoc"), document.signatures_path, oddities)
        if location is None or not location.exists:
            oddities.problem("signature-missing")
        elif any(location.path == seal.path for seal in seals):
            oddities.problem("signature-path-twice")
        else:
            seals.append(_Description(document, element, location.path).read())
    _check_shared_values(seals, oddities)
    return SignatureList(tuple(seals), oddities.problems, oddities.deviations)


def _root(document: OfdDocument, path: str, name: str) -> XmlElement:
    root = document.files.parse(path)
    if root.name != name or not root.is_ofd:
        raise UnreadableDocumentError("ofd-root-unknown", f"{root.name[:32]} in {path[:64]}")
    return root


def _check_numbering(root: XmlElement, listed: Sequence[XmlElement], oddities: Oddities) -> None:
    """Check the ids. MaxSignId is bookkeeping of the writer: odd ones are met and harmless."""
    identifiers = [(element.get("ID") or "").strip() for element in listed]
    if "" in identifiers:
        oddities.problem("signature-without-id")
    if len(set(identifiers)) < len(identifiers):
        oddities.problem("signature-id-twice")
    if len(root.find("MaxSignId")) > 1:
        oddities.problem("max-sign-id-twice")
    highest = root.text_of("MaxSignId") or ""
    numbers = [int(text) for text in identifiers if text.isascii() and text.isdigit()]
    is_number = highest.isascii() and highest.isdigit() and len(highest) < 10
    if not is_number or (numbers and int(highest) < max(numbers)):
        oddities.deviation("max-sign-id-odd")


def _check_shared_values(seals: Sequence[OfdSeal], oddities: Oddities) -> None:
    paths = [seal.value_path for seal in seals if seal.value_path]
    if len(set(paths)) < len(paths):
        oddities.problem("signed-value-shared")


def _locate(
    document: OfdDocument, location: str | None, path: str, oddities: Oddities
) -> Location | None:
    if location is None or not location.strip():
        return None
    found = document.locations.find(location, directory_of(path))
    for problem in found.problems:
        oddities.problem(problem)
    for deviation in found.deviations:
        oddities.deviation(deviation)
    return found


class _Description:
    """A Signature.xml while it is read."""

    def __init__(self, document: OfdDocument, listed: XmlElement, path: str) -> None:
        self._document = document
        self._listed = listed
        self._path = path
        self._oddities = Oddities()

    def read(self) -> OfdSeal:
        root = _root(self._document, self._path, "Signature")
        self._check_shape(root)
        info = root.first("SignedInfo")
        if info is None:
            self._oddities.problem("signed-info-missing")
            info = XmlElement("SignedInfo", root.namespace)
        kind = self._kind()
        value_path = self._file(root.text_of("SignedValue"), "signed-value") or ""
        seal_path = self._seal_path(info, kind)
        package = self._document.package
        own = (self._path, value_path)
        method, references = read_references(info, self._document, own, self._oddities)
        return OfdSeal(
            signature_id=(self._listed.get("ID") or "").strip(),
            kind=kind,
            path=self._path,
            value_path=value_path,
            value=package.read(value_path) if value_path else b"",
            seal_path=seal_path,
            seal_file=package.read(seal_path) if seal_path else None,
            check_method=method,
            signature_method=self._signature_method(info),
            claimed_at=self._claimed_at(info),
            provider=self._provider(info),
            references=references,
            stamps=read_stamps(info, kind, self._document.pages, self._oddities),
            problems=self._oddities.problems,
            deviations=self._oddities.deviations,
        )

    def _check_shape(self, root: XmlElement) -> None:
        """Check that every element is where it belongs, once, and that texts are only text."""
        for element in root.walk():
            is_text = element.name in _TEXTS
            for child in element.children:
                if not child.is_ofd:
                    self._oddities.problem("foreign-element")
                elif child.name not in _KNOWN.get(element.name, ()):
                    self._oddities.problem("element-in-text" if is_text else "element-unknown")
            counted = Counter(child.name for child in element.children)
            for name in (name for name, count in counted.items() if count > 1 and name in _ONCE):
                self._oddities.problem(f"{_ONCE[name]}-twice")
            if is_text and element.interrupted:
                self._oddities.problem("comment-in-text")
            if element.name in _KNOWN and element.text.strip():
                self._oddities.problem("text-between-elements")

    def _kind(self) -> str:
        """Return the type; it is Seal where the list does not say.

        Source: GB/T 33190-2016, 18.1.
        """
        kind = (self._listed.get("Type") or "Seal").strip()
        if kind not in ("Seal", "Sign"):
            self._oddities.problem("signature-type-unknown")
            return "Seal"
        return kind

    def _file(self, location: str | None, what: str) -> str | None:
        found = _locate(self._document, location, self._path, self._oddities)
        if found is None or not found.exists:
            self._oddities.problem(f"{what}-missing")
            return None
        return found.path

    def _seal_path(self, info: XmlElement, kind: str) -> str | None:
        seal = info.first("Seal")
        if seal is None:
            if kind == "Seal":
                self._oddities.deviation("seal-file-not-named")
            return None
        if kind == "Sign":
            self._oddities.problem("seal-in-sign")
        return self._file(seal.text_of("BaseLoc"), "seal-file")

    def _signature_method(self, info: XmlElement) -> str:
        method = info.text_of("SignatureMethod")
        if method is None:
            self._oddities.deviation("signature-method-missing")
        elif method.lower() in _NAMED_METHODS:
            self._oddities.deviation("signature-method-named")
            return SM2_WITH_SM3
        elif method != SM2_WITH_SM3:
            self._oddities.problem("signature-method-unknown")
        return method or ""

    def _claimed_at(self, info: XmlElement) -> datetime | None:
        """Return the time of the description; writers that name no zone mean their own, +08:00."""
        text = info.text_of("SignatureDateTime")
        if text is None:
            return None
        found = _INSTANT.fullmatch(text)
        if found is None:
            self._oddities.problem("date-invalid")
            return None
        year, month, day, hour, minute, second = (int(found[n]) for n in (1, 3, 4, 5, 7, 8))
        zone = UTC if found[9] else _BEIJING
        try:
            local = datetime(year, month, day, hour, minute, second, tzinfo=zone)
            instant = local.astimezone(UTC)
        except (ValueError, OverflowError):
            self._oddities.problem("date-invalid")
            return None
        if zone is _BEIJING:
            self._oddities.deviation("date-without-zone")
        return instant

    def _provider(self, info: XmlElement) -> str:
        provider = info.first("Provider")
        if provider is None:
            self._oddities.deviation("provider-missing")
            return ""
        named = (provider.get(name) for name in ("ProviderName", "Company", "Version"))
        return " ".join(part.strip() for part in named if part)
