"""Kiosks over HTTP: credentials of their own, only what the item needs, shut out at once."""

import json

import pytest
from api_node import EXAMPLES, FENGXIAN, JIADING, Node

from api.use_header import written_use
from license_vault.access.use import Use
from license_vault.cases.item_definition import SCHEMA, read_item_definition
from license_vault.cases.needs import ItemNeedsWriter
from license_vault.presenting.devices import Devices, DeviceWriter

ITEM, OTHER_ITEM = "kiosk-1", "kiosk-2"
OTHER_TYPE = "11310000MBDEM00076003"


class Kiosk:
    """A device with its token, and the holder who stands before it."""

    def __init__(self, node: Node, organisation: str) -> None:
        self.node, services = node, node.services
        with services.database.writing() as session:
            writer = DeviceWriter(session, services.keys, services.random_bytes)
            self.made = writer.add(organisation, "大厅 1 号机", services.clock())
        self.organisation = organisation
        self.token = self.trade().json()["access_token"]

    def trade(self):
        body = {"device_id": self.made.device_id, "device_secret": self.made.secret}
        return self.node.client.post("/v1/devices/token", json=body)

    def headers(self, item: str = ITEM) -> dict[str, str]:
        use = Use(self.organisation, "AA-BB-CC", "延续", item, "C-1", "自助申报")
        return {"Authorization": f"Bearer {self.token}", "License-Use": written_use(use)}

    def handle(self, named: dict) -> str:
        body = {
            "name": named["name"],
            "document_type": named["document_type"],
            "document_number": named["document_number"],
            "evidence": {"kind": "id-card-read", "reference": "r-1"},
        }
        path = "/v1/devices/holder-handles"
        answer = self.node.client.post(path, json=body, headers=self.headers())
        assert answer.status_code == 201, answer.text
        return answer.json()["handle"]

    def get(self, path: str, item: str = ITEM):
        return self.node.client.get(f"/v1/devices/holders/{path}", headers=self.headers(item))


@pytest.fixture(scope="module")
def named(node: Node) -> dict:
    body = json.loads((EXAMPLES / "public-place-hygiene.json").read_text("utf-8"))
    for code, type_code in ((ITEM, body["type_code"]), (OTHER_ITEM, OTHER_TYPE)):
        put_item(node, code, type_code)
    return body["holders"][0]


def put_item(node: Node, code: str, type_code: str) -> None:
    name = {"zh": "事项", "en": "item"}
    need = {"key": "a", "name": name, "types": [type_code], "required": True}
    sources = [{"holder": "/holders/0/name"}]
    applicant = {"key": "applicant", "label": name, "sources": sources}
    document = {
        "schema": SCHEMA, "code": code, "name": name, "mode": "sole",
        "needs": [need], "form": [applicant], "results": [],
    }  # fmt: skip
    definition = read_item_definition(document, None)
    with node.services.database.writing() as session:
        ItemNeedsWriter(session).put(definition, "operator:test", node.services.clock())


@pytest.fixture(scope="module")
def kiosk(node: Node, issued: dict) -> Kiosk:
    return Kiosk(node, JIADING)


def test_a_kiosk_lists_and_shows_what_its_item_needs(kiosk, named, issued) -> None:
    handle = kiosk.handle(named)
    listed = kiosk.get(f"{handle}/licenses").json()
    assert issued["identifier"] in {item["identifier"] for item in listed["items"]}
    path = f"{handle}/licenses/{issued['identifier']}"
    assert kiosk.get(path).json()["fields"]["holders.name"] == named["name"]
    assert kiosk.get(f"{path}/file").content.startswith(b"%PDF-")
    other = kiosk.get(f"{handle}/licenses", OTHER_ITEM).json()
    assert (other["items"], other["missing"]) == ([], [OTHER_TYPE])
    assert kiosk.get(path, OTHER_ITEM).json()["type"].endswith("type-not-needed")
    assert kiosk.get(f"{handle}/licenses", "no-such-item").json()["items"] == []


def test_a_kiosk_fills_the_form_of_its_item(kiosk, named, issued) -> None:
    items = kiosk.node.client.get("/v1/devices/items", headers=kiosk.headers()).json()["items"]
    assert {ITEM, OTHER_ITEM} <= {item["code"] for item in items}
    path = f"{kiosk.handle(named)}/form"
    form = kiosk.get(path).json()
    assert (form["have"], form["of"], form["item_code"]) == (1, 1, ITEM)
    [applicant] = form["fields"]
    assert (applicant["value"], applicant["source"]) == (named["name"], {"case": "/holders/0/name"})
    assert kiosk.get(path, OTHER_ITEM).json()["have"] == 0
    assert kiosk.get(path, "no-such-item").json()["type"].endswith("item-not-found")


def test_every_look_is_in_the_holders_journal(kiosk, named, issued, node: Node) -> None:
    person = node.holder(named["document_type"], named["document_number"])
    me = node.client.get("/v1/holders/me", headers=person).json()["handle"]
    kiosk.get(f"{kiosk.handle(named)}/licenses/{issued['identifier']}")
    entries = node.client.get(f"/v1/holders/{me}/journal", headers=person).json()["items"]
    assert entries[0]["actor"] == f"device:{kiosk.made.device_id}"


def test_a_kiosk_of_another_authority_sees_nothing_without_a_grant(
    node: Node, named: dict, issued: dict
) -> None:
    far = Kiosk(node, FENGXIAN)
    handle = far.handle(named)
    # Its own organisation's licenses it does see, if another file of tests issued some.
    listed = far.get(f"{handle}/licenses").json()["items"]
    assert {one["authority"]["code"] for one in listed} <= {FENGXIAN}
    path = f"{handle}/licenses/{issued['identifier']}"
    assert far.get(path).json()["type"].endswith("access-not-granted")


def test_a_handle_is_of_the_organisation_it_was_given_to(node: Node, kiosk, named) -> None:
    handle = Kiosk(node, FENGXIAN).handle(named)
    assert kiosk.get(f"{handle}/licenses").json()["type"].endswith("holder-handle-unusable")


def test_a_kiosk_may_do_nothing_else(kiosk, issued: dict, node: Node) -> None:
    answers = [
        node.client.get(path, headers=kiosk.headers())
        for path in ("/v1/licenses", f"/v1/licenses/{issued['identifier']}", "/v1/holders/me")
    ]
    assert {answer.status_code for answer in answers} <= {401, 403}


def test_a_revoked_kiosk_is_shut_out_at_once_and_no_other(node: Node, kiosk, named) -> None:
    lost = Kiosk(node, JIADING)
    handle = lost.handle(named)
    services = node.services
    with services.database.writing() as session:
        writer = DeviceWriter(session, services.keys, services.random_bytes)
        assert writer.revoke(lost.made.device_id, services.clock())
        assert not writer.revoke(lost.made.device_id, services.clock())
    assert lost.get(f"{handle}/licenses").status_code == 401
    assert lost.trade().status_code == 401
    assert kiosk.get(f"{handle}/licenses").status_code == 200
    with services.database.reading() as session:
        states = {
            device.device_id: device.revoked_at is None
            for device in Devices(session, services.keys).everyone()
        }
    assert (states[lost.made.device_id], states[kiosk.made.device_id]) == (False, True)
