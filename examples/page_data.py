"""Step: what ``make serve`` shows: samples to verify, people to log in as, work that waits.

Made by the same requests as everything else. The start page reads ``demo/samples/start-page.json``.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from examples.demo_people import demo_people
from examples.http_caller import HttpCaller
from examples.main_job import Issued
from examples.node import DEMO, EXAMPLES, Node
from examples.people import OfficerKey
from examples.requests_to_issue import ENTERPRISE, hygiene, today
from examples.setting_up import authority
from examples.systems import ApprovalSystem, ask_the_node
from examples.table import Table

SAMPLES = DEMO / "samples"
START_PAGE = SAMPLES / "start-page.json"
SECOND_SEAL = "31011400000002"
ITEM = "演示事项-公共场所卫生许可"

# File, name and what is to be learnt from it (Chinese, English), what its verdict has to say.
_KEPT = (
    (
        "business-license.ofd",
        ("营业执照 OFD（原件）", "Business license as OFD (the original)"),
        ("盖有电子印章，现在有效。", "Sealed, and in force now."),
        "有效。",
    ),
    (
        "business-license.pdf",
        ("同一份营业执照 PDF（阅读版）", "The same license as PDF (to read)"),
        (
            "内容相同，以 SM2 签名盖章；结论会说明形式的差别。",
            "The same content under an SM2 signature; the verdict says what differs.",
        ),
        "有效",
    ),
    (
        "business-license-one-digit-changed.ofd",
        ("被改了一个字的营业执照", "The license with one character changed"),
        ("看上去一样，印章不认。", "It looks the same; the seal does not agree."),
        "无效，已被改动",
    ),
    (
        "life-cancellation.ofd",
        ("已注销的卫生许可证", "A hygiene license that was cancelled"),
        ("文件没有改动，证照已经注销。", "Nothing was changed; the license is over."),
        "不在有效状态：注销",
    ),
    (
        "life-suspension.ofd",
        ("被暂扣的卫生许可证", "A hygiene license that is suspended"),
        ("暂扣期间不在有效状态。", "Not in force while it is suspended."),
        "不在有效状态：暂扣",
    ),
    (
        "life-renewed-old.ofd",
        ("已被新证替代的旧证", "An old license, replaced by a new one"),
        ("延续之后，旧文件指向新证。", "After the renewal the old file points to the new license."),
        "不在有效状态：被替代",
    ),
    (
        "copy-for-one-purpose.pdf",
        ("限定用途的加注件", "A copy for one purpose"),
        (
            "只供一家机关办一件事，到期失效，不能当证照用。",
            "For one authority and one matter until its day; it never passes for the license.",
        ),
        "有效的加注件",
    ),
    (
        "form-sheet.pdf",
        ("没有印章的表单", "A form without a seal"),
        ("任何没有印章的文件都是这个结论。", "What every file without a seal comes to."),
        "没有",
    ),
)


@dataclass(frozen=True)
class Makers:
    """Who makes the data: the node, a system, an officer, who represents the enterprise."""

    node: Node
    system: ApprovalSystem
    officer: OfficerKey
    representing: HttpCaller
    enterprise: str


def run(makers: Makers, issued: dict[str, Issued], table: Table) -> None:
    """Make the data and write what the start page shows."""
    table.step("8 页面 what `make serve` shows: samples, people, work that waits")
    SAMPLES.mkdir()
    business = issued["business-license"]
    copy_for_one_purpose(makers, business.identifier)
    samples = [_sample(makers.node, *kept, table) for kept in _KEPT]
    page = {
        "samples": samples,
        "numbered": numbered(makers.system),
        "people": [one.shown for one in demo_people()],
        "kiosk": kiosk(makers.node),
    }
    makers.officer.write_key(DEMO / "officer-shen.key")
    START_PAGE.write_text(json.dumps(page, ensure_ascii=False, indent=1), encoding="utf-8")
    waiting = work_that_waits(makers, business)
    table.check("waiting at the console", waiting, "open", "approved", "dispute", "applied")


def _sample(
    node: Node,
    file: str,
    name: tuple[str, str],
    about: tuple[str, str],
    promised: str,
    table: Table,
) -> dict[str, Any]:
    if not (SAMPLES / file).exists():
        shutil.copy(DEMO / file, SAMPLES / file)
    table.check(f"sample {file}", ask_the_node(node, SAMPLES / file), promised)
    told = {"name": dict(zip(("zh", "en"), name, strict=True))}
    told["about"] = dict(zip(("zh", "en"), about, strict=True))
    return {"file": file, **told}


def copy_for_one_purpose(makers: Makers, parent: str) -> None:
    """A copy whose license stays in force."""
    order = {
        "user": "上海市嘉定区市场监督管理局（演示）",
        "item_name": "食品经营许可",
        "purpose": "办理食品经营许可，免交营业执照复印件",
        "until": (today() + timedelta(days=90)).isoformat(),
    }
    path = f"/v1/holders/{makers.enterprise}/licenses/{parent}/copies"
    made = makers.representing.post(path, order).json()
    content = makers.representing.get(made["file"]).body
    (SAMPLES / "copy-for-one-purpose.pdf").write_bytes(content)


def numbered(system: ApprovalSystem) -> dict[str, str]:
    """A license that is asked about by what is printed on its face."""
    made = system.issue(hygiene(holders=[ENTERPRISE.as_holder]))
    return {"identifier": made["identifier"], "check_code": made["check_code"]}


def kiosk(node: Node) -> dict[str, str]:
    """A device of the demo's authority."""
    words = ("device", "add", "政务大厅 1 号机", "--organisation", authority()["code"], "--json")
    told: dict[str, str] = json.loads(node.run(*words))
    return told


