"""Step: a holder's vault. See, be told, dispute, show by one code, copy for one purpose."""

from __future__ import annotations

from datetime import timedelta

from examples.http_caller import HttpCaller, use_header
from examples.main_job import Issued
from examples.node import DEMO, Node
from examples.people import IdentityProvider
from examples.requests_to_issue import (
    ENTERPRISE,
    REPRESENTATIVE,
    identity_card,
    today,
)
from examples.setting_up import authority
from examples.systems import ApprovalSystem, Holder, Partner, ask_the_node
from examples.table import Table

NOT_IN_FORCE = 2
AT_THE_WINDOW = {
    "operator": "window-03",
    "item_name": "食品经营许可",
    "item_code": "DEMO-0002",
    "case_number": "JD-2026-CK-000001",
    "purpose": "免交法定代表人身份证和营业执照",
}


class Vault:
    """A person's vault, and that of the enterprise whose legal representative they are."""

    def __init__(
        self, node: Node, system: ApprovalSystem, provider: IdentityProvider, table: Table
    ) -> None:
        self.node, self.system, self.table = node, system, table
        self.provider = provider

    def log_in(self, business: Issued) -> None:
        """Issue the person's card, record the representation, log in with the provider."""
        self.card: str = self.system.issue(identity_card(REPRESENTATIVE))["identifier"]
        self.business, self.enterprise = business, business.handle
        given = {
            "agent": REPRESENTATIVE.document,
            "license": business.identifier,
            "evidence": "营业执照载明的法定代表人",
        }
        self.system.http.post(f"/v1/holders/{self.enterprise}/representations", given)
        self.officer = self.provider.officer(authority()["code"])
        self.person = Holder(self.node, self.provider.holder(REPRESENTATIVE))
        acting = {**self.person.http.said, "Acting-For": self.enterprise}
        self.representing = HttpCaller(self.node.url, acting)

    def list(self) -> None:
        """All licenses of both, and what ends soon."""
        own = self.person.http.get(f"/v1/holders/{self.person.handle}/licenses").json()["items"]
        path = f"/v1/holders/{self.enterprise}"
        theirs = self.representing.get(f"{path}/licenses?limit=100").json()["items"]
        self.table.check(REPRESENTATIVE.name, _names(own), "居民身份证")
        self.table.check(ENTERPRISE.name, _names(theirs), "营业执照", "公共场所卫生许可证")
        reminders = self.representing.get(f"{path}/reminders").json()["items"]
        told = ", ".join(f"{one['valid_until']} ({one['days']} days)" for one in reminders)
        self.table.check("到期提醒 reminders", told, (today() + timedelta(days=20)).isoformat())

    def download(self) -> None:
        """The first download is the receipt of delivery."""
        path = f"/v1/holders/{self.person.handle}/licenses/{self.card}"
        file = DEMO / "identity-card-of-holder.pdf"
        file.write_bytes(self.person.http.get(f"{path}/file?form=pdf").body)
        received = self.person.http.get(f"{path}/deliveries").json()
        told = f"{received['items'][0]['channel']}, received {received['received']}"
        self.table.check("送达 delivery", told, "download, received True")

    def dispute(self) -> None:
        """异议: from now on every verdict says so, until the authority has answered."""
        path = f"/v1/holders/{self.person.handle}/licenses/{self.card}/disputes"
        filed = {"field": "fields.address", "grounds": "住址已于本月变更"}
        dispute = self.person.http.post(path, filed).json()
        file = DEMO / "identity-card-of-holder.pdf"
        said = ask_the_node(self.node, file)
        told = f"{dispute['number']}, 答复期限 {dispute['due_on']}: {said}"
        self.table.check("异议 dispute", told, "异议中")
        answer = {"outcome": "rejected", "answer": "户籍地址以登记为准"}
        number = dispute["number"]
        officer = HttpCaller(self.node.url, {"Authorization": f"Bearer {self.officer}"})
        answered = officer.post(f"/v1/disputes/{number}/answer", answer).json()
        told = f"{answered['outcome']['zh']}: {ask_the_node(self.node, file)}"
        self.table.check("…answered", told, "有效（签名而无")

    def show(self) -> None:
        """亮证: one code for the person's and the enterprise's license, scanned once."""
        business = self.business.identifier
        fields = {self.card: ["*"], business: ["holders.name", "number", "validity"]}
        order = {"licenses": [self.card, business], "fields": fields, "minutes": 5}
        made = self.person.http.post("/v1/presentations", order).json()
        picture = self.person.http.get(f"{made['qr']}?format=png").body
        (DEMO / "presenting-code.png").write_bytes(picture)
        window, path = self.system.http, "/v1/presentations/resolution"
        code = {"code": made["code"]}
        shown = window.post(path, code, use=AT_THE_WINDOW).json()
        told = "; ".join(
            f"{one['type']['name']} {one['state']}: {len(one['fields'])} fields"
            for one in shown["licenses"]
        )
        self.table.check("亮证, one code", told, "居民身份证", "营业执照 valid: 3 fields")
        again = window.refused(path, code, **use_header(AT_THE_WINDOW))
        self.table.check("…scanned again", again, "409")
        receipt = window.get(shown["receipt"]).body
        file = DEMO / "presenting-receipt.json"
        file.write_bytes(receipt)
        self.table.check("signed receipt", ask_the_node(self.node, file), "回执属实")

    def journal(self) -> None:
        """Who used what for which item and purpose, each entry chained to the one before."""
        path = f"/v1/holders/{self.person.handle}/journal"
        entries = self.person.http.get(path).json()["items"]
        told = "; ".join(
            f"{one['action']} by {one['actor'].split(':')[0]}"
            + (f" for {one['use']['item_name']}, {one['use']['purpose']}" if one["use"] else "")
            for one in entries
        )
        self.table.check("用证记录 journal", told, "presented", AT_THE_WINDOW["purpose"])

    def copy(self, parent: str, partner: Partner) -> None:
        """加注件: valid for one purpose; over with the license that it was made from."""
        order = {
            "user": "上海市嘉定区市场监督管理局（演示）",
            "item_name": "食品经营许可",
            "purpose": "办理食品经营许可，免交复印件",
            "until": (today() + timedelta(days=20)).isoformat(),
        }
        path = f"/v1/holders/{self.enterprise}/licenses/{parent}/copies"
        made = self.representing.post(path, order).json()
        file = DEMO / "purpose-bound-copy.pdf"
        file.write_bytes(self.representing.get(made["file"]).body)
        said = ask_the_node(self.node, file)
        self.table.check("加注件 copy", said, "有效的加注件", order["user"])
        basis = {"basis": "《中华人民共和国行政许可法》第七十条"}
        self.system.verb(parent, "cancellation", basis)
        partner.fetch_bundle()
        said = partner.verify(NOT_IN_FORCE, file)[file.name]
        self.table.check("…its license cancelled", said, "注销")


def _names(licenses: list[dict[str, dict[str, str]]]) -> str:
    found = [f"{one['type']['name_zh']} {one['status']['zh']}" for one in licenses]
    return f"{len(found)}: {', '.join(sorted(set(found)))}"


def run(vault: Vault, business: Issued, parent: str, partner: Partner) -> None:
    """Do everything that a holder does; the ``parent`` is a license of the enterprise."""
    vault.table.step("5 证照夹 a holder's vault, of a person and the enterprise they represent")
    vault.log_in(business)
    vault.list()
    vault.download()
    vault.dispute()
    vault.show()
    vault.journal()
    vault.copy(parent, partner)
