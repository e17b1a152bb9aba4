"""The trust bundle: everything an offline verifier needs, in one JSON file.

Anchors with what each is trusted for, intermediates, revocation lists, the authorities and which
seals are theirs, the signers a region stands for by name (its seal makers, its own license
library), signed status lists. The bundle itself is not signed: whoever hands it over (a
region's own HTTPS address, a USB stick from its operator) vouches for it, as with any set of
anchors; lists and certificates in it carry their own signatures. Reading checks form and limits.
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeVar

from signing.errors import MalformedTrustBundleError

SCHEMA = "license-vault/trust-bundle/1"
PURPOSES = ("seal", "timestamp", "status")
SEAL_MAKER, SYSTEM = "seal-maker", "system"
ROLES = (SEAL_MAKER, SYSTEM)
MAX_BUNDLE_BYTES = 64 * 1024 * 1024
_MAX_ENTRIES = 10_000
_MAX_ITEM_BYTES = 8 * 1024 * 1024
_MAX_TEXT = 512

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class TrustAnchor:
    """A certificate (DER) that is trusted, and for what: seal, timestamp, status."""

    purposes: tuple[str, ...]
    certificate: bytes


@dataclass(frozen=True, slots=True)
class TrustedAuthority:
    """An issuing authority: its USCC, name, region (GB/T 2260), and whose seals speak for it."""

    code: str
    name: str
    region: str
    seal_owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrustedSigner:
    """An end certificate (DER) that a region stands for by name, and as what.

    "seal-maker" (制章者) signs electronic seals; "system" is the license library itself. A chain to
    an anchor alone makes nobody either: the same CA certifies many.
    """

    role: str
    certificate: bytes


@dataclass(frozen=True, slots=True)
class TrustBundle:
    """A region's trust at an instant (aware UTC, whole seconds); all binary items are DER.

    ``trust_list`` is the region's signed trust list, if it has one: it tells what was withdrawn.
    """

    region: str
    issued_at: datetime
    anchors: tuple[TrustAnchor, ...]
    intermediates: tuple[bytes, ...]
    crls: tuple[bytes, ...]
    authorities: tuple[TrustedAuthority, ...]
    status_lists: tuple[bytes, ...]
    signers: tuple[TrustedSigner, ...] = ()
    trust_list: bytes | None = None


def write_trust_bundle(bundle: TrustBundle) -> bytes:
    """Return the JSON of a bundle, UTF-8, keys in the order of the schema."""
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "region": bundle.region,
        "issued_at": bundle.issued_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "anchors": [
            {"purposes": list(anchor.purposes), "certificate": _encode(anchor.certificate)}
            for anchor in bundle.anchors
        ],
        "intermediates": [_encode(item) for item in bundle.intermediates],
        "crls": [_encode(item) for item in bundle.crls],
        "authorities": [
            {
                "code": authority.code,
                "name": authority.name,
                "region": authority.region,
                "seal_owners": list(authority.seal_owners),
            }
            for authority in bundle.authorities
        ],
        "status_lists": [_encode(item) for item in bundle.status_lists],
        "signers": [
            {"role": signer.role, "certificate": _encode(signer.certificate)}
            for signer in bundle.signers
        ],
    }
    if bundle.trust_list is not None:
        content["trust_list"] = _encode(bundle.trust_list)
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def _encode(der: bytes) -> str:
    return base64.b64encode(der).decode("ascii")


def read_trust_bundle(data: bytes) -> TrustBundle:
    """Return a bundle.

    Raises:
        MalformedTrustBundleError: not such a JSON, an unknown or missing member, or over a limit;
            ``pointer`` says where.
    """
    if len(data) > MAX_BUNDLE_BYTES:
        raise MalformedTrustBundleError("bundle-too-large")
    try:
        content = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_members,
            parse_int=_refuse_number,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    except (ValueError, RecursionError) as error:
        raise MalformedTrustBundleError("bundle-not-json") from error
    # A bundle of a region that makes no seals names no signers; not every region has a list.
    found = {"signers": [], "trust_list": None} | _as_object(content)
    members = _object(found, "", _MEMBERS)
    if members["schema"] != SCHEMA:
        raise MalformedTrustBundleError("bundle-schema-unknown", "/schema")
    return TrustBundle(
        region=_text(members["region"], "/region"),
        issued_at=_instant(members["issued_at"], "/issued_at"),
        anchors=_list(members["anchors"], "/anchors", _anchor),
        intermediates=_list(members["intermediates"], "/intermediates", _der),
        crls=_list(members["crls"], "/crls", _der),
        authorities=_list(members["authorities"], "/authorities", _authority),
        status_lists=_list(members["status_lists"], "/status_lists", _der),
        signers=_list(members["signers"], "/signers", _signer),
        trust_list=_optional_der(members["trust_list"], "/trust_list"),
    )


_MEMBERS = (
    "schema", "region", "issued_at", "anchors", "intermediates", "crls", "authorities",
    "status_lists", "signers", "trust_list",
)  # fmt: skip


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedTrustBundleError("bundle-member-twice")
    return members


def _refuse_number(_: str) -> NoReturn:
    raise MalformedTrustBundleError("bundle-number")


def _as_object(found: object, pointer: str = "") -> dict[str, Any]:
    if not isinstance(found, dict):
        raise MalformedTrustBundleError("bundle-not-an-object", pointer)
    return found


def _object(content: object, pointer: str, names: tuple[str, ...]) -> Mapping[str, Any]:
    found = _as_object(content, pointer)
    for name in found:
        if name not in names:
            raise MalformedTrustBundleError("bundle-member-unknown", f"{pointer}/{name[:40]}")
    for name in names:
        if name not in found:
            raise MalformedTrustBundleError("bundle-member-missing", f"{pointer}/{name}")
    return found


def _list(found: object, pointer: str, read: Callable[[object, str], _Item]) -> tuple[_Item, ...]:
    if not isinstance(found, list):
        raise MalformedTrustBundleError("bundle-not-a-list", pointer)
    if len(found) > _MAX_ENTRIES:
        raise MalformedTrustBundleError("bundle-too-many", pointer)
    return tuple(read(item, f"{pointer}/{index}") for index, item in enumerate(found))


def _text(found: object, pointer: str) -> str:
    if not isinstance(found, str) or not 0 < len(found) <= _MAX_TEXT or not found.isprintable():
        raise MalformedTrustBundleError("bundle-not-a-text", pointer)
    return found


def _instant(found: object, pointer: str) -> datetime:
    try:
        return datetime.strptime(_text(found, pointer), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise MalformedTrustBundleError("bundle-not-an-instant", pointer) from error


def _der(found: object, pointer: str) -> bytes:
    if not isinstance(found, str) or len(found) > _MAX_ITEM_BYTES * 4 // 3 + 4:
        raise MalformedTrustBundleError("bundle-not-base64", pointer)
    try:
        return base64.b64decode(found, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedTrustBundleError("bundle-not-base64", pointer) from error


def _optional_der(found: object, pointer: str) -> bytes | None:
    return None if found is None else _der(found, pointer)


def _anchor(found: object, pointer: str) -> TrustAnchor:
    members = _object(found, pointer, ("purposes", "certificate"))
    purposes = _list(members["purposes"], f"{pointer}/purposes", _text)
    if not purposes or set(purposes) - set(PURPOSES):
        raise MalformedTrustBundleError("bundle-purpose-unknown", f"{pointer}/purposes")
    return TrustAnchor(purposes, _der(members["certificate"], f"{pointer}/certificate"))


def _signer(found: object, pointer: str) -> TrustedSigner:
    members = _object(found, pointer, ("role", "certificate"))
    if members["role"] not in ROLES:
        raise MalformedTrustBundleError("bundle-role-unknown", f"{pointer}/role")
    return TrustedSigner(members["role"], _der(members["certificate"], f"{pointer}/certificate"))


def _authority(found: object, pointer: str) -> TrustedAuthority:
    members = _object(found, pointer, ("code", "name", "region", "seal_owners"))
    return TrustedAuthority(
        code=_text(members["code"], f"{pointer}/code"),
        name=_text(members["name"], f"{pointer}/name"),
        region=_text(members["region"], f"{pointer}/region"),
        seal_owners=_list(members["seal_owners"], f"{pointer}/seal_owners", _text),
    )
