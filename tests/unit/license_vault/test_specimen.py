"""Specimens of the types that come along: drawn, marked, and the same bytes each time."""

from datetime import UTC, datetime

import pytest
from pdf_pages import words_of

from license_vault.face.fonts import Fonts
from license_vault.face.license_drawing import LicenseDrawing
from license_vault.face.pdf import PdfPress
from license_vault.issuing.specimen import specimen_pdf
from license_vault.license import CopyKind
from license_vault.license_types.catalogue import SHIPPED_TYPES, Catalogue

AT = datetime(2026, 1, 1, tzinfo=UTC)
CATALOGUE = Catalogue((SHIPPED_TYPES,))


@pytest.fixture(scope="module")
def drawing() -> LicenseDrawing:
    fonts = Fonts()
    press = PdfPress(fonts).draw
    return LicenseDrawing(fonts, press, press, lambda *_: "")


@pytest.mark.parametrize("code", CATALOGUE.codes())
def test_every_type_has_a_specimen_that_names_its_elements(
    drawing: LicenseDrawing, code: str
) -> None:
    license_type = CATALOGUE.get(code, CATALOGUE.versions(code)[-1])
    pdf = specimen_pdf(license_type, CopyKind.ORIGINAL, drawing, AT)
    told = "".join(words_of(pdf).split())
    assert "〔持证人〕" in told
    assert "〔查验码〕" in told
    missing = [
        spec.name_zh
        for spec in license_type.fields
        if spec.required and spec.kind in ("text", "long_text") and spec.name_zh not in told
    ]
    assert missing == []
