"""Judge whether an OFD document is the one that was sealed.

A seal is over its Signature.xml; that names the entries of the package with their SM3. So three
things must hold: the references, that they reach everything that is shown, and the digest of the
description itself. A license must be sealed as we seal: every entry covered by every seal as far
as it existed then. Of other makers' files it is told what their seals leave open.

Source: GB/T 33190-2016 18.2; GM/T 0099-2020 7.2; GB/T 38540-2020; docs/attacks.md O4, O5, O6.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from keys.sm3 import sm3
from verification.case import Case, SealCase
from verification.cms_profile import judge_cms_profile
from verification.evidence import OfdPlace, PackageFacts, ValueKind
from verification.findings import Finding, finding
from verification.seal_value import SealValue, encloses_base64, names_digest
from verification.value_kinds import SEAL

_SM3 = "sm3"
_MAX_SHOWN = 256
_NAMED = 3  # so many entries are named of those that are wrong in one way
_NO_PLACE = OfdPlace("", "", "", None, None, "", "", (), ())
_NO_PACKAGE = PackageFacts((), {})


def judge_ofd_seal(entry: SealCase) -> Iterator[Finding]:
    """Yield what is found about one seal's place in its package, each step apart."""
    place = entry.seal.ofd or _NO_PLACE
    for problem in entry.seal.problems:
        yield finding("seal-encoding-irregular", detail=problem)
    if entry.facts.problem is not None:
        yield finding("seal-not-in-document", detail=entry.facts.problem)
    yield from _judge_references(entry.case, place)
    if entry.case.is_license:
        yield from _judge_our_place(entry, place)
    yield from _judge_deviations(entry)
    if entry.value is None:
        yield _unreadable(entry)
        return
    yield from _judge_value(entry, place, entry.value)


def _unreadable(entry: SealCase) -> Finding:
    if entry.kind is ValueKind.BARE:
        return finding("signer-unnamed")
    if entry.kind is ValueKind.UNKNOWN and not entry.case.is_license:
        return finding("seal-form-unknown", detail=entry.problem)
    return finding("signature-malformed", detail=entry.problem)


def _judge_references(case: Case, place: OfdPlace) -> Iterator[Finding]:
    """Compare every reference with the entry it names."""
    if place.check_method != _SM3:
        yield finding("check-method-not-accepted", detail=place.check_method[:64])
        return
    package = case.evidence.document.package or _NO_PACKAGE
    names = frozenset(package.names)
    missing = [entry.path for entry in place.references if entry.path not in names]
    altered = [
        entry.path
        for entry in place.references
        if entry.path in names and package.digests.get(entry.path) != entry.check_value.hex()
    ]
    yield from (finding("reference-missing", field=path[:_MAX_SHOWN]) for path in missing[:_NAMED])
    yield from (finding("reference-altered", field=path) for path in altered[:_NAMED])
    if not place.references:
        yield finding("references-none")
    elif not missing and not altered:
        yield finding("references-hold", count=str(len(place.references)))


def _judge_value(entry: SealCase, place: OfdPlace, value: SealValue) -> Iterator[Finding]:
    """Compare what the value names with the description, its path and the seal file."""
    if value.cms is not None:
        yield from judge_cms_profile(value.cms)
    if entry.facts.digest and names_digest(value, entry.facts.digest):
        yield finding("description-unchanged")
    else:
        yield finding("description-altered")
    if value.ses is not None:
        yield from _judge_property(entry, place, value.ses.property_info)
        yield from _judge_seal_file(entry, place, value.ses.seal.der)


def _judge_property(entry: SealCase, place: OfdPlace, path: str) -> Iterator[Finding]:
    """Compare the protected path with where the description stands. Source: GB/T 38540-2020."""
    if path == place.path:
        yield finding("property-path-agrees")
    elif not entry.case.is_license and path and place.path.endswith(f"/{path.lstrip('./')}"):
        yield finding("vendor-deviation", detail="property-path-relative")
    else:
        yield finding("property-path-differs", detail=path[:128])


