"""What the routes about cases stand on, and how a file is judged and a form sheet is drawn."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from license_vault.cases.case import DrawnForm, Judged, SealPlace
from license_vault.cases.case_desk import CaseDesk
from license_vault.cases.case_services import CaseServices
from license_vault.cases.form_desk import FormDesk
from license_vault.cases.item_desk import ItemDesk
from license_vault.cases.stale_desk import StaleDesk
from license_vault.face.form_sheet import FormSheet, set_form_sheet
from license_vault.face.ofd import OfdPress
from license_vault.face.pdf import PdfPress
from license_vault.presenting.kiosk_forms import KioskForms
from license_vault.vault import JSON, OFD, PDF
from signing.sealed_json.presenting_receipt import is_receipt
from signing.sealed_json.verification_receipt import is_verification_receipt

if TYPE_CHECKING:
    from api.decisions import Decisions
    from license_vault.clock import Clock
    from license_vault.face.fonts import Fonts
    from license_vault.license_types.license_type import LicenseType
    from verification.evidence import Evidence
    from verification.report import VerificationReport
    from verification.verifier import Verifier


@dataclass(frozen=True, slots=True)
class CaseWork:
    """Everything about items and cases, over the same services."""

    items: ItemDesk
    cases: CaseDesk
    forms: FormDesk
    stale: StaleDesk
    kiosk: KioskForms


def case_work(services: CaseServices, find_type: Callable[[str], LicenseType]) -> CaseWork:
    """Return it, made once for a node; ``find_type`` gives the newest published version."""
    return CaseWork(
        items=ItemDesk(services, find_type),
        cases=CaseDesk(services),
        forms=FormDesk(services),
        stale=StaleDesk(services),
        kiosk=KioskForms(services),
    )


def judgement_by(verifier: Verifier, decisions: Decisions) -> Callable[[bytes, str], Judged]:
    """Return what verifies a file, in a process of its own, for an item ("": for none).

    A receipt of a window is judged as one: it proves what was shown, and is no license. The report
    on a license of a partner region ends in the decision for the item, as anybody's would.
    """

    def judge(data: bytes, item_code: str) -> Judged:
        if is_receipt(data) or is_verification_receipt(data):
            return _judged_receipt(verifier, data)
        report, evidence = verifier.verify_with_evidence(data)
        parsed = evidence.document.parsed
        told = report.to_json()
        if item_code and _is_partners(report, evidence, decisions.region):
            told["decision"] = decisions.about_file(report, evidence, item_code).to_json()
        return Judged(
            form=report.document.form,
            verdict=report.verdict.value,
            sentence_zh=report.sentence.zh,
            sentence_en=report.sentence.en,
            as_of=told["as_of"],
            report=json.dumps(told, ensure_ascii=False).encode(),
            claims=None if parsed is None else parsed.claims,
            region="" if evidence.trust is None else evidence.trust.region,
        )

    return judge


def _is_partners(report: VerificationReport, evidence: Evidence, own_region: str) -> bool:
    """Say whether a file is a license of a partner; a copy stands for no need, whosever it is."""
    if evidence.trust is None or report.copy is not None:
        return False
    return evidence.trust.region not in ("", own_region)


def _judged_receipt(verifier: Verifier, data: bytes) -> Judged:
    """Return what is said of a receipt that this library signed."""
    if is_receipt(data):
        told = verifier.verify_receipt(data).to_json()
        as_of = (told["receipt"] or {}).get("resolved_at", "")
    else:
        told = verifier.verify_verification_receipt(data).to_json()
        as_of = (told["receipt"] or {}).get("asked", {}).get("as_of", "")
    return Judged(
        form=JSON,
        verdict=told["verdict"],
        sentence_zh=told["sentence"]["zh"],
        sentence_en=told["sentence"]["en"],
        as_of=as_of,
        report=json.dumps(told, ensure_ascii=False).encode(),
        claims=None,
    )


def sheet_drawing(fonts: Fonts, clock: Clock) -> Callable[[FormSheet, str], DrawnForm]:
    """Return what draws a form sheet as a PDF or an OFD."""
    presses = {PDF: PdfPress(fonts).draw, OFD: OfdPress(fonts).draw}

    def draw(sheet: FormSheet, form: str) -> DrawnForm:
        document = set_form_sheet(sheet, fonts, clock())
        pages = (document.face, *document.more_pages)
        box = pages[-1].seal_boxes[0]
        return DrawnForm(presses[form](document), SealPlace(len(pages), box.x, box.y))

    return draw
