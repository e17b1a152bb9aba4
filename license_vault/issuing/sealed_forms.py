"""What a sealed file of ours holds: its claims, and what each of its seals has signed.

For ``fsck``, which holds files against rows. It reads and does not judge: whether seals hold is
for the verifier, which looked before the file was deposited.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from keys.certificate import read_certificate
from keys.errors import KeyCustodyError
from keys.sm3 import sm3
from license_vault.errors import FormUnreadableError
from license_vault.seals.uses import CheckedSeal
from license_vault.vault import JSON, OFD, PDF
from signing.cms.pdf_signature import read_cms_signature
from signing.errors import SigningError
from signing.ofd.reader import read_ofd
from signing.pdf.reader import ReadLimits, read_pdf
from signing.sealed_json.sealing import read_sealed_json
from signing.ses.signature import read_ses_signature


@dataclass(frozen=True, slots=True)
class SealedForm:
    """A sealed file, read: its canonical claims, and its seals in their order."""

    claims: bytes | None
    seals: tuple[CheckedSeal, ...]


def read_form(form: str, data: bytes) -> SealedForm:
    """Return what a file of a form holds.

    Raises:
        FormUnreadableError: it is no such file, or a seal's value cannot be read.
    """
    reader = _READERS.get(form)
    if reader is None:
        raise FormUnreadableError(form, "unknown-form")
    try:
        return reader(data)
    except (SigningError, KeyCustodyError) as error:
        raise FormUnreadableError(form, getattr(error, "code", type(error).__name__)) from error


def _pdf(data: bytes) -> SealedForm:
    content = read_pdf(data, ReadLimits())
    return SealedForm(content.claims, tuple(_cms(seal.value) for seal in content.seals))


def _ofd(data: bytes) -> SealedForm:
    content = read_ofd(data)
    return SealedForm(content.claims, tuple(_ses(seal.value) for seal in content.seals))


def _json(data: bytes) -> SealedForm:
    content = read_sealed_json(data)
    return SealedForm(content.claims, tuple(map(_cms, content.signatures)))


def _cms(value: bytes) -> CheckedSeal:
    found = read_cms_signature(value)
    code = read_certificate(found.signer_certificate).common_name
    return CheckedSeal(code, sm3(found.signed_attributes))


def _ses(value: bytes) -> CheckedSeal:
    found = read_ses_signature(value)
    code = read_certificate(found.signer_certificate).common_name
    return CheckedSeal(code, sm3(found.signed_bytes))


_READERS: Mapping[str, Callable[[bytes], SealedForm]] = MappingProxyType(
    {PDF: _pdf, OFD: _ofd, JSON: _json}
)
