import pytest
from api_node import Node
from test_issuing_over_http import problem

PAGE = "text/html; charset=utf-8"


def file_of(node: Node, license_: dict) -> bytes:
    return node.client.get(license_["files"][0]["href"], headers=node.auth("jiading")).content


def verify(node: Node, content: bytes, **form: str):
    return node.client.post("/v1/verifications", files={"file": ("a.pdf", content)}, data=form)


def test_a_genuine_file_is_valid_without_login(node: Node, issued: dict) -> None:
    answer = verify(node, file_of(node, issued))
    assert answer.status_code == 200
    report = answer.json()
    assert report["schema"] == "license-vault/report/1"
    assert report["verdict"] == "valid"
    assert report["sentence"]["zh"].startswith("有效")
    assert report["license"]["identifier"] == issued["identifier"]
    assert answer.headers["cache-control"] == "no-store"


def test_one_changed_byte_is_altered_and_still_an_answer(node: Node, issued: dict) -> None:
    content = bytearray(file_of(node, issued))
    content[2000] ^= 1
    answer = verify(node, bytes(content))
    assert (answer.status_code, answer.json()["verdict"]) == (200, "altered")


def test_the_day_asked_about_counts(node: Node, issued: dict) -> None:
    report = verify(node, file_of(node, issued), as_of="2031-01-01").json()
    assert report["verdict"] != "valid"
    early = verify(node, file_of(node, issued), as_of="2026-01-01").json()
    assert early["verdict"] == "not_in_force"


@pytest.mark.parametrize("as_of", ["gestern", "2026-13-01", "2026-01-01T00:00:00", "9" * 40])
def test_an_unreadable_time_is_pointed_at(node: Node, issued: dict, as_of: str) -> None:
    document = problem(verify(node, b"%PDF-", as_of=as_of), 422, "invalid-request")
    assert document["errors"][0]["pointer"] == "/as_of"


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\x89PNG", b"\x00" * 100])
def test_what_is_no_pdf_is_refused_by_name(node: Node, content: bytes) -> None:
    problem(verify(node, content), 422, "unreadable-document")


@pytest.mark.parametrize(
    "content",
    [b"%PDF-1.7\n", b"%PDF-1.7\n" + b"<<" * 50_000, b"%PDF-1.7\n%%EOF\n" * 1000],
)
def test_a_broken_pdf_is_never_valid_and_never_our_fault(node: Node, content: bytes) -> None:
    answer = verify(node, content)
    assert answer.status_code in (200, 422)
    if answer.status_code == 200:
        assert answer.json()["verdict"] not in ("valid", "not_in_force")


def test_a_file_beyond_the_limit_is_refused(node: Node) -> None:
    content = b"%PDF-1.7\n" + b" " * node.services.limits.max_document_bytes
    problem(verify(node, content), 413, "document-too-large")


def test_a_body_far_beyond_the_limit_is_refused_before_it_is_read(node: Node) -> None:
    content = b"%PDF-1.7\n" + b" " * (node.services.limits.max_document_bytes + 1024 * 1024)
    problem(verify(node, content), 413, "request-too-large")


