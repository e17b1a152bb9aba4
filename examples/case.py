"""Step: a case from the counter to its closing; without its license it does not close as 准予."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from examples.main_job import Issued
from examples.node import DEMO, EXAMPLES
from examples.people import OfficerKey
from examples.requests_to_issue import ENTERPRISE, hygiene
from examples.systems import USE, ApprovalSystem
from examples.table import Table

CASE_NUMBER = "JD-2026-GGWS-900001"


def run(
    system: ApprovalSystem, officer: OfficerKey, issued: dict[str, Issued], table: Table
) -> str:
    """Handle a case; return the identifier of the license that it made."""
    table.step("4 办件 a case: brought, verified, filled, decided, issued, closed")
    item = json.loads((EXAMPLES / "items" / "public-place-hygiene.json").read_text("utf-8"))
    system.http.put(f"/v1/items/{quote(item['code'])}", item)
    opened = {
        "item_code": item["code"],
        "case_number": CASE_NUMBER,
        "holders": [ENTERPRISE.document],
    }
    case = system.http.post("/v1/cases", opened).json()
    path = f"/v1/cases/{case['case']}"
    brought = system.http.upload(f"{path}/documents", issued["business-license"].ofd).json()
    table.check("申请人提交 brought", brought["sentence"]["zh"], "有效。")
    form = fill(system, path, item, table)
    decide(system, officer, path, table)
    refused = system.http.refused(f"{path}/closing", {})
    table.check("closing without the license", refused, "case-without-license")
    waiting = system.http.get("/v1/cases?state=approved-no-license").json()["items"]
    table.check("准予而无证 approved, no license", len(waiting), 1)
    body = officer.approve(CASE_NUMBER, item["code"], request(form, item["code"]))
    license_ = system.http.post(f"{path}/license", body).json()
    closed = system.http.post(f"{path}/closing").json()
    told = f"{closed['state']['zh']}: {closed['licenses'][0]['identifier']}"
    table.check("办结 closed", told, license_["identifier"])
    return str(license_["identifier"])


def fill(
    system: ApprovalSystem, path: str, item: dict[str, Any], table: Table
) -> dict[str, dict[str, Any]]:
    """Return the fields of the form, filled from the holder's licenses, each with its source."""
    use = USE | {"item_code": item["code"], "case_number": CASE_NUMBER}
    form = system.http.get(f"{path}/form", use).json()
    sheet = system.http.post(f"{path}/form/sheet", {"form": "pdf"}, use=use).body
    (DEMO / "form-sheet.pdf").write_bytes(sheet)
    fields = {field["key"]: field for field in form["fields"]}
    told = f"{form['have']} of {form['of']} licenses; missing: {', '.join(form['missing'])}"
    table.check("form", told, "1 of 1", "licensed_items")
    for key, field in fields.items():
        if field["value"] is not None and "license" in field["source"]:
            source = field["source"]
            told = f"{field['value']}  ← {source['path']} v{source['version']} {source['verdict']}"
            table.check(f"  {key} {field['label']['zh']}", told, "valid")
    return fields


def decide(system: ApprovalSystem, officer: OfficerKey, path: str, table: Table) -> None:
    """准予, with the officer's own signature; without it the decision is refused."""
    item_code = system.http.get(path).json()["item_code"]
    body = {"outcome": "准予", "basis": "《公共场所卫生管理条例》第四条"}
    unsigned = system.http.refused(f"{path}/decision", body)
    table.check("decision without a signature", unsigned, "422")
    signed = officer.approve(CASE_NUMBER, item_code, body)
    decided = system.http.post(f"{path}/decision", signed).json()
    table.check("独任 signed decision", decided["decision"]["outcome"], "准予")


def request(fields: dict[str, dict[str, Any]], item_code: str) -> dict[str, Any]:
    """Return the request to issue, with the values of the form."""
    value = {key: field["value"] for key, field in fields.items()}
    return hygiene(
        item_code=item_code,
        case_number=CASE_NUMBER,
        holders=[{**ENTERPRISE.as_holder, "name": value["unit_name"]}],
        fields={
            "legal_representative": value["legal_representative"],
            "address": value["address"],
            "licensed_items": ["公共浴室"],
        },
    )
