"""schemathesis over the routes about seals, as people with each role: no fault of ours."""

from collections.abc import Iterator

import pytest
import schemathesis
from api_node import JIADING, Node, build_node
from hypothesis import HealthCheck, settings

from api.app import create_app
from api.settings import LimitsSettings


class _NoServices:
    limits = LimitsSettings()


schema = schemathesis.openapi.from_dict(create_app(_NoServices()).openapi()).include(
    path_regex="^/v1/seals"
)
CODES = ("31011400000001", "31011400000002")


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    node = build_node(tmp_path_factory.mktemp("fuzzed-seals") / "home")
    with node.client:
        yield node


@schema.parametrize()
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@pytest.mark.parametrize("role", ["seal-manager", "seal-user", "seal-auditor"])
def test_no_request_of_people_is_a_fault_of_ours(
    case: schemathesis.Case, fuzzed: Node, role: str
) -> None:
    if "code" in case.path_parameters:
        case.path_parameters["code"] = CODES[len(str(case.body)) % 2]
    sent = case.as_transport_kwargs(base_url="http://testserver")
    headers = {**dict(sent.pop("headers", {})), **fuzzed.seal_person(role, JIADING, role)}
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