def test_a_person_whose_file_is_far_too_large_is_told_so_on_a_page(node: Node) -> None:
    headers = {"Accept": "text/html", "Content-Length": str(1 << 30)}
    answer = node.client.post("/verify", content=b"", headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (413, PAGE)
    assert "请求太大" in answer.text
    assert "/problems/request-too-large" in answer.text


def test_neither_file_nor_number_is_refused(node: Node) -> None:
    answer = node.client.post("/v1/verifications", data={"identifier": "x"})
    problem(answer, 422, "invalid-request")
    problem(node.client.post("/v1/verifications"), 422, "invalid-request")


def test_file_and_number_together_are_refused(node: Node) -> None:
    answer = verify(node, b"%PDF-", identifier="x", check_code="y")
    problem(answer, 422, "invalid-request")


def look_up(node: Node, identifier: str, check_code: str):
    form = {"identifier": identifier, "check_code": check_code}
    return node.client.post("/v1/verifications", data=form)


def test_a_number_with_its_check_code_is_looked_up(node: Node, issued: dict) -> None:
    answer = look_up(node, issued["identifier"], issued["check_code"].lower().replace("-", " "))
    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert report["verdict"] == "valid"
    assert "presented-file" in report["not_checked"]


def test_unknown_number_and_wrong_code_answer_alike(node: Node, issued: dict) -> None:
    code = issued["check_code"]
    wrong = ("2" if code[0] != "2" else "3") + code[1:]
    unknown = issued["identifier"][:-26] + "0" * 16 + issued["identifier"][-10:]
    answers = [
        look_up(node, issued["identifier"], wrong),
        look_up(node, unknown, code),
        look_up(node, "nonsense\u0000", code),
        look_up(node, issued["identifier"], "中文"),
    ]
    bodies = [{k: v for k, v in a.json().items() if k != "request_id"} for a in answers]
    assert [a.status_code for a in answers] == [404] * 4
    assert all(body == bodies[0] for body in bodies)


def test_the_holder_is_masked_in_a_report(node: Node, issued: dict) -> None:
    answer = look_up(node, issued["identifier"], issued["check_code"])
    assert "91310114MADEM0038G" not in answer.text


def test_many_parts_are_refused(node: Node) -> None:
    files = [("x", (f"{i}", b"x")) for i in range(1500)]
    assert node.client.post("/v1/verifications", files=files).status_code == 400


# --- lists ---


def test_the_trust_bundle_verifies_offline(node: Node, issued: dict) -> None:
    from license_vault.clock import system_clock
    from signing.trust_bundle import read_trust_bundle
    from verification.policy import load_policy
    from verification.reading import read_document
    from verification.source_bundle import bundle_sources
    from verification.verifier import Verifier

    bundle = read_trust_bundle(node.client.get("/v1/trust-bundle").content)
    verifier = Verifier(bundle_sources(bundle), read_document, load_policy("default"), system_clock)
    assert verifier.verify(file_of(node, issued)).verdict == "valid"


def test_the_trust_bundle_keeps_its_tag_until_it_says_something_else(node: Node) -> None:
    first = node.client.get("/v1/trust-bundle")
    tag = {"If-None-Match": first.headers["etag"]}
    assert node.client.get("/v1/trust-bundle", headers=tag).status_code == 304
    license_ = node.issue().json()
    headers = {**node.auth("jiading"), "Idempotency-Key": "tag"}
    path = f"/v1/licenses/{license_['identifier']}/cancellation"
    node.client.post(path, json={"basis": "依法"}, headers=headers)
    assert node.client.get("/v1/trust-bundle", headers=tag).status_code == 200


def test_a_status_list_is_given_as_der(node: Node, issued: dict) -> None:
    from signing.status_list import read_status_list
    from signing.trust_bundle import read_trust_bundle

    bundle = read_trust_bundle(node.client.get("/v1/trust-bundle").content)
    uri = read_status_list(bundle.status_lists[0]).uri
    path = uri.removeprefix("http://localhost:8000")
    answer = node.client.get(path)
    assert answer.status_code == 200
    assert read_status_list(answer.content).uri == uri
    tag = {"If-None-Match": answer.headers["etag"]}
    assert (
        node.client.get(uri.removeprefix("http://localhost:8000"), headers=tag).status_code == 304
    )


@pytest.mark.parametrize("shard", ["x", "%00", "..", "A" * 300])
def test_an_unknown_status_list_is_not_there(node: Node, shard: str) -> None:
    assert node.client.get(f"/v1/status-lists/{shard}").status_code == 404


# --- types, health, pages ---


def test_license_types_are_listed_and_shown(node: Node) -> None:
    codes, after = [], ""
    while after is not None:
        page = node.client.get(f"/v1/license-types?limit=4{after and '&after=' + after}").json()
        codes += [item["code"] for item in page["items"]]
        after = page["next"]
    assert codes == list(node.services.catalogue.codes())
    shown = node.client.get(f"/v1/license-types/{codes[0]}").json()
    assert shown["fields"]
    problem(node.client.get("/v1/license-types/unknown"), 404, "license-type-not-found")
    problem(
        node.client.get(f"/v1/license-types/{codes[0]}?version=x"), 404, "license-type-not-found"
    )


def test_it_says_whether_it_lives_and_is_ready(node: Node) -> None:
    assert node.client.get("/healthz").json() == {"status": "ok"}
    assert node.client.get("/readyz").json() == {"status": "ok"}


def test_an_unready_part_is_named_in_the_log_only(node: Node, monkeypatch) -> None:
    from license_vault.errors import StoreUnavailableError

    def fails(_: str) -> bytes:
        raise StoreUnavailableError("gone")

    monkeypatch.setattr(type(node.services.store), "find", lambda *_: fails(""))
    answer = node.client.get("/readyz")
    problem(answer, 503, "temporarily-unavailable")
    assert answer.headers["retry-after"] == "5"


def test_the_page_verifies_without_a_script(node: Node, issued: dict) -> None:
    form = node.client.get("/verify")
    assert "核验电子证照" in form.text
    assert "Verify a license" in node.client.get("/verify", headers={"Accept-Language": "en"}).text
    page = node.client.post("/verify", files={"file": ("a.pdf", file_of(node, issued))})
    assert page.status_code == 200
    body = page.text.index('class="verdict good"')
    assert body < page.text.index('class="checks four"')
    by_code = node.client.post(
        "/verify", data={"identifier": issued["identifier"], "check_code": issued["check_code"]}
    )
    assert 'class="verdict good"' in by_code.text


@pytest.mark.parametrize(
    ("language", "said"),
    [("zh-CN", "不是可核验的文件"), ("en", "This is not a document we can verify")],
)
def test_the_page_shows_a_refusal_in_each_language(node: Node, language: str, said: str) -> None:
    page = node.client.post(
        "/verify",
        files={"file": ("a.pdf", b"GIF89a")},
        headers={"Accept": "text/html", "Accept-Language": language},
    )
    assert page.status_code == 422
    assert said in page.text
    empty = node.client.post("/verify", files={"file": ("", b"")})
    assert empty.status_code == 422


def test_the_page_loads_nothing_from_elsewhere(node: Node) -> None:
    page = node.client.get("/verify")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert "style=" not in page.text
    for path in ("/static/page.css", "/static/verify.js"):
        assert node.client.get(path).status_code == 200


def test_text_of_a_caller_is_shown_as_text(node: Node) -> None:
    page = node.client.post(
        "/verify", data={"identifier": "<script>alert(1)</script>", "check_code": "{{1234*1111}}"}
    )
    assert "<script>alert" not in page.text
    assert "1370974" not in page.text


def test_every_problem_has_its_page(node: Node) -> None:
    from api.problems.kinds import KINDS

    for slug, kind in KINDS.items():
        page = node.client.get(f"/problems/{slug}")
        assert page.status_code == 200
        assert kind.title_zh in page.text
    assert node.client.get("/problems").status_code == 200
    problem(node.client.get("/problems/unknown"), 404, "page-not-found")


def test_what_is_not_there_and_what_is_not_allowed_take_the_same_shape(node: Node) -> None:
    problem(node.client.get("/nowhere"), 404, "page-not-found")
    answer = node.client.delete("/v1/licenses")
    problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"]


@pytest.mark.parametrize("sent", ["a b c d e f", "x" * 65, "short", "a\tbbbbbbbb", "中文中文中文"])
def test_an_unfit_request_id_is_replaced(node: Node, sent: str) -> None:
    answer = node.client.get("/healthz", headers={"X-Request-ID": sent.encode()})
    assert answer.headers["x-request-id"] != sent
    assert len(answer.headers["x-request-id"]) == 32


def test_a_fit_request_id_is_kept(node: Node) -> None:
    answer = node.client.get("/healthz", headers={"X-Request-ID": "case-2026.0001"})
    assert answer.headers["x-request-id"] == "case-2026.0001"


def test_a_fault_of_ours_tells_nothing_but_its_id(node: Node, monkeypatch) -> None:
    from fastapi.testclient import TestClient

    from api.app import create_app

    client = TestClient(create_app(node.services), raise_server_exceptions=False)

    def fails(*_: object) -> None:
        raise RuntimeError("secret text 310114199003072841")

    monkeypatch.setattr(type(node.services.catalogue), "codes", fails)
    answer = client.get("/v1/license-types")
    document = problem(answer, 500, "internal")
    assert "secret" not in answer.text
    assert document["request_id"]


def test_the_log_has_neither_names_nor_numbers(
    node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    import logging

    from api.observability import JsonLines

    caplog.set_level(logging.INFO)
    license_ = node.issue().json()
    node.client.get("/v1/holders/me", headers=node.holder("001", "91310114MADEM0038G"))
    look_up(node, license_["identifier"], license_["check_code"])
    lines = "\n".join(JsonLines().format(record) for record in caplog.records)
    assert "/v1/holders/me" in lines
    for planted in ("91310114MADEM0038G", "沐浴", license_["check_code"], node.token("jiading")):
        assert planted not in lines
