"""The trust list (信任名单): whom and what a region stands for, signed by m of n root keys.

Authorities with whose seals speak for them, trust anchors, CAs below, seal makers, the library's
own keys; each with its history, so that what was sealed before a key was replaced stays good.
Revocation lists are not in it: they change daily, this seldom. The reader checks form and
limits; whether the list is believed, and what follows from it, is decided elsewhere
(``license_vault.trust``, ``verification.source_trust_list``).

    SignedTrustList ::= Signed              -- see root_signatures
    TBSTrustList    ::= SEQUENCE {
        what         UTF8String ("license-vault/trust-list/1"),
        region       UTF8String,            -- GB/T 2260, 6 digits
        sequence     INTEGER,               -- from 1, grows by each list
        issuedAt     GeneralizedTime,
        nextUpdate   GeneralizedTime,
        rootVersion  INTEGER,               -- whose keys sign, and
        rootDigest   OCTET STRING (SIZE (32)),  -- SM3 of that root's tbs: so that the letter's
                                            -- fingerprint speaks for the keys too
        serviceUrls  SEQUENCE OF UTF8String,
        entries      SEQUENCE OF Entry }
    Entry           ::= SEQUENCE {
        kind         UTF8String,            -- authority, anchor, intermediate, seal-maker, system
        name         UTF8String,
        code         UTF8String,            -- USCC of an authority, else empty
        certificate  OCTET STRING,          -- DER; of an authority empty
        purposes     SEQUENCE OF UTF8String,   -- of an anchor: seal, timestamp, status
        region       UTF8String,
        sealOwners   SEQUENCE OF UTF8String,   -- of an authority: USCCs
        nationalRoot OCTET STRING,          -- SM3 of the root it chains to; or empty
        history      SEQUENCE OF SEQUENCE { status UTF8String, since GeneralizedTime,
                                            reason UTF8String } }

Source: our own form, in DER (X.690); the idea of history is that of ETSI TS 119 612, 5.5 and 5.6.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TypeVar

from keys.sm3 import sm3
from signing import der
from signing.der import DerReader
from signing.errors import MalformedDerError, MalformedTrustListError
from signing.root_signatures import (
    RootSignature,
    assemble,
    count_holding,
    read_signed,
    read_text,
    write_text,
)
from signing.trust_bundle import PURPOSES
from signing.trust_root import MAX_NUMBER, REGION, TrustRoot

__all__ = [
    "RootSignature",
    "Standing",
    "TrustList",
    "TrustListContent",
    "TrustedEntry",
    "assemble",
    "build_tbs",
    "read_tbs",
    "read_trust_list",
    "signatures_holding",
]
WHAT = "license-vault/trust-list/1"
AUTHORITY, ANCHOR, INTERMEDIATE = "authority", "anchor", "intermediate"
SEAL_MAKER, SYSTEM = "seal-maker", "system"
KINDS = (AUTHORITY, ANCHOR, INTERMEDIATE, SEAL_MAKER, SYSTEM)
TRUSTED, WITHDRAWN = "trusted", "withdrawn"
# Why an entry was withdrawn. After "key-compromised" only a proven time before it helps.
KEY_COMPROMISED = "key-compromised"
REASONS = ("key-replaced", KEY_COMPROMISED, "ceased", "grant-withdrawn", "unspecified")
MAX_LIST_BYTES = 16 * 1024 * 1024
MAX_ENTRIES = 20_000
MAX_SERVICE_URLS = 8
_MAX_HISTORY = 64
_MAX_OWNERS = 256
_MAX_CERTIFICATE = 64 * 1024
_DIGEST_BYTES = 32

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with an entry from an instant (aware UTC) on; a reason where withdrawn."""

    status: str
    since: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TrustedEntry:
    """One that a region stands for, or stood for. The history begins with "trusted"."""

    kind: str
    name: str
    code: str
    certificate: bytes
    purposes: tuple[str, ...]
    region: str
    seal_owners: tuple[str, ...]
    history: tuple[Standing, ...]
    national_root: bytes = b""

    @property
    def is_trusted(self) -> bool:
        """Whether it is stood for as of the list."""
        return self.history[-1].status == TRUSTED


