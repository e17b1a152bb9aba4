"""Signed values inside genuine OFD files, where they are at hand (../shared/samples)."""

import os
import zipfile
from pathlib import Path

import pytest

from keys import sm2
from keys.certificate import read_certificate
from keys.sm3 import sm3
from signing.cms.gm_signature import read_gm_signature
from signing.cms.sm2_value import signature_der
from signing.errors import MalformedCmsError, MalformedSealError
from signing.ses.seal import SESeal, read_ses_seal
from signing.ses.signature import SESSignature, read_ses_signature

VALUE = "Doc_0/Signs/Sign_0/SignedValue.dat"
DESCRIPTION = "Doc_0/Signs/Sign_0/Signature.xml"
SEAL = "Doc_0/Signs/Sign_0/Seal.esl"


@pytest.fixture(scope="module")
def folder() -> Path:
    samples = os.environ.get("LICENSE_VAULT_SAMPLES")
    if not samples:
        pytest.skip("LICENSE_VAULT_SAMPLES does not say where the genuine files are")
    found = Path(samples) / "ofd"
    assert found.is_dir(), f"LICENSE_VAULT_SAMPLES is set, but {found} is missing"
    return found


def entry(folder: Path, file: str, name: str) -> bytes:
    with zipfile.ZipFile(folder / file) as package:
        return package.read(name)


def holds(value: SESeal | SESSignature, certificate: bytes) -> None:
    sm2.verify(read_certificate(certificate).public_point, value.signed_bytes, value.signature)


@pytest.mark.parametrize(
    ("file", "es_id", "vendor", "picture", "deviations"),
    [
        (
            "V4RideRight.ofd",
            "51f044b76510434e9bc67a1185c2fba5",
            "OFDR&WTest",
            ("PNG", 40, 40),
            (),
        ),
        ("v4signed.ofd", "50011200000399", "GOMAIN", ("ofd", 30, 20), ("ses-default-encoded",)),
        ("999.ofd", "50011200000323", "GOMAIN", ("ofd", 30, 20), ("ses-default-encoded",)),
        ("发票示例.ofd", "50011200000399", "GOMAIN", ("ofd", 30, 20), ("ses-default-encoded",)),
    ],
)
def test_sealed_values_from_the_field_are_read_and_hold(
    folder: Path,
    file: str,
    es_id: str,
    vendor: str,
    picture: tuple[str, int, int],
    deviations: tuple[str, ...],
) -> None:
    found = read_ses_signature(entry(folder, file, VALUE))
    seal = found.seal
    assert (found.version, seal.version, seal.es_id, seal.vendor) == (4, 4, es_id, vendor)
    assert (seal.picture.kind, seal.picture.width_mm, seal.picture.height_mm) == picture
    assert (found.deviations, seal.deviations) == ((), deviations)
    assert found.property_info == f"/{DESCRIPTION}"
    assert found.data_hash == sm3(entry(folder, file, DESCRIPTION))
    assert seal.lists(found.signer_certificate)
    assert found.signed_at is not None
    assert seal.valid_from <= found.signed_at <= seal.valid_until
    assert found.timestamp is None
    holds(found, found.signer_certificate)
    holds(seal, seal.maker_certificate)


def test_a_seal_on_its_own_is_the_one_in_the_value(folder: Path) -> None:
    alone = entry(folder, "V4RideRight.ofd", SEAL)
    inside = read_ses_signature(entry(folder, "V4RideRight.ofd", VALUE)).seal
    assert read_ses_seal(alone) == inside


def test_bare_numbers_are_a_signature_value_and_nothing_more(folder: Path) -> None:
    value = entry(folder, "DigitalSign.ofd", VALUE)
    assert signature_der(value) == (value, None)
    with pytest.raises(MalformedSealError):
        read_ses_signature(value)
    with pytest.raises(MalformedCmsError):
        read_gm_signature(value)
