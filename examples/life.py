"""Step: a license's life. Each state, as the partner's folder and the issuer's node say it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from examples.http_caller import HttpCaller
from examples.node import DEMO, Node
from examples.requests_to_issue import hygiene, today
from examples.systems import USE, ApprovalSystem, Partner, ask_the_node
from examples.table import Table

NOT_IN_FORCE = 2
# Verb, basis, and the state that every verdict has to name from then on.
ENDS = (
    ("suspension", "《中华人民共和国行政处罚法》第九条", "暂扣"),
    ("rescission", "《中华人民共和国行政许可法》第六十九条", "撤销"),
    ("revocation", "《中华人民共和国行政处罚法》第九条", "吊销"),
    ("cancellation", "《中华人民共和国行政许可法》第七十条", "注销"),
    ("transfer-out", "管辖变更", "转出"),
)


class Life:
    """Does verbs to licenses, and keeps the files that the partner is asked about."""

    def __init__(self, node: Node, system: ApprovalSystem, table: Table) -> None:
        self._node = node
        self._system = system
        self._table = table
        self.files: dict[Path, str] = {}

    def change_ahead(self) -> None:
        """变更 from a day to come: until then the old one is in force, as as_of shows."""
        day = today() + timedelta(days=30)
        old = self._issue("life-changed-old", "有效")
        order = {
            "basis": "《中华人民共和国行政许可法》第四十九条",
            "case_number": "JD-2026-BG-000001",
            "effective": day.isoformat(),
            "fields": {"address": "上海市嘉定区演示镇新址路 9 号"},
        }
        new = self._system.verb(old, "change", order)["identifier"]
        self._keep(new, "life-changed-new", "未生效")
        for identifier, now, then in ((old, "有效", "被替代"), (new, "未生效", "有效")):
            found = self._system.look(identifier, day.isoformat())
            outcome = f"今天 {found['status']['zh']}; as_of {day}: {_state(found)}"
            named = "原" if identifier == old else "新"
            self._table.check(f"变更, 自 {day} 起, {named}证 {identifier}", outcome, now, then)

    def renew(self) -> None:
        """延续: the next version, linked both ways; the old one is over in the same moment."""
        old = self._issue("life-renewed-old", "被替代")
        order = {
            "basis": "《中华人民共和国行政许可法》第五十条",
            "case_number": "JD-2026-YX-000001",
            "valid_until": f"{today().year + 6}-03-18",
        }
        new = self._system.verb(old, "renewal", order)
        self._keep(new["identifier"], "life-renewed-new", "有效")
        linked = f"{new['predecessor']} → {new['identifier']}, 原证{self._status(old)}"
        self._table.check("延续 renewal", linked, f"{old} →", "被替代")

    def reissue(self) -> None:
        """补证: same content, and what was printed before is void."""
        old = self._issue("life-reissued-old", "被替代")
        made = self._system.http.post(f"/v1/licenses/{old}/prints", use=USE).json()
        before = self._printed(made)
        order = {"basis": "遗失补证", "case_number": "JD-2026-BZ-000001"}
        self._system.verb(old, "reissue", order)
        outcome = f"{before} → 补证后 {self._printed(made)}"
        self._table.check(f"打印件第 {made['number']} 号", outcome, "打印件有效", "作废")

    def suspend_and_resume(self) -> None:
        """暂扣, 发还, and the history with who and why; yesterday there was no license."""
        identifier = self._issue("life-resumed", "有效")
        said = []
        for verb in ("suspension", "resumption"):
            self._system.verb(identifier, verb, {"basis": "《中华人民共和国行政处罚法》第九条"})
            said.append(self._node_says("life-resumed"))
        self._table.check("暂扣, 发还, as the node says", " ".join(said), "暂扣", "有效。")
        path = f"/v1/licenses/{identifier}/history"
        events = self._system.http.get(path, USE).json()["events"]
        told = ", ".join(f"{e['kind']} (operateType {e['operate_type']})" for e in events)
        self._table.check("履历 history", told, "issued", "suspended", "resumed")
        yesterday = (today() - timedelta(days=1)).isoformat()
        found = self._system.look(identifier, yesterday)
        self._table.check(f"as_of {yesterday}", f"{_state(found)}", "尚无此证")

    def end_each(self) -> None:
        """The verbs after which a license is not in force, or not for now."""
        for verb, basis, state in ENDS:
            self._system.verb(self._issue(f"life-{verb}", state), verb, {"basis": basis})

    def _issue(self, name: str, state: str) -> str:
        identifier: str = self._system.issue(hygiene())["identifier"]
        self._keep(identifier, name, state)
        return identifier

    def _keep(self, identifier: str, name: str, state: str) -> None:
        file = DEMO / f"{name}.ofd"
        file.write_bytes(self._system.download(identifier, "ofd"))
        self.files[file] = state

    def _status(self, identifier: str) -> str:
        return str(self._system.look(identifier)["status"]["zh"])

    def _printed(self, made: dict[str, Any]) -> str:
        shown = HttpCaller(self._node.url).get(f"/v1/prints/{made['code']}").json()
        return str(shown["sentence"]["zh"])

    def _node_says(self, name: str) -> str:
        return ask_the_node(self._node, DEMO / f"{name}.ofd")


def run(node: Node, system: ApprovalSystem, partner: Partner, table: Table) -> None:
    """Go through a license's life."""
    table.step("2 证照的一生 a license's life, with the verdict on each state")
    life = Life(node, system, table)
    life.change_ahead()
    life.renew()
    life.reissue()
    life.suspend_and_resume()
    life.end_each()
    partner.fetch_bundle()
    said = partner.verify(NOT_IN_FORCE, *life.files)
    for file, state in life.files.items():
        there, here = (_short(one) for one in (said[file.name], ask_the_node(node, file)))
        promised = "有效。" if state == "有效" else f"不在有效状态：{state}。"
        outcome = f"partner: {there} node: {here}"
        table.check(file.name, outcome, f"partner: {promised}", f"node: {promised}")


def _short(sentence: str) -> str:
    return sentence.split("。")[0] + "。"


def _state(found: dict[str, Any]) -> str:
    state = found["as_of"]["state"]
    return "尚无此证" if state is None else str(state["status"]["zh"])
