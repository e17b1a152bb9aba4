"""Step: several at once. 正本 with 副本, a package, a conditional license, a composite one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from examples.http_caller import HttpCaller
from examples.main_job import Issued
from examples.node import DEMO, Node
from examples.requests_to_issue import example, hygiene, today
from examples.setting_up import STREET, authority
from examples.systems import USE, ApprovalSystem, ask_the_node
from examples.table import Table


def run(node: Node, system: ApprovalSystem, issued: dict[str, Issued], table: Table) -> None:
    """Issue several at once, and what is more than a license in force."""
    table.step("3 成组制证 several at once")
    originals_and_duplicates(system, table)
    package(system, table)
    conditional(node, system, table)
    part_of(system, issued["integrated-industry"].identifier, table)


def originals_and_duplicates(system: ApprovalSystem, table: Table) -> None:
    """One 正本 and two 副本; the yearly 校验 goes on the 副本, the 正本 stays."""
    original = {"kind": "正本", "ordinal": 1, "of": 1}
    body = example(
        "medical-institution-duplicate",
        case_number="JD-2026-YLJY-000301",
        number="MBDEM016131011412A1001",
        copy=original,
        duplicates=2,
    )
    made = system.issue(body)
    copies = [made, *made["duplicates"]]
    told = ", ".join(f"{one['copy']['kind']} {one['copy']['ordinal']}" for one in copies)
    table.check("one request", told, "正本 1, 副本 1, 副本 2")
    year = str(today().year + 1)
    record = {"year": year, "result": "合格", "by": authority()["name"], "on": f"{year}-03-12"}
    order = {
        "basis": "《医疗机构管理条例》第二十二条",
        "case_number": "JD-2027-XY-000001",
        "record": record,
    }
    path = f"/v1/licenses/{made['identifier']}/set-revalidation"
    done = system.http.post(path, order).json()["licenses"]
    told = ", ".join(f"{one['copy']['kind']} {_version(one)}" for one in done)
    still = system.look(made["identifier"])["status"]["zh"]
    table.check("校验 on the 副本", f"{told}; 正本 {still}", "副本 002, 副本 002; 正本 有效")
    file = DEMO / "duplicate-revalidated.pdf"
    file.write_bytes(system.download(done[0]["identifier"], "pdf"))


def package(system: ApprovalSystem, table: Table) -> None:
    """一件事: two licenses of two authorities by one request; one seal for both of them."""
    body = {
        "item_code": "演示事项-开办餐饮店一件事",
        "case_number": "JD-2026-YJS-000001",
        "licenses": [
            _of_the_package("food-business", "JY23101140012346"),
            _of_the_package("sewage-discharge", None, authority_code=STREET),
        ],
    }
    made = system.http.post("/v1/packages", body).json()["licenses"]
    told = ", ".join(
        f"{one['type']['name_zh']} ({one['authority']['name']}) {one['status']['zh']}"
        for one in made
    )
    table.check("一件事 package", told, "食品经营许可证", "演示街道办事处", "有效")
    bad = {**body, "case_number": "JD-2026-YJS-000002"}
    table.check("…again: all or none", system.http.refused("/v1/packages", bad), "409")


def _of_the_package(name: str, number: str | None, **changes: object) -> dict[str, Any]:
    body = example(name, case_number=f"JD-2026-YJS-{name}", **changes)
    return {**body, "number": number or f"{body['number'][:-4]}8{body['number'][-3:]}"}


def conditional(node: Node, system: ApprovalSystem, table: Table) -> None:
    """告知承诺: in force, with a condition and its last day, until it is fulfilled."""
    due = (today() + timedelta(days=30)).isoformat()
    made = system.issue(hygiene(conditions=[{"text": "补交室内空气检测报告", "due": due}]))
    file = DEMO / "conditional.pdf"
    file.write_bytes(system.download(made["identifier"], "pdf"))
    table.check("附条件 conditional", ask_the_node(node, file), "有效（附条件")
    path = f"/v1/licenses/{made['identifier']}/conditions/1/fulfilment"
    system.http.post(path, {"basis": "报告已收"})
    table.check("…fulfilled", live_sentence(node, made), "有效")


def live_sentence(node: Node, made: dict[str, Any]) -> str:
    """Return what a node says of a number with its check code, as anybody may ask."""
    caller = HttpCaller(node.url)
    form = {"identifier": made["identifier"], "check_code": made["check_code"]}
    report = caller.form("/v1/verifications", form).json()
    return str(report["sentence"]["zh"])


def part_of(system: ApprovalSystem, identifier: str, table: Table) -> None:
    """一业一证: a part is revoked, the license lives."""
    path = f"/v1/licenses/{identifier}/parts"
    system.http.post(f"{path}/2/revocation", {"basis": "《公共场所卫生管理条例》第十四条"})
    parts = system.http.get(path, USE).json()["items"]
    told = ", ".join(f"{one['name']} {one['status']['zh']}" for one in parts)
    still = system.look(identifier)["status"]["zh"]
    table.check("综合许可证 composite", f"{still}: {told}", "有效: ", "公共场所卫生许可 吊销")


def _version(license_: dict[str, Any]) -> str:
    return str(license_["identifier"].split(".")[-2])
