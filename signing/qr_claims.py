"""What stands after the # in the QR code of a face: claims signed by the library, in base 32.

Any phone opens the address before the #; what follows is never sent, and says, to whoever has the
library's certificate, which license this is, how long it runs and where its state is published.
No personal data: neither holder nor license number. Copying a code copies a true statement about
a license, not the license: what else the paper says is not covered.

    SignedQrClaims ::= SEQUENCE {
        claims      QrClaims,
        signature   OCTET STRING (SIZE (64)) }   -- r and s, over DOMAIN and the DER of claims
    QrClaims ::= SEQUENCE {
        version     INTEGER (1),
        region      INTEGER,                     -- GB/T 2260, six digits
        keyId       OCTET STRING (SIZE (8)),     -- head of SM3 of the signer's certificate
        identifier  OCTET STRING,                -- 证照标识 without its root, packed
        validFrom   INTEGER,                     -- yyyymmdd
        validUntil  INTEGER,                     -- yyyymmdd, 0 for 长期
        statusList  UTF8String,                  -- its name, or its address if that is elsewhere
        statusIndex INTEGER,
        checkCode   OCTET STRING }               -- packed
    packed: the digits 0-9A-Z. of base 37 after a leading 1, as a number

Pure format: whether the signature holds is judged in ``verification``.

Source: our own form, in DER (X.690); RFC 4648, 6 (base 32); ISO/IEC 18004 (capitals cost less).
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from keys.errors import KeyCustodyError
from keys.sm2 import split_signature
from keys.sm3 import sm3
from signing import der
from signing.der import DerReader
from signing.errors import MalformedDerError, MalformedQrCodeError

# Signed before the claims, so that no other statement of the same key can be taken for them.
DOMAIN = b"license-vault/qr/1\0"
KEY_ID_BYTES = 8
LONGEST_PAYLOAD = 2048
STATUS_LISTS_PATH = "/v1/status-lists/"
_VERIFY_PATH = "/verify"
_ROOT = "1.2.156.3005.2."
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ."
_IDENTIFIER = re.compile(
    r"[0-9A-Z]{21}\.(?:[0-9A-Z]{18}|[0-9]{6})\.[0-9A-Z]{1,32}\.[0-9]{3}\.[0-9A-Z]"
)
_CHECK_CODE = re.compile(r"[0-9A-Z]{13}")
_REGION = re.compile(r"[1-9][0-9]{5}")
_LIST = re.compile(r"[!-~]{1,512}")
_BASE32 = re.compile(r"[A-Z2-7]+")
_SIGNATURE_BYTES = 64
_HIGHEST_INDEX = 2**31 - 1


@dataclass(frozen=True, slots=True)
class QrClaims:
    """What a code says.

    ``status_list`` is a list's name under the address of the code, or a whole address;
    ``valid_until`` None: no end. Days are civil days at +08:00, both included.
    """

    region: str
    key_id: bytes
    identifier: str
    valid_from: date
    valid_until: date | None
    status_list: str
    status_index: int
    check_code: str

    @property
    def type_code(self) -> str:
        """The license type's code, which the identifier begins with."""
        return self.identifier.removeprefix(_ROOT).partition(".")[0]


@dataclass(frozen=True, slots=True)
class SignedQrClaims:
    """A code as read: ``signature`` (DER of r and s) is over ``signed_bytes``.

    ``address`` is what stands before /verify; "" where only the part after # was given.
    """

    claims: QrClaims
    signed_bytes: bytes
    signature: bytes
    address: str

    @property
    def status_uri(self) -> str:
        """The address of the status list, as the license's claims name it."""
        named = self.claims.status_list
        return named if "://" in named else f"{self.address}{STATUS_LISTS_PATH}{named}"


def key_id(certificate: bytes) -> bytes:
    """Return what a code names its signer's certificate (DER) by, 8 bytes."""
    return sm3(certificate)[:KEY_ID_BYTES]


def qr_text(address: str, claims: QrClaims, sign: Callable[[bytes], bytes]) -> str:
    """Return the text of a signed code.

    Args:
        address: the node's public address, without a path.
        sign: makes an SM2 signature (DER) over a message with the key of ``claims.key_id``.

    Raises:
        MalformedQrCodeError: a claim is not as it must be.
    """
    encoded = _claims_der(_checked(claims))
    r, s = split_signature(sign(DOMAIN + encoded))
    raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    payload = base64.b32encode(der.sequence(encoded, der.tlv(der.OCTET_STRING, raw)))
    return f"{address}{_VERIFY_PATH}#{payload.decode('ascii').rstrip('=')}"


