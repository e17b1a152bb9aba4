"""The extensions of certificates and revocation lists that we understand.

Reads a list of extensions into values; what it does not know it names, and whoever judges a
chain refuses unknown critical ones. Name and policy constraints are not understood on purpose:
a certificate that carries them critically is not relied on.

Source: RFC 5280, 4.2 and 5.2; GM/T 0015-2023, 5.2.4.
"""

from __future__ import annotations

from dataclasses import dataclass

from keys import der

SUBJECT_KEY_ID, KEY_USAGE, BASIC_CONSTRAINTS = "2.5.29.14", "2.5.29.15", "2.5.29.19"
CRL_NUMBER, REASON_CODE, INVALIDITY_DATE = "2.5.29.20", "2.5.29.21", "2.5.29.24"
DELTA_CRL, ISSUING_POINT, ENTRY_ISSUER = "2.5.29.27", "2.5.29.28", "2.5.29.29"
CRL_POINTS, POLICIES, AUTHORITY_KEY_ID = "2.5.29.31", "2.5.29.32", "2.5.29.35"
EXTENDED_KEY_USAGE = "2.5.29.37"

# RFC 5280, 4.2.1.3, in the order of the bits.
KEY_USAGES = (
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
)

# Any policy is acceptable to us, so certificatePolicies never restricts anything.
_UNDERSTOOD_IN_CERTIFICATES = frozenset(
    (SUBJECT_KEY_ID, KEY_USAGE, BASIC_CONSTRAINTS, CRL_POINTS, POLICIES, AUTHORITY_KEY_ID)
) | {EXTENDED_KEY_USAGE}

_GENERAL_NAME_URI = 0x86
_FULL_NAME = 0xA0


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension: dotted type, whether critical, the bytes inside the OCTET STRING."""

    kind: str
    critical: bool
    value: bytes


@dataclass(frozen=True, slots=True)
class Extensions:
    """The extensions of one certificate or list, each kind at most once."""

    found: tuple[Extension, ...] = ()

    def value(self, kind: str) -> bytes | None:
        """Return the bytes of an extension, or None."""
        return next((each.value for each in self.found if each.kind == kind), None)

    def unknown_critical(
        self, understood: frozenset[str] = _UNDERSTOOD_IN_CERTIFICATES
    ) -> tuple[str, ...]:
        """Return the types of critical extensions that are not understood, in their order."""
        return tuple(
            each.kind for each in self.found if each.critical and each.kind not in understood
        )


def read_extensions(element: der.Element | None) -> Extensions:
    """Read ``SEQUENCE OF Extension``; raises ``der.DerError``, also for a type given twice."""
    if element is None:
        return Extensions()
    found = tuple(map(_read_extension, der.elements(element.content)))
    if not found:
        raise der.DerError("empty list of extensions")
    if len({each.kind for each in found}) != len(found):
        raise der.DerError("an extension stands twice")
    return Extensions(found)


def _read_extension(element: der.Element) -> Extension:
    reader = der.Reader(der.only(element.encoded, der.SEQUENCE).content)
    kind = der.object_identifier(reader.next(der.OBJECT_IDENTIFIER))
    # An explicit FALSE is not DER (X.690, 11.5) but common; it means the same.
    flag = reader.optional(der.BOOLEAN)
    value = reader.next(der.OCTET_STRING).content
    reader.finish()
    return Extension(kind, flag is not None and der.boolean(flag), value)


def read_basic_constraints(value: bytes | None) -> tuple[bool, int | None]:
    """Return whether it is a CA, and the path length if it limits one."""
    if value is None:
        return False, None
    reader = der.Reader(der.only(value, der.SEQUENCE).content)
    flag = reader.optional(der.BOOLEAN)
    length = reader.optional(der.INTEGER)
    reader.finish()
    is_ca = flag is not None and der.boolean(flag)
    if length is None:
        return is_ca, None
    if der.integer(length) < 0:
        raise der.DerError("negative path length")
    # A path length without CA has no meaning; some CAs write it all the same.
    return is_ca, der.integer(length) if is_ca else None


def read_key_usages(value: bytes | None) -> frozenset[str]:
    """Return the names of the key usages; none if there is no such extension."""
    if value is None:
        return frozenset()
    bits = der.named_bits(der.only(value, der.BIT_STRING))
    return frozenset(KEY_USAGES[bit] for bit in bits if bit < len(KEY_USAGES))


def read_extended_key_usages(value: bytes | None) -> frozenset[str]:
    """Return the dotted extended key usages; none if there is no such extension."""
    if value is None:
        return frozenset()
    purposes = der.elements(der.only(value, der.SEQUENCE).content)
    if not purposes:
        raise der.DerError("empty extended key usage")
    return frozenset(
        der.object_identifier(der.only(each.encoded, der.OBJECT_IDENTIFIER)) for each in purposes
    )


def read_subject_key_id(value: bytes | None) -> bytes | None:
    """Return the subject key identifier."""
    return None if value is None else der.only(value, der.OCTET_STRING).content


def read_authority_key_id(value: bytes | None) -> bytes | None:
    """Return the keyIdentifier of an authority key identifier, if it has one."""
    if value is None:
        return None
    fields = der.elements(der.only(value, der.SEQUENCE).content)
    return next((each.content for each in fields if each.tag == 0x80), None)


def read_crl_urls(value: bytes | None) -> tuple[str, ...]:
    """Return the URIs of the CRL distribution points; names of other kinds are passed over."""
    if value is None:
        return ()
    urls = []
    for point in der.elements(der.only(value, der.SEQUENCE).content):
        reader = der.Reader(der.only(point.encoded, der.SEQUENCE).content)
        name = reader.optional(0xA0)
        for full in der.elements(name.content) if name is not None else ():
            names = der.elements(full.content) if full.tag == _FULL_NAME else ()
            urls += [_uri(each) for each in names if each.tag == _GENERAL_NAME_URI]
    return tuple(urls)


def _uri(element: der.Element) -> str:
    if not element.content.isascii():
        raise der.DerError("a URI with other than ASCII characters")
    return element.content.decode("ascii")


def read_number(value: bytes | None) -> int | None:
    """Return a CRL number."""
    return None if value is None else der.integer(der.only(value, der.INTEGER))