def _judge_seal_file(entry: SealCase, place: OfdPlace, seal: bytes) -> Iterator[Finding]:
    """Compare Seal.esl with the seal inside the value; others often leave the file out."""
    if place.seal_file is not None:
        agrees = place.seal_file == seal
        yield finding("seal-file-agrees" if agrees else "seal-file-differs")
    elif entry.case.is_license:
        yield finding("seal-file-missing")


def _judge_our_place(entry: SealCase, place: OfdPlace) -> Iterator[Finding]:
    """Check what a license's seal must be: a seal of GB/T 38540 over all that existed then."""
    if entry.kind is not ValueKind.SES or place.signature_type != SEAL:
        yield finding("seal-form-not-ours", detail=entry.kind.value)
    if not place.stamps:
        yield finding("seal-encoding-irregular", detail="stamp-missing")
    package = entry.case.evidence.document.package or _NO_PACKAGE
    wanted = frozenset(package.names) - _later(entry)
    covered = {reference.path for reference in place.references}
    uncovered = sorted(wanted - covered)
    yield from (finding("entry-uncovered", field=path) for path in uncovered[:_NAMED])
    if entry.is_last and entry.case.parsed.signatures_path not in covered:
        yield finding("last-seal-does-not-lock")


def _later(entry: SealCase) -> frozenset[str]:
    """Return what a seal cannot cover: its own description and value, and what came after it."""
    parsed = entry.case.parsed
    places = [seal.ofd or _NO_PLACE for seal in parsed.seals[entry.number :]]
    own, later = places[0], places[1:]
    found = {own.path, own.value_path, *_files(later)}
    if not entry.is_last and parsed.signatures_path is not None:
        found.add(parsed.signatures_path)
    return frozenset(found)


def _files(places: Iterable[OfdPlace]) -> Iterator[str]:
    for place in places:
        yield from (place.path, place.value_path)
        if place.seal_path is not None:
            yield place.seal_path


def _judge_deviations(entry: SealCase) -> Iterator[Finding]:
    value = entry.value
    found = [*entry.seal.deviations, *(value.deviations if value is not None else ())]
    if value is not None and encloses_base64(value, entry.facts.digest):
        found.append("digest-as-base64")
    code = "deviation-not-allowed" if entry.case.is_license else "vendor-deviation"
    yield from (finding(code, detail=deviation) for deviation in dict.fromkeys(found))


def judge_ofd_whole(case: Case) -> Iterator[Finding]:
    """Yield what is found about the seals taken together: what none of them covers."""
    code = "deviation-not-allowed" if case.is_license else "vendor-deviation"
    yield from (finding(code, detail=deviation) for deviation in case.parsed.deviations)
    package = case.evidence.document.package or _NO_PACKAGE
    if case.is_license and not _holds_claims(package, case.parsed.claims or b""):
        yield finding("seal-not-in-document", detail="claims-not-in-package")
    if case.is_license and not package.packed_as_ours:
        yield finding("deviation-not-allowed", detail="package-not-as-written")
    places = [seal.ofd or _NO_PLACE for seal in case.parsed.seals]
    covered = {reference.path for place in places for reference in place.references}
    needed = frozenset(case.parsed.reachable)
    uncovered = sorted(needed & frozenset(package.names) - covered)
    signature_files = {*_files(places), case.parsed.signatures_path}
    unreferenced = sorted(frozenset(package.names) - covered - needed - signature_files)
    if not uncovered and not unreferenced:
        yield finding("coverage-complete", count=str(len(needed)))
    if case.is_license:
        yield from (finding("entry-unreferenced", field=path) for path in unreferenced[:_NAMED])
        return
    yield from (finding("content-uncovered", field=path) for path in uncovered[:_NAMED])
    yield from (finding("entry-added", field=path) for path in unreferenced[:_NAMED])


def _holds_claims(package: PackageFacts, claims: bytes) -> bool:
    """Say whether an entry that is sealed has these bytes."""
    return sm3(claims).hex() in package.digests.values()
