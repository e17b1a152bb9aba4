"""A window of region B where a holder is who took licenses of region A into the own vault in B."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field, replace
from typing import Any

from api_node import EXAMPLES, Node
from test_exchange import USE
from test_receipts_and_decisions import HYGIENE
from two_regions import A_REGION, B_REGION, NANJING

from api.use_header import written_use
from license_vault.access.requests import AccessRequestWriter, AccessWish
from license_vault.access.use import Use
from license_vault.api_clients import Caller
from license_vault.fsck.journals import journal_violations
from license_vault.holding.holder_handles import HandleGiving, Presence
from license_vault.sharing.publishing import SharingPublisher
from signing.sealed_json.sharing_document import SharingKind

BUSINESS = "11310000MBDEM00076003"
_EXAMPLE = json.loads((EXAMPLES / "public-place-hygiene.json").read_text("utf-8"))
_HELD = _EXAMPLE["holders"][0]
HOLDER = (_HELD["document_type"], _HELD["document_number"])


@dataclass
class Counter:
    """A window of B where the holder is, with a case of its own about an item."""

    node: Node
    item: dict[str, Any]
    number: str
    use: Use = field(init=False)
    case: str = field(init=False)

    def __post_init__(self) -> None:
        code = self.item["code"]
        self.use = replace(USE, item_code=code, case_number=self.number)
        holders = [{"handle": self.there()}]
        body = {"item_code": code, "case_number": self.number, "holders": holders}
        headers = {**self.node.auth("cases"), "Idempotency-Key": f"counter-{code}"}
        opened = self.node.client.post("/v1/cases", json=body, headers=headers)
        assert opened.status_code == 201, opened.text
        self.case = opened.json()["case"]

    def there(self) -> str:
        """The handle that B's window got for the holder, who has licenses of A alone."""
        services = self.node.services
        presence = Presence(_HELD["name"], *HOLDER, "window-check", "w-1")
        with services.database.writing() as session:
            giving = HandleGiving(session, services.macs, services.vault, secrets.token_bytes)
            caller = Caller("client:cases", NANJING, frozenset())
            return giving.give(presence, caller, services.clock()).handle

    def grant(self, type_code: str) -> None:
        services, at = self.node.services, self.node.services.clock()
        wish = AccessWish(self.item["code"], type_code, self.use.purpose, "演示")
        with services.database.writing() as session:
            writer = AccessRequestWriter(session, services.keys, at)
            asked = writer.ask(NANJING, wish, "client:cases", secrets.token_bytes)
            writer.grant(asked, at.date(), "operator:test")

    def form(self) -> dict[str, Any]:
        headers = {**self.node.auth("cases"), "License-Use": written_use(self.use)}
        answer = self.node.client.get(f"/v1/cases/{self.case}/form", headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()


def stands_for_needs_like_an_own_one(counter: Counter, identifier: str) -> None:
    """A's license, in the holder's vault in B, fills forms in B where the holder is and a grant."""
    assert counter.form()["needs"][0]["missing"] == "access-not-granted"
    counter.grant(HYGIENE)
    (need,) = counter.form()["needs"]
    told = {"license": identifier, "type_code": HYGIENE, "region": A_REGION}
    assert need["license"].items() >= {**told, "verdict": "valid"}.items()
    node = counter.node
    services, me = node.services, node.holder(*HOLDER)
    handle = node.client.get("/v1/holders/me", headers=me).json()["handle"]
    page = node.client.get(f"/v1/holders/{handle}/journal", headers=me).json()
    entry = page["items"][0]
    assert (entry["license"], entry["action"]) == (identifier, "prefilled")
    assert entry["use"]["case_number"] == counter.number
    assert page["types"][entry["license"]]["region"] == A_REGION
    assert not list(journal_violations(services.database, services.vault))


def counts_in_our_codes(node: Node, like: dict[str, Any]) -> None:
    """Where B maps A's type and one of its fields, they count as what they are mapped to."""
    item = {
        **like,
        "needs": [{**like["needs"][0], "types": [BUSINESS]}],
        "form": [
            {
                "key": "domicile",
                "label": {"zh": "住所", "en": "Domicile"},
                "sources": [{"type": BUSINESS, "path": "/fields/domicile"}],
            }
        ],
    }
    window = node.auth("cases")
    put = node.client.put(f"/v1/items/{item['code']}", json=item, headers=window)
    assert put.status_code == 200, put.text
    counter = Counter(node, item, "NJ-办件-0002")
    counter.grant(BUSINESS)
    assert counter.form()["needs"][0]["missing"] == "not-found"
    publish_maps(node, HYGIENE, BUSINESS, "/fields/address", "/fields/domicile")
    form = counter.form()
    assert form["needs"][0]["license"]["type_code"] == BUSINESS
    assert form["fields"][0]["value"] == _EXAMPLE["fields"]["address"]
    publish_maps(node, HYGIENE, HYGIENE, "/number", "/number")


def publish_maps(node: Node, their_type: str, our_type: str, theirs: str, ours: str) -> None:
    types = [{"theirs": their_type, "ours": our_type}]
    fields = [{"type": our_type, "theirs": theirs, "ours": ours}]
    content = {"partners": [{"region": A_REGION, "types": types, "fields": fields}]}
    with node.services.database.writing() as session:
        publisher = SharingPublisher(session, B_REGION, node.services.signer)
        publisher.publish(SharingKind.MAPS, content, "operator:test", node.services.clock())
