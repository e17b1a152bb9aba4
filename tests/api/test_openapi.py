"""The OpenAPI document, and schemathesis over it: whatever comes in, no fault of ours.

Every operation is asked by one role, drawn by its name, about things that there are
(``furnishing``). ``make test`` sends a thin sample of what schemathesis makes of a third of them,
``make test-long`` everything to all of them, and random requests besides.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
import schemathesis
from api_node import JIADING, Node, build_node
from effort import examples
from furnishing import Furnished
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.schemas import BaseSchema

from api.app import create_app
from api.examples import ISSUE_EXAMPLE
from api.settings import LimitsSettings

EXAMPLES = Path(__file__).parents[2] / "examples"
SEAL_ROLES = ("seal-manager", "seal-user", "seal-auditor")
ALWAYS, ONE_IN = 2, 40


@schemathesis.serializer("application/x-ndjson")
def lines(_: object, value: object) -> bytes:
    """A body of lines is sent as the text that it is."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    node = build_node(tmp_path_factory.mktemp("fuzzed") / "home")
    with node.client:
        yield Furnished(node)


class _NoServices:
    """Enough to make an application whose routes are only described."""

    limits = LimitsSettings()


_coverage = {
    "phases": {"fuzzing": {"enabled": False}, "coverage": {"unexpected-methods": []}},
}


# Fixtures, since what schemathesis makes of all operations takes half a minute, which every worker
# would spend while it collects tests.
@pytest.fixture
def document(request: pytest.FixtureRequest) -> dict[str, Any]:
    # schemathesis 4.32 looks for a name that pytest 9.2 has no longer.
    vars(request.node)["_nodeid"] = request.node.nodeid
    return create_app(_NoServices()).openapi()


@pytest.fixture
def thin_schema(document: dict[str, Any]) -> BaseSchema:
    """What the document itself gives rise to, without random requests."""
    return schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(_coverage))


@pytest.fixture
def full_schema(document: dict[str, Any]) -> BaseSchema:
    return schemathesis.openapi.from_dict(document)


thin = schemathesis.pytest.from_fixture("thin_schema").include(
    lambda ctx: crc32(ctx.operation.label.encode()) % 3 == 0
)
full = schemathesis.pytest.from_fixture("full_schema")
unhurried = settings(
    max_examples=examples(12),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
sent_so_far: Counter[str] = Counter()


def role_of(case: schemathesis.Case, furnished: Furnished) -> Mapping[str, str]:
    """Return the headers of the role that an operation is asked by."""
    if case.path.startswith("/v1/seals"):
        drawn = SEAL_ROLES[crc32(case.operation.label.encode()) % 3]
        return furnished.node.seal_person(drawn, JIADING, drawn)
    return furnished.owner(case.path)


def ask(case: schemathesis.Case, furnished: Furnished) -> None:
    """Send a request; what comes back is no fault of ours, and is documented."""
    if "{" in case.path and crc32(str(case.body).encode()) % 4:
        case.path_parameters = furnished.parameters(case.path)
    sent = case.as_transport_kwargs(base_url="http://testserver")
    headers = {**dict(sent.pop("headers", {})), **role_of(case, furnished)}
    headers.setdefault("Idempotency-Key", "fuzz")
    if not sent.get("cookies"):
        sent.pop("cookies", None)
    body = sent.pop("data", None)
    if isinstance(body, bytes | str):
        sent["content"] = body
    elif body is not None:
        sent["data"] = body
    answer = furnished.node.client.request(
        headers={name: str(value).encode() for name, value in headers.items()}, **sent
    )
    assert answer.status_code < 500, answer.text
    documented = case.operation.definition.raw["responses"]
    # A path that schemathesis bends may be another route's, or none.
    if case.method.lower() == case.operation.method.lower() and answer.status_code != 404:
        assert str(answer.status_code) in documented, answer.text


@thin.parametrize()
@settings(parent=unhurried, max_examples=examples(1))
def test_no_request_is_a_fault_of_ours(case: schemathesis.Case, fuzzed: Furnished) -> None:
    label = case.operation.label
    sent_so_far[label] += 1
    number = sent_so_far[label]
    if number <= ALWAYS or crc32(f"{label} {number}".encode()) % ONE_IN == 0:
        ask(case, fuzzed)


@pytest.mark.slow
@full.parametrize()
@settings(parent=unhurried)
def test_no_request_of_many_is_a_fault_of_ours(case: schemathesis.Case, fuzzed: Furnished) -> None:
    ask(case, fuzzed)


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
    assert "<script" not in node.client.get("/docs").text
    assert node.client.get("/redoc").status_code == 404
