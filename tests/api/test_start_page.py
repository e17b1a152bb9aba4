"""The start page: everywhere what this is; on a demo node samples and people besides."""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from api_node import Node

from api.authentication import ClaimNames, HolderPerson, person_of
from api.demonstration import START_PAGE, read_demonstration
from api.errors import SettingsRefusedError, StartRefusedError
from api.settings import Settings
from api.settings_checks import refuse_unfit
from examples.demo_people import demo_people
from examples.login_provider import LoginProvider

NAMES = ClaimNames("roles", "organisation", "document_type", "document_number")
WORDS = {"zh": "没有印章的文件", "en": "A file without a seal"}
CALLBACK = "http://127.0.0.1:8000/login/callback"
VERIFIER = "v" * 64


def demo_folder(folder: Path, file: str = "form-sheet.json") -> Path:
    page = {
        "samples": [{"file": file, "name": WORDS, "about": WORDS}],
        "numbered": {"identifier": "1.2.156", "check_code": "AAAA-BBBB-CCCCC"},
        "people": [one.shown for one in demo_people()],
        "kiosk": {"device_id": "kiosk-1", "device_secret": "shown-to-all"},
    }
    (folder / START_PAGE).write_text(json.dumps(page), encoding="utf-8")
    (folder / "form-sheet.json").write_text('{"no": "seal"}')
    (folder / "not-a-sample.txt").write_text("of the operator")
    return folder


@pytest.fixture
def demo(node: Node, tmp_path: Path) -> Iterator[Node]:
    state = node.client.app.state
    services = state.services
    state.services = replace(services, demonstration=read_demonstration(demo_folder(tmp_path)))
    yield node
    state.services = services


def test_elsewhere_the_start_page_offers_no_demo(node: Node) -> None:
    page = node.client.get("/").text
    assert "/samples/" not in page
    assert "演示" not in page
    assert 'href="/verify"' in page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_sample_is_downloaded_and_verified_as_on_the_page_that_verifies(
    demo: Node, language: str
) -> None:
    assert WORDS[language] in demo.client.get("/", params={"lang": language}).text
    assert demo.client.get("/samples/form-sheet.json").content == b'{"no": "seal"}'
    page = demo.client.get("/samples/form-sheet.json/verification", params={"lang": language})
    assert page.status_code == 200
    assert {"zh": "没有可核验的印章", "en": "seal"}[language] in page.text
    assert f'lang="{ {"zh": "zh-CN", "en": "en"}[language] }"' in page.text


@pytest.mark.parametrize("name", ["not-a-sample.txt", "start-page.json", "..%2Fstart-page.json"])
def test_only_what_is_listed_is_handed_out(demo: Node, name: str) -> None:
    assert demo.client.get(f"/samples/{name}").status_code == 404
    assert demo.client.get(f"/samples/{name}/verification").status_code == 404


@pytest.mark.parametrize("file", ["missing.pdf", "../start-page.json", "/etc/hosts"])
def test_a_node_does_not_start_with_a_folder_that_lacks_what_it_names(
    tmp_path: Path, file: str
) -> None:
    with pytest.raises(StartRefusedError):
        read_demonstration(demo_folder(tmp_path, file))


def test_production_refuses_demo_data() -> None:
    with pytest.raises(SettingsRefusedError) as refused:
        refuse_unfit(Settings(environment="production", demonstration=Path("demo")))
    assert any("DEMONSTRATION" in reason for reason in refused.value.reasons)


def asked(login: str = "") -> dict[str, str]:
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    return {
        "response_type": "code",
        "client_id": "license-vault",
        "redirect_uri": CALLBACK,
        "state": "s",
        "nonce": "n",
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
        **({"login_hint": login} if login else {}),
    }


def redeemed(provider: LoginProvider, login: str, **changes: str) -> tuple[int, bytes]:
    status, address, _ = provider.answer("/authorize", asked(login))
    assert status == 303
    code = parse_qs(urlsplit(address).query)["code"][0]
    form = {"client_id": "license-vault", "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    told, _, body = provider.redeem({**form, "code": code, **changes})
    again, _, _ = provider.redeem({**form, "code": code})
    assert again == 400
    return told, body


def test_everybody_of_the_demo_logs_in_as_who_they_are() -> None:
    provider = LoginProvider(demo_people(), CALLBACK)
    provider.keys.issuer = "http://127.0.0.1:8001"
    key = jwt.PyJWK(json.loads(provider.keys.key_set())["keys"][0])
    for person in demo_people():
        _, body = redeemed(provider, person.login)
        token = json.loads(body)["id_token"]
        claims = jwt.decode(token, key.key, algorithms=["RS256"], audience="license-vault")
        assert claims["nonce"] == "n"
        is_holder = isinstance(person_of(claims, NAMES), HolderPerson)
        assert is_holder == (person.to == "/my")


def test_the_provider_asks_whom_it_is_not_told_of_and_redeems_for_the_proof_only() -> None:
    provider = LoginProvider(demo_people(), CALLBACK)
    status, _, page = provider.answer("/authorize", asked("nobody"))
    assert status == 200
    assert page.count(b"login_hint=") == len(demo_people())
    for changed in ("code_verifier", "redirect_uri", "client_id"):
        assert redeemed(provider, "clerk", **{changed: "another"})[0] == 400
    elsewhere = {**asked("clerk"), "redirect_uri": "http://evil.example.cn/"}
    assert provider.answer("/authorize", elsewhere)[0] == 400


def test_a_form_whose_session_is_over_offers_to_log_in_and_leads_nowhere_else(node: Node) -> None:
    page = node.client.post("/logout", headers={"Accept": "text/html"}, follow_redirects=False)
    assert page.status_code == 401
    assert 'href="/login?next=/"' in page.text
    at_the_kiosk = node.client.get(
        "/kiosk", headers={"Accept": "text/html"}, follow_redirects=False
    )
    assert at_the_kiosk.headers["location"] == "/kiosk/start"
