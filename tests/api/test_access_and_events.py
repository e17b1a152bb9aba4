"""Reads say what for, access is asked for and granted, and subscribers hear of a real license."""

import base64
import json
import secrets
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from api_node import CITY, FENGXIAN, FOR_A_USE, JIADING, USE, Node, build_node
from standardwebhooks import Webhook as ReceiversWebhook

from api.cli.main import main
from examples.directory_server import Directory, serve
from license_vault.access.errors import AccessNotGrantedError
from license_vault.access.grants import AccessGuard
from license_vault.access.use import Use
from license_vault.api_clients import Caller

TYPE = "11310000MBDEM00076003"
WANTED = {"item_code": "T-0001", "type_code": TYPE, "purpose": "核对已有证照", "basis": "依法"}


@pytest.fixture(scope="module")
def upper() -> Iterator[tuple[Directory, str]]:
    """The demo's upper directory, and where it is."""
    directory = Directory()
    server = serve(directory)
    yield directory, f"http://127.0.0.1:{server.server_port}/batches"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, upper: tuple[Directory, str]) -> Iterator[Node]:
    """A node whose background tasks run when a test says so."""
    home = tmp_path_factory.mktemp("events") / "home"
    node = build_node(home, webhooks={"networks": ["127.0.0.0/8"]}, directory={"url": upper[1]})
    yield node
    node.services.close()


def post(node: Node, path: str, body: object, who: dict[str, str], key: str | None = None):
    headers = {**who, "Idempotency-Key": key or secrets.token_hex(8)}
    return node.client.post(path, json=body, headers=headers)


def header(value: object) -> dict[str, str]:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return {"License-Use": base64.urlsafe_b64encode(data).decode()}


GOOD = {
    "operator": "o", "item_name": "n", "item_code": "c", "case_number": "k", "purpose": "p",
}  # fmt: skip


@pytest.mark.parametrize(
    ("use", "pointer"),
    [
        (header(b"not json"), ""),
        (header([1]), ""),
        ({"License-Use": "%%%"}, ""),
        (header(b"[" * 5000), ""),
        (header({**GOOD, "more": "x"}), ""),
        *((header({**GOOD, name: value}), f"/{name}") for name in GOOD for value in ("", 1, None)),
        (header({**GOOD, "purpose": "x" * 201}), "/purpose"),
        (header({**GOOD, "operator": "a\u0000b"}), "/operator"),
    ],
)
def test_a_use_that_cannot_be_read_is_pointed_at(node: Node, use: dict, pointer: str) -> None:
    who = {"Authorization": f"Bearer {node.token('jiading')}", **use}
    answer = node.client.get("/v1/licenses", headers=who)
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["code"] == "use-invalid"
    assert problem["errors"][0]["pointer"] == f"/header/license-use{pointer}"


def test_no_read_by_a_program_or_an_officer_without_a_use(node: Node) -> None:
    program = {"Authorization": f"Bearer {node.token('jiading')}"}
    officer = {"Authorization": node.officer(JIADING)["Authorization"]}
    paths = ("", "/X", "/X/file", "/X/manifest")
    for who in (program, officer):
        for path in paths:
            answer = node.client.get(f"/v1/licenses{path}", headers=who)
            assert (answer.status_code, answer.json()["code"]) == (400, "use-required")
        answer = node.client.get(f"/v1/holders/{'0' * 26}/licenses", headers=who)
        assert answer.json()["code"] == "use-required"
    assert node.client.get("/v1/licenses", headers=FOR_A_USE).status_code == 401


def test_access_is_asked_for_reviewed_granted_and_taken_back(node: Node) -> None:
    asking, owner = node.auth("fengxian"), node.officer(CITY)
    asked = post(node, "/v1/access-requests", WANTED, asking, "ask-1")
    assert asked.status_code == 201, asked.text
    again = post(node, "/v1/access-requests", WANTED, asking, "ask-1")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == asked.json()
    other = post(node, "/v1/access-requests", {**WANTED, "basis": "x"}, asking, "ask-1")
    assert other.json()["code"] == "idempotency-key-reused"

    one = f"/v1/access-requests/{asked.json()['number']}"
    grant = {"until": "2027-01-31"}
    for who, code in (
        (node.auth("city"), "forbidden"),
        (node.officer(FENGXIAN), "forbidden"),
        (node.officer(JIADING), "access-request-not-found"),
    ):
        assert post(node, f"{one}/grant", grant, who).json()["code"] == code
    assert not allowed(node)
    granted = post(node, f"{one}/grant", grant, owner)
    assert granted.json()["state"]["code"] == "granted", granted.text
    assert allowed(node)
    assert post(node, f"{one}/refusal", {}, owner).json()["code"] == "access-request-state"
    listed = node.client.get("/v1/access-requests", headers=asking).json()
    assert [item["number"] for item in listed["items"]] == [asked.json()["number"]]
    assert node.client.get("/v1/access-requests", headers=node.auth("jiading")).json() == {
        "items": [],
        "next": None,
    }
    assert post(node, f"{one}/revocation", {}, owner).status_code == 200
    assert not allowed(node)