def work_that_waits(makers: Makers, business: Issued) -> str:
    """An open case, one that lacks a license, one that lacks two; a dispute; a seal to approve."""
    register_item(makers.system, "small-restaurant")
    together = register_item(makers.system, "bath-and-restaurant")
    cases = [
        open_case(makers.system, "JD-2026-GGWS-900002", business.ofd),
        approved_case(makers, "JD-2026-GGWS-900003", business.ofd, ITEM),
        approved_case(makers, "JD-2026-YJS-900004", business.ofd, together),
    ]
    states = [makers.system.http.get(path).json()["state"]["code"] for path in cases]
    words = ("--kind", "special", "--lower", "窗口专用章", "--basis", "窗口受理用印")
    makers.node.run(
        *("seal", "apply", SECOND_SEAL, "--owner", authority()["code"], *words, "--by", "anna")
    )
    return f"cases {', '.join(states)}; {dispute(makers)}; seal {SECOND_SEAL} applied for"


def register_item(system: ApprovalSystem, name: str) -> str:
    """Register an item of the repository; return its code."""
    item = json.loads((EXAMPLES / "items" / f"{name}.json").read_text("utf-8"))
    system.http.put(f"/v1/items/{quote(item['code'])}", item)
    return str(item["code"])


def approved_case(makers: Makers, number: str, brought: Path, item_code: str) -> str:
    """Open a case and have it approved by the officer; return its path."""
    path = open_case(makers.system, number, brought, item_code)
    body = {"outcome": "准予", "basis": "《公共场所卫生管理条例》第四条"}
    signed = makers.officer.approve(number, item_code, body)
    makers.system.http.post(f"{path}/decision", signed)
    return path


def open_case(system: ApprovalSystem, number: str, brought: Path, item_code: str = ITEM) -> str:
    """Open a case to which the applicant has brought a license; return its path."""
    body = {"item_code": item_code, "case_number": number, "holders": [ENTERPRISE.document]}
    path = f"/v1/cases/{system.http.post('/v1/cases', body).json()['case']}"
    system.http.upload(f"{path}/documents", brought)
    return path


def dispute(makers: Makers) -> str:
    """A dispute that waits for its answer, about a license that is no sample."""
    identifier = makers.system.issue(hygiene(holders=[ENTERPRISE.as_holder]))["identifier"]
    path = f"/v1/holders/{makers.enterprise}/licenses/{identifier}/disputes"
    filed = {"field": "fields.address", "grounds": "经营地址的门牌号有误"}
    return f"dispute {makers.representing.post(path, filed).json()['number']}"
