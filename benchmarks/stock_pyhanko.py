"""The named peer: pyHanko 0.38 as it comes, with our SM2 engine in the two places it lets one in.

The same typst face goes in. The default ``PdfSigner`` writes a visible PNG seal and certifies the
file; ``validate_pdf_signature`` then checks it against one CRL. Nothing here is tuned.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime

from asn1crypto import algos, crl, x509
from PIL import Image
from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from keys import oids
from signing.pdf.pyhanko_sm2 import SM2AlgorithmPolicy, SM2SignatureValidator


class StockSigner(Signer):
    """pyHanko's own way of building the CMS, with SM2 as the raw signature."""

    def __init__(
        self, certificate: bytes, chain: tuple[bytes, ...], sign: Callable[[bytes], bytes]
    ) -> None:
        oids.register()
        store = SimpleCertificateStore()
        store.register_multiple([x509.Certificate.load(der) for der in chain])
        super().__init__(
            signing_cert=x509.Certificate.load(certificate),
            cert_registry=store,
            signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": "sm3_sm2"}),
        )
        self._sign = sign

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        return bytes(72) if dry_run else self._sign(data)


def stock_seal(
    pdf: bytes, signer: StockSigner, picture: Image.Image, box: tuple[int, int, int, int]
) -> bytes:
    """Seal a PDF the way pyHanko's documentation shows."""
    metadata = PdfSignatureMetadata(
        field_name="Seal1",
        md_algorithm="sm3",
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )
    style = StaticStampStyle(background=PdfImage(picture), border_width=0, background_opacity=1)
    spec = fields.SigFieldSpec(sig_field_name="Seal1", box=box)
    sealer = PdfSigner(metadata, signer, stamp_style=style, new_field_spec=spec)
    out = io.BytesIO()
    sealer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), output=out)
    return out.getvalue()


def stock_validate(pdf: bytes, root: bytes, revocation_list: bytes, moment: datetime) -> bool:
    """Validate with pyHanko's own call and one context per file, as its documentation shows."""
    context = ValidationContext(
        trust_roots=[x509.Certificate.load(root)],
        crls=[crl.CertificateList.load(revocation_list)],
        revocation_mode="hard-fail",
        allow_fetching=False,
        moment=moment,
        signature_validator=SM2SignatureValidator(),
        algorithm_usage_policy=SM2AlgorithmPolicy(),
    )
    reader = PdfFileReader(io.BytesIO(pdf))
    status = validate_pdf_signature(
        reader.embedded_signatures[0], signer_validation_context=context
    )
    return bool(status.bottom_line)