@pytest.mark.parametrize("role", ["seal-auditor", "seal-manager", "security-administrator"])
def test_who_may_not_read_licenses_neither_asks_for_a_use_nor_grants_one(
    node: Node, role: str
) -> None:
    wish = {**WANTED, "purpose": f"{role}的用途"}
    asked = post(node, "/v1/access-requests", wish, node.auth("fengxian"), f"ask-{role}")
    person = node.seal_person(role, CITY, f"access-{role}")
    one = f"/v1/access-requests/{asked.json()['number']}"
    for answer in (
        node.client.get("/v1/access-requests", headers=person),
        node.client.get(one, headers=person),
        post(node, "/v1/access-requests", wish, person, f"ask-too-{role}"),
        post(node, f"{one}/grant", {"until": "2027-01-31"}, person),
        post(node, f"{one}/refusal", {}, person),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def allowed(node: Node) -> bool:
    caller = Caller("client:x", FENGXIAN, frozenset())
    with node.services.database.reading() as session:
        guard = AccessGuard(session, node.services.macs, node.services.clock())
        try:
            guard.require(caller, Use(FENGXIAN, *_members()), TYPE)
        except AccessNotGrantedError:
            return False
    return True


def _members() -> tuple[str, ...]:
    return (USE.operator, USE.item_name, USE.item_code, USE.case_number, USE.purpose)


class _Subscriber(BaseHTTPRequestHandler):
    told: list[tuple[bytes, dict[str, str]]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.told.append((body, dict(self.headers)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


def test_a_subscriber_hears_of_a_license_and_the_directory_is_to_know_it(node: Node) -> None:
    _Subscriber.told = []
    server = HTTPServer(("127.0.0.1", 0), _Subscriber)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    wish = {"url": f"http://127.0.0.1:{server.server_port}/hook", "kinds": ["license.issued"]}
    made = post(node, "/v1/webhooks", wish, node.auth("jiading"), "hook-1")
    assert made.status_code == 201, made.text
    assert post(node, "/v1/webhooks", wish, node.auth("jiading"), "hook-1").json() == made.json()
    hook = f"/v1/webhooks/{made.json()['number']}"

    identifier = node.issue().json()["identifier"]
    node.services.events.spreading.run()
    assert node.services.events.telling.run().delivered == 1
    server.shutdown()
    server.server_close()
    ((body, headers),) = _Subscriber.told
    told = ReceiversWebhook(made.json()["secret"]).verify(body, headers)
    assert told["type"] == "license.issued"
    assert told["data"]["subject"] == f"license:{identifier}"

    (delivery,) = node.client.get(f"{hook}/deliveries", headers=node.auth("jiading")).json()[
        "items"
    ]
    assert (delivery["state"], delivery["outcome"]) == ("delivered", "204")
    replay = {"since": "2020-01-01T00:00:00Z", "which": "all"}
    for _ in range(2):
        again = post(node, f"{hook}/replays", replay, node.auth("jiading"), "replay-1")
        assert again.json() == {"replayed": 1}
    for path in ("", "/deliveries"):
        answer = node.client.get(hook + path, headers=node.auth("fengxian"))
        assert answer.json()["code"] == "webhook-not-found"
    assert post(node, f"{hook}/activation", {}, node.auth("jiading")).json()["code"] == (
        "webhook-state"
    )
    assert post(node, f"{hook}/removal", {}, node.auth("jiading")).status_code == 204
    assert node.client.get(hook, headers=node.auth("jiading")).status_code == 404


def test_the_directory_refuses_a_license_and_takes_it_when_it_is_sent_again(
    node: Node,
    upper: tuple[Directory, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    jiading, events = node.auth("jiading"), node.services.events
    (license_,) = node.client.get("/v1/licenses", headers=jiading).json()["items"]
    identifier = license_["identifier"]
    assert figures(node, "jiading")["due"] == 1
    upper[0].refusing.add(identifier)
    assert events.reporting.run().refused == 1
    (wrong,) = node.client.get("/v1/directory/errors", headers=jiading).json()["items"]
    assert wrong["errors"] == [{"code": "quality-check", "member": "number"}]
    assert node.client.get("/v1/directory/errors", headers=node.auth("fengxian")).json() == {
        "items": []
    }
    upper[0].refusing.clear()
    path = f"/v1/directory/errors/{identifier}/resending"
    assert post(node, path, {}, node.auth("fengxian")).json()["code"] == "report-not-found"
    for _ in range(2):
        assert post(node, path, {}, jiading, "resend-1").json() == {"resent": 1}
    assert events.reporting.run().accepted == 1
    assert upper[0].records[identifier]["cert_state"] == "01"
    found = figures(node, "jiading")
    assert (found["collection_rate"], found["qualified_rate"], found["first_pass_rate"]) == (
        1,
        1,
        0,
    )
    assert figures(node, "fengxian")["to_report"] == 0

    monkeypatch.setenv("LICENSE_VAULT_HOME", str(node.settings.home))
    for command in (
        "directory status",
        "directory errors",
        "directory resend",
        "access list",
        "work --once",
    ):
        assert main(command.split()) == 0
    printed = capsys.readouterr().out
    assert "归集率\t100.00%" in printed
    assert "核对已有证照" in printed
    assert "outbox" in printed


def figures(node: Node, who: str) -> dict:
    return node.client.get("/v1/directory/figures", headers=node.auth(who)).json()


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://[::1]/", "ftp://127.0.0.1/", "x"])
def test_no_subscription_inside(node: Node, url: str) -> None:
    answer = post(node, "/v1/webhooks", {"url": url}, node.auth("jiading"))
    assert (answer.status_code, answer.json()["code"]) == (422, "address-refused")


def test_nobody_subscribes_to_what_it_may_not_read(node: Node) -> None:
    wish = {"url": "http://127.0.0.1/", "type_codes": [TYPE]}
    assert post(node, "/v1/webhooks", wish, node.auth("other-type")).status_code == 201
    everything = {"url": "http://127.0.0.1/"}
    assert post(node, "/v1/webhooks", everything, node.auth("other-type")).status_code == 403
    assert post(node, "/v1/webhooks", everything, node.auth("nothing")).status_code == 403
