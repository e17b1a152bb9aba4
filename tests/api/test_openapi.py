"""The OpenAPI document, and schemathesis over it: whatever comes in, no fault of ours."""

import json
from pathlib import Path

import pytest
import schemathesis
from api_node import Node, build_node
from hypothesis import HealthCheck, settings

from api.app import create_app
from api.examples import ISSUE_EXAMPLE
from api.settings import LimitsSettings

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory):
    node = build_node(tmp_path_factory.mktemp("fuzzed") / "home")
    with node.client:
        yield node


class _NoServices:
    """Enough to make an application whose routes are only described."""

    limits = LimitsSettings()


schema = schemathesis.openapi.from_dict(create_app(_NoServices()).openapi())


@schema.parametrize()
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_no_request_is_a_fault_of_ours(case: schemathesis.Case, fuzzed: Node) -> None:
    sent = case.as_transport_kwargs(base_url="http://testserver")
    headers = {**dict(sent.pop("headers", {})), **fuzzed.auth("jiading")}
    headers.setdefault("Idempotency-Key", "fuzz")
    body = sent.pop("data", None)
    if isinstance(body, bytes | str):
        sent["content"] = body
    elif body is not None:
        sent["data"] = body
    answer = fuzzed.client.request(
        headers={name: str(value).encode() for name, value in headers.items()}, **sent
    )
    assert answer.status_code < 500, answer.text


def test_the_document_is_openapi_3_1_with_an_example_each(node: Node) -> None:
    document = node.client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    names = set()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            assert operation["operationId"] not in names, where
            names.add(operation["operationId"])
            assert "application/json" not in operation["responses"].get("422", {}).get(
                "content", {}
            ), where
            codes = [c for c in operation["responses"] if c >= "400"]
            assert codes, where
            for code in codes:
                content = operation["responses"][code]["content"]
                assert content["application/problem+json"]["examples"], where


def test_the_example_of_issuing_is_one_of_the_examples() -> None:
    text = (EXAMPLES / "public-place-hygiene.json").read_text(encoding="utf-8")
    assert json.loads(text) == ISSUE_EXAMPLE


def test_fastapis_own_shapes_are_not_promised(node: Node) -> None:
    schemas = node.client.get("/openapi.json").json()["components"]["schemas"]
    assert "HTTPValidationError" not in schemas
    assert "Problem" in schemas


def test_no_page_of_others_is_served(node: Node) -> None:
    assert node.client.get("/docs").status_code == 404
    assert node.client.get("/redoc").status_code == 404