def read_qr_text(text: str) -> SignedQrClaims:
    """Return what a scanned code says: the whole address, or what stands after its #.

    Raises:
        MalformedQrCodeError: it is no signed code; ``code`` "qr-unsigned" for one of before,
            which names identifier and check code only.
    """
    address, _, payload = text.strip().rpartition("#")
    if not _BASE32.fullmatch(payload) or len(payload) > LONGEST_PAYLOAD:
        old = payload.startswith(_ROOT)
        raise MalformedQrCodeError("qr-unsigned" if old else "qr-not-ours")
    try:
        data = base64.b32decode(payload + "=" * (-len(payload) % 8))
    except binascii.Error as error:
        raise MalformedQrCodeError("qr-not-base32") from error
    if base64.b32encode(data).decode("ascii").rstrip("=") != payload:
        raise MalformedQrCodeError("qr-not-base32")
    try:
        return _read(data, address.removesuffix(_VERIFY_PATH))
    except MalformedDerError as error:
        raise MalformedQrCodeError(f"qr-{error.code}", error.where) from error


def _claims_der(claims: QrClaims) -> bytes:
    return der.sequence(
        der.integer(1),
        der.integer(int(claims.region)),
        der.tlv(der.OCTET_STRING, claims.key_id),
        der.tlv(der.OCTET_STRING, _pack(claims.identifier.removeprefix(_ROOT))),
        der.integer(_day_number(claims.valid_from)),
        der.integer(0 if claims.valid_until is None else _day_number(claims.valid_until)),
        der.tlv(der.UTF8_STRING, claims.status_list.encode()),
        der.integer(claims.status_index),
        der.tlv(der.OCTET_STRING, _pack(claims.check_code)),
    )


def _read(data: bytes, address: str) -> SignedQrClaims:
    outer = DerReader(data)
    body = outer.enter(der.SEQUENCE, "code")
    outer.finish("code")
    encoded = body.element(der.SEQUENCE, "claims")
    raw = body.contents(der.OCTET_STRING, "signature")
    body.finish("code")
    claims = _checked(_read_claims(DerReader(encoded).enter(der.SEQUENCE, "claims")))
    return SignedQrClaims(claims, DOMAIN + encoded, _signature(raw), address)


def _read_claims(reader: DerReader) -> QrClaims:
    if reader.integer("version") != 1:
        raise MalformedQrCodeError("qr-version")
    claims = QrClaims(
        region=str(reader.integer("region")),
        key_id=reader.contents(der.OCTET_STRING, "key id"),
        identifier=_ROOT + _unpack(reader.contents(der.OCTET_STRING, "identifier")),
        valid_from=_day(reader.integer("valid from")),
        valid_until=_last_day(reader.integer("valid until")),
        status_list=_text(reader.contents(der.UTF8_STRING, "status list")),
        status_index=reader.integer("status index"),
        check_code=_unpack(reader.contents(der.OCTET_STRING, "check code")),
    )
    reader.finish("claims")
    return claims


def _checked(claims: QrClaims) -> QrClaims:
    """Return claims that are as they must be; the same rules for writing and reading."""
    rules = (
        ("region", bool(_REGION.fullmatch(claims.region))),
        ("key-id", len(claims.key_id) == KEY_ID_BYTES),
        ("identifier", bool(_IDENTIFIER.fullmatch(claims.identifier.removeprefix(_ROOT)))),
        ("status-list", bool(_LIST.fullmatch(claims.status_list))),
        ("status-index", 0 <= claims.status_index <= _HIGHEST_INDEX),
        ("check-code", bool(_CHECK_CODE.fullmatch(claims.check_code))),
    )
    for name, holds in rules:
        if not holds:
            raise MalformedQrCodeError(f"qr-{name}")
    return claims


def _signature(raw: bytes) -> bytes:
    """Return DER of r and s; both must be in their range."""
    if len(raw) != _SIGNATURE_BYTES:
        raise MalformedQrCodeError("qr-signature")
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    signature = der.sequence(der.integer(r), der.integer(s))
    try:
        split_signature(signature)
    except KeyCustodyError as error:
        raise MalformedQrCodeError("qr-signature") from error
    return signature


def _pack(text: str) -> bytes:
    number = 1
    for character in text:
        number = number * len(_DIGITS) + _DIGITS.index(character)
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _unpack(packed: bytes) -> str:
    number = int.from_bytes(packed, "big")
    found: list[str] = []
    while number > 1:
        number, digit = divmod(number, len(_DIGITS))
        found.append(_DIGITS[digit])
    text = "".join(reversed(found))
    if number != 1 or _pack(text) != packed:
        raise MalformedQrCodeError("qr-packed-text")
    return text


def _day_number(day: date) -> int:
    return (day.year * 100 + day.month) * 100 + day.day


def _day(number: int) -> date:
    try:
        return date(number // 10_000, number // 100 % 100, number % 100)
    except (ValueError, OverflowError) as error:
        raise MalformedQrCodeError("qr-day") from error


def _last_day(number: int) -> date | None:
    return _day(number) if number else None


def _text(contents: bytes) -> str:
    try:
        return contents.decode("ascii")
    except UnicodeDecodeError as error:
        raise MalformedQrCodeError("qr-status-list") from error