@dataclass(frozen=True, slots=True)
class TrustListContent:
    """What a list says. Instants aware UTC, whole seconds; the addresses are the region's own.

    ``root_sm3`` is SM3 of the tbs of the root of that version, 32 bytes.
    """

    region: str
    sequence: int
    issued_at: datetime
    next_update: datetime
    root_version: int
    root_sm3: bytes
    entries: tuple[TrustedEntry, ...]
    service_urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrustList:
    """A list as read; the signatures are over ``tbs``, the bytes as received."""

    der: bytes
    tbs: bytes
    content: TrustListContent
    signatures: tuple[RootSignature, ...]

    @property
    def sm3(self) -> bytes:
        """SM3 of what is signed, 32 bytes: the fingerprint that the official letter (函) prints."""
        return sm3(self.tbs)

    @property
    def region(self) -> str:
        """Whose list it is."""
        return self.content.region

    @property
    def sequence(self) -> int:
        """Which one, from 1."""
        return self.content.sequence

    def entries_of(self, kind: str) -> tuple[TrustedEntry, ...]:
        """Return the entries of a kind, withdrawn ones too, in the list's order."""
        return tuple(entry for entry in self.content.entries if entry.kind == kind)


def build_tbs(content: TrustListContent) -> bytes:
    """Return what the holders of root keys sign.

    Raises:
        MalformedTrustListError: it is no list in our form; ``code`` says why.
    """
    _check(content)
    tbs = der.sequence(
        write_text(WHAT),
        write_text(content.region),
        der.integer(content.sequence),
        der.generalized_time(content.issued_at),
        der.generalized_time(content.next_update),
        der.integer(content.root_version),
        der.tlv(der.OCTET_STRING, content.root_sm3),
        _texts(content.service_urls),
        der.sequence(*map(_write_entry, content.entries)),
    )
    if len(tbs) > MAX_LIST_BYTES // 2:
        raise MalformedTrustListError("trust-list-too-large")
    return tbs


def _texts(texts: tuple[str, ...]) -> bytes:
    return der.sequence(*map(write_text, texts))


def _write_entry(entry: TrustedEntry) -> bytes:
    return der.sequence(
        write_text(entry.kind),
        write_text(entry.name),
        write_text(entry.code),
        der.tlv(der.OCTET_STRING, entry.certificate),
        _texts(entry.purposes),
        write_text(entry.region),
        _texts(entry.seal_owners),
        der.tlv(der.OCTET_STRING, entry.national_root),
        der.sequence(
            *(
                der.sequence(
                    write_text(at.status), der.generalized_time(at.since), write_text(at.reason)
                )
                for at in entry.history
            )
        ),
    )


def read_trust_list(data: bytes) -> TrustList:
    """Return a signed list as it stands; whether enough have signed is another question.

    Raises:
        MalformedTrustListError: it is not one in our form, or over a limit.
    """
    if len(data) > MAX_LIST_BYTES:
        raise MalformedTrustListError("trust-list-too-large")
    try:
        tbs, signatures = read_signed(data, "trust list")
    except MalformedDerError as error:
        raise MalformedTrustListError(f"trust-list-{error.code}", error.where) from error
    return TrustList(data, tbs, read_tbs(tbs), signatures)


def read_tbs(tbs: bytes) -> TrustListContent:
    """Return the content of a list that is still to be signed. Raises MalformedTrustListError."""
    try:
        return _read_tbs(tbs)
    except MalformedDerError as error:
        raise MalformedTrustListError(f"trust-list-{error.code}", error.where) from error


def _read_tbs(tbs: bytes) -> TrustListContent:
    outer = DerReader(tbs)
    inner = outer.enter(der.SEQUENCE, "tbs")
    outer.finish("tbs")
    if read_text(inner, "what") != WHAT:
        raise MalformedTrustListError("trust-list-version")
    region, sequence = read_text(inner, "region"), inner.integer("sequence")
    issued_at, next_update = inner.instant("issued at"), inner.instant("next update")
    root_version = inner.integer("root version")
    root_sm3 = inner.contents(der.OCTET_STRING, "root digest")
    urls = _read_texts(inner, "service urls", MAX_SERVICE_URLS)
    entries = _read_all(inner.enter(der.SEQUENCE, "entries"), MAX_ENTRIES, _read_entry)
    inner.finish("tbs")
    content = TrustListContent(
        region, sequence, issued_at, next_update, root_version, root_sm3, entries, urls
    )
    _check(content)
    return content


def _read_all(
    reader: DerReader, most: int, read: Callable[[DerReader], _Item]
) -> tuple[_Item, ...]:
    found: list[_Item] = []
    while not reader.at_end:
        if len(found) >= most:
            raise MalformedTrustListError("trust-list-too-many")
        found.append(read(reader))
    return tuple(found)


