"""A window of region B where a holder is who took licenses of region A into the own vault in B."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from api_node import EXAMPLES, Node
from test_exchange import USE
from test_receipts_and_decisions import HYGIENE, USE_LIST
from two_regions import A_REGION, B_REGION, NANJING

from api.use_header import written_use
from license_vault.access.requests import AccessRequestWriter, AccessWish
from license_vault.access.use import Use
from license_vault.api_clients import Caller
from license_vault.clock import civil_date
from license_vault.fsck.journals import journal_violations
from license_vault.holding.holder_handles import HandleGiving, Presence
from license_vault.presenting.devices import DeviceWriter
from license_vault.sharing.publishing import SharingPublisher
from signing.sealed_json.sharing_document import SharingKind

BUSINESS = "11310000MBDEM00076003"
_EXAMPLE = json.loads((EXAMPLES / "public-place-hygiene.json").read_text("utf-8"))
_HELD = _EXAMPLE["holders"][0]
HOLDER = (_HELD["document_type"], _HELD["document_number"])

Decision = Callable[[str], dict[str, Any]]
"""What POST /v1/verifications decides about A's file for an item of B."""


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
            writer.grant(asked, civil_date(at), "operator:test")

    def form(self) -> dict[str, Any]:
        headers = {**self.node.auth("cases"), "License-Use": written_use(self.use)}
        answer = self.node.client.get(f"/v1/cases/{self.case}/form", headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()


def stands_for_needs_as_the_use_list_says(
    counter: Counter, identifier: str, decision: Decision
) -> None:
    """A's license, in the holder's vault in B, fills forms in B where the holder is, a grant,
    and B's use list; before, it is told with the decision that anybody hears.
    """
    code = counter.item["code"]
    assert counter.form()["needs"][0]["missing"] == "access-not-granted"
    counter.grant(HYGIENE)
    told = {"license": identifier, "type_code": HYGIENE, "region": A_REGION, "verdict": "valid"}
    for accepted, missing, word in (
        (None, "manual", "item-unknown"),
        ({"regions": ["330000"]}, "to-submit", "region-not-listed"),
        ({"fields": ["/number", "/fields/not_there"]}, "manual", "field-missing"),
        ({}, None, "listed"),
    ):
        publish_use_list(counter.node, [] if accepted is None else [code], **accepted or {})
        form = counter.form()
        (need,) = form["needs"]
        (decided,) = need["decided"]
        assert (need["missing"], decided["decision"]["listed"]) == (missing, word)
        assert decided["decision"] == decision(code)
        assert decided.items() >= told.items()
        counts = missing is None
        assert form["have"] == int(counts)
        assert (need["license"] is not None, form["fields"][0]["value"] is not None) == (
            counts,
            counts,
        )
    entries = of_journal(counter.node, identifier)
    assert [(entry["action"], entry["result"]) for entry in entries[:4]] == [
        ("prefilled", "ok"),
        ("verified", "manual"),
        ("verified", "to_submit"),
        ("verified", "manual"),
    ]
    assert {entry["use"]["case_number"] for entry in entries[:4]} == {counter.number}


def of_journal(node: Node, identifier: str) -> list[dict[str, Any]]:
    """The newest entries of the holder's journal, all about one license of A; it is whole."""
    services, me = node.services, node.holder(*HOLDER)
    handle = node.client.get("/v1/holders/me", headers=me).json()["handle"]
    page = node.client.get(f"/v1/holders/{handle}/journal", headers=me).json()
    assert {entry["license"] for entry in page["items"]} == {identifier}
    assert page["types"][identifier]["region"] == A_REGION
    assert not list(journal_violations(services.database, services.vault))
    return page["items"]


def fills_forms_at_a_kiosk(counter: Counter, identifier: str) -> None:
    """The same license at a kiosk of B: only for the item that needs it, by grant and use list."""
    services, code = counter.node.services, counter.item["code"]
    with services.database.writing() as session:
        writer = DeviceWriter(session, services.keys, services.random_bytes)
        made = writer.add(NANJING, "大厅 2 号机", services.clock())
        token = writer.give_token(
            made.device_id, made.secret, services.device_token_lifetime, services.clock()
        ).token
    client = counter.node.client

    def get(path: str, item: str = code) -> dict[str, Any]:
        use = replace(counter.use, operator="kiosk", item_code=item, case_number="visit-1")
        headers = {"Authorization": f"Bearer {token}", "License-Use": written_use(use)}
        if not path:
            named = {name: _HELD[name] for name in ("name", "document_type", "document_number")}
            body = {**named, "evidence": {"kind": "id-card-read", "reference": "r-2"}}
            answer = client.post("/v1/devices/holder-handles", json=body, headers=headers)
        else:
            answer = client.get(f"/v1/devices/holders/{path}", headers=headers)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    handle = get("")["handle"]
    listed = get(f"{handle}/licenses")
    (partner,) = listed["partner_licenses"]
    assert (listed["items"], listed["missing"]) == ([], [])
    assert (partner["license"], partner["region"]) == (identifier, A_REGION)
    assert partner["decision"]["outcome"] == "waived"
    assert partner["authority"]
    form = get(f"{handle}/form")
    assert (form["have"], form["of"]) == (1, 1)
    assert form["fields"][0]["source"]["region"] == A_REGION
    first, second = of_journal(counter.node, identifier)[:2]
    assert (first["action"], second["action"]) == ("prefilled", "shown")
    assert {first["actor"], second["actor"]} == {f"device:{made.device_id}"}
    assert get(f"{handle}/licenses", "no-such-item")["partner_licenses"] == []
    publish_use_list(counter.node, [])
    listed = get(f"{handle}/licenses")
    assert listed["missing"] == [HYGIENE]
    assert listed["partner_licenses"][0]["decision"]["listed"] == "item-unknown"
    assert get(f"{handle}/form")["needs"][0]["missing"] == "manual"
    publish_use_list(counter.node, [code])


def publish_use_list(node: Node, items: Sequence[str], **accepted: Any) -> None:
    """Let B list the type for some items more than it always does."""
    listed, _ = USE_LIST["items"]
    (accepts,) = listed["accepts"]
    more = [{**listed, "item": item, "accepts": [{**accepts, **accepted}]} for item in items]
    publish(node, SharingKind.USE_LIST, {"items": [*USE_LIST["items"], *more]})


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
    publish_use_list(node, [item["code"]], types=[BUSINESS])
    publish_maps(node, HYGIENE, BUSINESS, "/fields/address", "/fields/domicile")
    form = counter.form()
    assert form["needs"][0]["license"]["type_code"] == BUSINESS
    assert form["fields"][0]["value"] == _EXAMPLE["fields"]["address"]
    publish_maps(node, HYGIENE, HYGIENE, "/number", "/number")


def publish_maps(node: Node, their_type: str, our_type: str, theirs: str, ours: str) -> None:
    types = [{"theirs": their_type, "ours": our_type}]
    fields = [{"type": our_type, "theirs": theirs, "ours": ours}]
    content = {"partners": [{"region": A_REGION, "types": types, "fields": fields}]}
    publish(node, SharingKind.MAPS, content)


def publish(node: Node, kind: SharingKind, content: dict[str, Any]) -> None:
    with node.services.database.writing() as session:
        publisher = SharingPublisher(session, B_REGION, node.services.signer)
        publisher.publish(kind, content, "operator:test", node.services.clock())
