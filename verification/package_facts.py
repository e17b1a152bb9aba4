"""Find over the entries of an OFD what its seals are over, whatever the parser process says.

The process that reads a hostile document may be in the hands of that document. So the package is
opened here again, entries are digested, and what the process says of a seal must stand in them:
its value and its seal file byte for byte, and, in a license, the references of Signature.xml in
their order. No XML is read here; a few patterns find what a license library writes.

Source: GB/T 33190-2016 18.2; docs/attacks.md F12, O4, O5.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable

from keys import sm3
from signing.ofd.package import OfdPackage, open_package
from verification.evidence import OfdPlace, PackageFacts, ParsedDocument, ParsedSeal, SealFacts
from verification.package_form import OFD_LIMITS, are_packed_as_ours
from verification.seal_value import needs_content, read_value

_REFERENCES = re.compile(
    rb"FileRef\s*=\s*[\"']([^\"']*)[\"']|CheckValue\s*>\s*([A-Za-z0-9+/=]{1,128})\s*<"
)
_MAX_DESCRIPTION_BYTES = 4 * 1024 * 1024


def package_facts(
    data: bytes, parsed: ParsedDocument
) -> tuple[PackageFacts, tuple[SealFacts, ...]]:
    """Return what the package holds and, for each seal, the SM3 of its description.

    Raises:
        UnreadableDocumentError: the package cannot be opened here; ``code`` says why.
    """
    package = open_package(data, OFD_LIMITS)
    is_license = parsed.claims is not None
    facts = tuple(_facts(package, seal, is_license) for seal in parsed.seals)
    named = {path for seal in parsed.seals for path in _spoken_of(seal)}
    digests = {name: _digest(package, name).hex() for name in package.names if name in named}
    packed = are_packed_as_ours(data, package.entries) if is_license else None
    return PackageFacts(package.names, digests, packed), facts


def _spoken_of(seal: ParsedSeal) -> Iterable[str]:
    return (entry.path for entry in seal.ofd.references) if seal.ofd is not None else ()


def _digest(package: OfdPackage, name: str) -> bytes:
    running = sm3.new()
    for piece in package.pieces(name):
        running.update(piece)
    return running.digest()


def _facts(package: OfdPackage, seal: ParsedSeal, is_license: bool) -> SealFacts:
    place = seal.ofd
    if place is None or place.path not in package:
        return SealFacts(b"", False, "description-missing")
    if package.size(place.path) > _MAX_DESCRIPTION_BYTES:
        return SealFacts(b"", False, "description-too-large")
    description = package.read(place.path)
    problem = _problem(package, seal, place)
    if problem is None and is_license and not _are_written(place, description):
        problem = "references-not-as-written"
    content = description if needs_content(read_value(seal)[0]) else None
    return SealFacts(sm3.sm3(description), True, problem, content)


def _problem(package: OfdPackage, seal: ParsedSeal, place: OfdPlace) -> str | None:
    """Return why what the parser process took for value and seal file does not stand there."""
    value = place.value_path
    if value not in package or not _is(package, value, seal.value):
        return "value-not-in-package"
    if place.seal_path is None or place.seal_file is None:
        return None
    there = place.seal_path in package and _is(package, place.seal_path, place.seal_file)
    return None if there else "seal-file-not-in-package"


def _is(package: OfdPackage, name: str, content: bytes) -> bool:
    return package.size(name) == len(content) and package.read(name) == content


def _are_written(place: OfdPlace, description: bytes) -> bool:
    """Say whether these references, in this order and no others, stand in the description."""
    written = [path or value for path, value in _REFERENCES.findall(description)]
    told: list[bytes] = []
    for reference in place.references:
        told += (reference.path.encode(), base64.b64encode(reference.check_value))
    return written == told