def _read_texts(reader: DerReader, where: str, most: int) -> tuple[str, ...]:
    inner = reader.enter(der.SEQUENCE, where)
    return _read_all(inner, most, lambda texts: read_text(texts, where))


def _read_entry(entries: DerReader) -> TrustedEntry:
    reader = entries.enter(der.SEQUENCE, "entry")
    kind, name, code = (read_text(reader, where) for where in ("kind", "name", "code"))
    certificate = reader.contents(der.OCTET_STRING, "certificate")
    purposes = _read_texts(reader, "purposes", len(PURPOSES))
    region = read_text(reader, "region")
    owners = _read_texts(reader, "seal owners", _MAX_OWNERS)
    national_root = reader.contents(der.OCTET_STRING, "national root")
    history = _read_all(reader.enter(der.SEQUENCE, "history"), _MAX_HISTORY, _read_standing)
    reader.finish("entry")
    return TrustedEntry(
        kind, name, code, certificate, purposes, region, owners, history, national_root
    )


def _read_standing(history: DerReader) -> Standing:
    reader = history.enter(der.SEQUENCE, "standing")
    standing = Standing(
        read_text(reader, "status"), reader.instant("since"), read_text(reader, "reason")
    )
    reader.finish("standing")
    return standing


def _check(content: TrustListContent) -> None:
    if not REGION.fullmatch(content.region):
        raise MalformedTrustListError("trust-region", content.region[:20])
    numbers = (content.sequence, content.root_version)
    if not all(0 < number <= MAX_NUMBER for number in numbers):
        raise MalformedTrustListError("trust-list-out-of-range")
    if content.next_update <= content.issued_at or len(content.root_sm3) != _DIGEST_BYTES:
        raise MalformedTrustListError("trust-list-out-of-range", "next update or root digest")
    if len(content.entries) > MAX_ENTRIES or len(content.service_urls) > MAX_SERVICE_URLS:
        raise MalformedTrustListError("trust-list-too-many")
    # Each address is asked for by machines: a scheme, no user, no query, nothing after it.
    if not all(_is_address(url) for url in content.service_urls):
        raise MalformedTrustListError("trust-list-service-url")
    for number, entry in enumerate(content.entries):
        problem = _problem_of(entry, content.region)
        if problem:
            raise MalformedTrustListError(f"trust-list-entry-{problem}", str(number))


def _is_address(url: str) -> bool:
    scheme, mark, rest = url.partition("://")
    return bool(mark and rest) and scheme in ("https", "http") and not set(rest) & set("@?# \\")


def _problem_of(entry: TrustedEntry, region: str) -> str:
    """Return what is wrong with an entry's form, nothing if all is well."""
    if entry.kind not in KINDS:
        return "kind"
    is_authority = entry.kind == AUTHORITY
    if is_authority != bool(entry.code) or is_authority == bool(entry.certificate):
        return "form"
    if len(entry.certificate) > _MAX_CERTIFICATE:
        return "certificate"
    if len(entry.national_root) not in (0, _DIGEST_BYTES):
        return "national-root"
    if (entry.kind == ANCHOR) != bool(entry.purposes) or set(entry.purposes) - set(PURPOSES):
        return "purposes"
    # A region stands for its own only: an entry of another would be a claim about others.
    if not REGION.fullmatch(entry.region) or not _lies_in(entry.region, region):
        return "region"
    if (bool(entry.seal_owners) and not is_authority) or len(entry.seal_owners) > _MAX_OWNERS:
        return "seal-owners"
    return _problem_of_history(entry.history)


def _lies_in(region: str, whole: str) -> bool:
    """Say whether two codes of GB/T 2260 are of one province: 310101 and 310000."""
    return region[:2] == whole[:2]


def _problem_of_history(history: tuple[Standing, ...]) -> str:
    statuses = [standing.status for standing in history]
    if not 0 < len(history) <= _MAX_HISTORY or statuses[0] != TRUSTED:
        return "history"
    alternating = all(left != right for left, right in pairwise(statuses))
    ascending = all(left.since <= right.since for left, right in pairwise(history))
    reasoned = all(
        standing.reason in REASONS
        if standing.status == WITHDRAWN
        else standing.status == TRUSTED and not standing.reason
        for standing in history
    )
    return "" if alternating and ascending and reasoned else "history"


def signatures_holding(trust_list: TrustList, root: TrustRoot) -> int:
    """Return by how many different keys of a root the list is signed, signatures that hold."""
    points = (key.public_point for key in root.keys)
    return count_holding(trust_list.tbs, trust_list.signatures, points)
