"""Sign a PDF with the license library's own key: certified, time-stamped, and nothing to be seen.

A purpose-bound copy is signed so. There is no stamp: only seals are pictures. The signature is of
the same profile as a seal's (``cms.pdf_signature_writer``), covers the whole file and allows no
change (DocMDP P=1).

Source: ISO 32000-1, 12.8; ETSI EN 319 142-1 (PAdES B-T).
"""

from collections.abc import Callable
from datetime import datetime
from io import BytesIO

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.signers import SignatureObject
from pyhanko.sign.signers.cms_embedder import (
    PdfCMSEmbedder,
    SigIOSetup,
    SigMDPSetup,
    SigObjSetup,
)

from signing.cms.pdf_signature_writer import SigningIdentity, largest_size, sign_detached
from signing.errors import DocumentNotSealableError, HoleTooSmallError
from signing.timestamps.token import Timestamper

_FIELD = "Library"
_SLACK_BYTES = 16
_CERTIFIED = SigMDPSetup("sm3", certify=True, docmdp_perms=MDPPerm.NO_CHANGES)


def sign_for_library(
    pdf: bytes,
    identity: SigningIdentity,
    sign: Callable[[bytes], bytes],
    timestamper: Timestamper,
    at: datetime,
) -> bytes:
    """Return a PDF of our own, signed; bytes that are no unsigned PDF are refused.

    Args:
        sign: makes an SM2 signature (DER) over a message, with the library's key.
        at: the claimed time of signing (/M), aware.

    Raises:
        DocumentNotSealableError: not a PDF that we can extend, or signed already.
        KeyCustodyError: the key cannot be used.
        TimestampUnavailableError: there is no time-stamp now.
    """
    writer = _open(pdf)
    reserved = largest_size(identity, timestamper.largest_token) + _SLACK_BYTES
    embedder = PdfCMSEmbedder(new_field_spec=SigFieldSpec(_FIELD)).write_cms(_FIELD, writer)
    next(embedder)
    placeholder = SignatureObject(
        timestamp=at, subfilter=SigSeedSubFilter.PADES, bytes_reserved=2 * reserved
    )
    embedder.send(SigObjSetup(sig_placeholder=placeholder, mdp_setup=_CERTIFIED))
    prepared, output = embedder.send(SigIOSetup(md_algorithm="sm3"))
    signature = sign_detached(identity, prepared.document_digest, sign, timestamper.timestamp)
    if len(signature) > reserved:
        raise HoleTooSmallError(reserved, len(signature))
    embedder.send(signature)
    signed: bytes = output.getvalue()
    return signed


class _LibraryWriter(IncrementalPdfFileWriter):
    """An incremental update that leaves the metadata alone, as that of a seal does."""

    def _update_meta(self) -> None:
        """Do nothing."""


def _open(pdf: bytes) -> IncrementalPdfFileWriter:
    """Open a document for an update. pyHanko's reader raises builtin errors on broken files."""
    whole_lines = pdf if pdf.endswith((b"\n", b"\r")) else pdf + b"\n"
    try:
        writer = _LibraryWriter(BytesIO(whole_lines), strict=True)
        signed = next(iter(enumerate_sig_fields(writer)), None) is not None
    except Exception as error:
        raise DocumentNotSealableError("not-a-pdf", type(error).__name__) from error
    if signed or writer.prev.encrypted:
        raise DocumentNotSealableError("sealed-already" if signed else "encrypted")
    return writer
