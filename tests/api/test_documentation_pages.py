"""Pages that explain: /docs from the OpenAPI document, /problems from the kinds of problems."""

import json
import re
import shlex

import pytest
from api_node import Node

from api.pages.operations import Operation, answering_with, operations_of
from api.problems.kinds import KINDS


@pytest.fixture(scope="module")
def operations(node: Node) -> tuple[Operation, ...]:
    return operations_of(node.client.get("/openapi.json").json(), "https://vault.example.cn")


def test_every_operation_has_its_page(node: Node, operations: tuple[Operation, ...]) -> None:
    listed = node.client.get("/docs").text
    assert [one for one in operations if f'"/docs/{one.operation_id}"' not in listed] == []
    for one in operations[:: max(1, len(operations) // 12)]:
        page = node.client.get(f"/docs/{one.operation_id}?lang=en")
        assert page.status_code == 200, one
        assert one.name[1] in page.text.replace("&#39;", "'")
        assert 'href="/problems/internal"' in page.text


def test_the_line_for_a_shell_is_one_that_a_shell_reads(operations: tuple[Operation, ...]) -> None:
    for one in operations:
        words = shlex.split(one.curl.replace("\\\n", " "))
        assert words[0] == "curl", one
        assert f"https://vault.example.cn{one.path.split('?')[0]}" in one.curl
        if "-d" in words:
            assert isinstance(json.loads(words[words.index("-d") + 1]), dict | list)


def test_what_is_needed_is_said(operations: tuple[Operation, ...]) -> None:
    issue = next(one for one in operations if one.operation_id == "issue")
    assert issue.needs_login
    assert "Idempotency-Key" in issue.curl
    assert [one.name for one in issue.parameters if one.required] == ["idempotency-key"]
    (body,) = issue.bodies
    needed = {member.path for member in body.members if member.required}
    assert {"type_code", "holders[]", "holders[].document_number", "valid_until"} <= needed
    verify = next(one for one in operations if one.operation_id == "verify")
    assert not verify.needs_login
    assert "-F file=@FILE" in verify.curl


@pytest.mark.parametrize("words", ["加注件", "purpose-bound", "COPIES", "copy-not"])
def test_operations_are_found_by_words_of_either_language(node: Node, words: str) -> None:
    found = node.client.get("/docs", params={"q": words}).text
    assert ("make_copy" in found) == (words != "copy-not")


def test_what_is_searched_for_is_text_and_never_markup(node: Node) -> None:
    page = node.client.get("/docs", params={"q": '"><script>'}).text
    assert "<script>" not in page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_problem_has_a_page_that_helps(
    node: Node, operations: tuple[Operation, ...], language: str
) -> None:
    for slug, kind in list(KINDS.items())[::5]:
        page = node.client.get(f"/problems/{slug}", params={"lang": language}).text
        title = kind.title_zh if language == "zh" else kind.title_en
        assert title in page.replace("&#39;", "'")
        answering = answering_with(operations, slug)
        assert all(f'"/docs/{one.operation_id}"' in page for one in answering), slug
        example = re.search(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)
        assert example
        assert json.loads(example[1].replace("&#34;", '"').replace("&lt;", "<"))["code"] == slug


def test_pages_of_nothing_are_not_there(node: Node) -> None:
    for path in ("/docs/nothing", "/problems/nothing", "/samples/nothing.pdf"):
        assert node.client.get(path).status_code == 404
