"""What the routes about cases stand on, and how a file is judged and a form sheet is drawn."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from license_vault.cases.case import Judged
from license_vault.cases.case_desk import CaseDesk
from license_vault.cases.case_services import CaseServices
from license_vault.cases.form_desk import FormDesk
from license_vault.cases.item_desk import ItemDesk
from license_vault.cases.stale_desk import StaleDesk
from license_vault.face.ofd import OfdPress
from license_vault.face.pdf import PdfPress

if TYPE_CHECKING:
    from license_vault.cases.case import Sheet
    from license_vault.face.fonts import Fonts
    from license_vault.license_types.license_type import LicenseType
    from verification.verifier import Verifier


@dataclass(frozen=True, slots=True)
class CaseWork:
    """Everything about items and cases, over the same services."""

    items: ItemDesk
    cases: CaseDesk
    forms: FormDesk
    stale: StaleDesk


def case_work(services: CaseServices, find_type: Callable[[str], LicenseType]) -> CaseWork:
    """Return it, made once for a node; ``find_type`` gives the newest published version."""
    return CaseWork(
        items=ItemDesk(services, find_type),
        cases=CaseDesk(services),
        forms=FormDesk(services),
        stale=StaleDesk(services),
    )


def judgement_by(verifier: Verifier) -> Callable[[bytes], Judged]:
    """Return what verifies a file that is brought, in a process of its own."""

    def judge(data: bytes) -> Judged:
        report, evidence = verifier.verify_with_evidence(data)
        parsed = evidence.document.parsed
        told = report.to_json()
        return Judged(
            form=report.document.form,
            verdict=report.verdict.value,
            sentence_zh=report.sentence.zh,
            sentence_en=report.sentence.en,
            as_of=told["as_of"],
            report=json.dumps(told, ensure_ascii=False).encode(),
            claims=None if parsed is None else parsed.claims,
        )

    return judge


def sheet_drawing(fonts: Fonts) -> Callable[[Sheet, str], bytes]:
    """Return what draws a form sheet as a PDF or an OFD."""
    presses = {"pdf": PdfPress(fonts).draw, "ofd": OfdPress(fonts).draw}

    def draw(sheet: Sheet, form: str) -> bytes:
        from license_vault.face.form_sheet import FormSheet

        return presses[form](FormSheet(sheet.title, sheet.item_name, sheet.case_number, sheet.rows))

    return draw
