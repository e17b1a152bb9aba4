"""Whatever has an address is its owner's: everybody else is refused, and alike if it were not.

Goes over every operation of the OpenAPI document with a parameter in its path, so a new route
cannot be forgotten: what is not asked here is named in ``furnishing.PUBLIC`` or ``OF_EVERYBODY``.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from api_node import FENGXIAN, FOR_A_USE, JIADING, Node
from furnishing import Furnished, is_public
from httpx import Response

OTHER_HOLDER = ("111", "310114199003072868")
OF_EVERYBODY = {"show_item"}
"""What belongs to no one: an item says what it needs to every program."""
LISTS_OWN = {"list_vault"}
"""Another authority is told what it issued to the holder itself, and nothing else."""
ITS_OWN = {("client without scope", "show_request")}
"""That client is of the organisation that asked."""
UNREAD = {"give_mandate", "record_representation", "make_seal", "give_consent"}
"""Their bodies need more than their schema says; they are refused as 422 before any look."""
TOLD_APART = {"show", "file", "license_manifest", "license_proof"}
"""Who knows the identifier of another authority's license is told to ask for access."""
FILES = {"file": ("a.pdf", b"%PDF-1.4\n%%EOF\n", "application/pdf")}


@pytest.fixture(scope="module")
def furnished(node: Node) -> Furnished:
    return Furnished(node)


@pytest.fixture(scope="module")
def document(node: Node) -> dict[str, Any]:
    return node.client.get("/openapi.json").json()


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in document["paths"].items():
        if "{" in path and not is_public(path):
            for method, operation in methods.items():
                if operation["operationId"] not in OF_EVERYBODY:
                    yield method, path, operation


def strangers(furnished: Furnished) -> dict[str, dict[str, str]]:
    node = furnished.node
    return {
        "client of another authority": node.auth("fengxian"),
        "client without scope": node.auth("nothing"),
        "officer of another authority": node.officer(FENGXIAN),
        "another holder": {**node.holder(*OTHER_HOLDER), **FOR_A_USE},
        "seal user of another authority": {
            **node.seal_person("seal-user", FENGXIAN, "eve"),
            **FOR_A_USE,
        },
    }


def nobodies(node: Node) -> dict[str, dict[str, str]]:
    expired = node.jwt(roles=["license-officer"], organisation=FENGXIAN, iat=1, exp=2)
    return {
        "unknown token": {"Authorization": "Bearer " + "x" * 43, **FOR_A_USE},
        "expired token": {"Authorization": f"Bearer {expired}", **FOR_A_USE},
    }


class Asking:
    """Sends one operation about one thing."""

    def __init__(self, node: Node, document: Mapping[str, Any]) -> None:
        self._node, self._schemas = node, document["components"]["schemas"]
        self._count = 0

    def ask(self, method: str, path: str, operation: Mapping[str, Any], who: Mapping[str, str]):
        """Send a request that its description takes."""
        self._count += 1
        sent: dict[str, Any] = {"headers": {**who, "Idempotency-Key": f"stranger-{self._count}"}}
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            sent["json"] = self._value(content["application/json"]["schema"])
        elif "multipart/form-data" in content:
            sent["files"] = FILES
            fields = self._value(content["multipart/form-data"]["schema"])
            sent["data"] = {name: value for name, value in fields.items() if name != "file"}
        query = {
            one["name"]: self._value(one["schema"])
            for one in operation.get("parameters", ())
            if one["in"] == "query" and one.get("required")
        }
        return self._node.client.request(method, path, params=query, **sent)

    def _value(self, schema: Mapping[str, Any]) -> Any:
        """Return a plain value of a schema, with what it requires."""
        if "$ref" in schema:
            return self._value(self._schemas[schema["$ref"].rpartition("/")[2]])
        for known in ("const", "example", "default"):
            if schema.get(known) is not None:
                return schema[known]
        for choice in ("examples", "enum"):
            if choice in schema:
                return schema[choice][0]
        if "anyOf" in schema:
            return self._value(schema["anyOf"][0])
        return self._composed(schema)

    def _composed(self, schema: Mapping[str, Any]) -> Any:
        if schema.get("type") == "object":
            required = schema.get("required", ())
            return {name: self._value(schema["properties"][name]) for name in required}
        if schema.get("type") == "array":
            return [self._value(schema["items"])] * schema.get("minItems", 1)
        return self._scalar(schema)

    def _scalar(self, schema: Mapping[str, Any]) -> Any:
        if schema.get("type") in ("integer", "number"):
            return schema.get("minimum", 1)
        if schema.get("type") == "boolean":
            return True
        if schema.get("format") in ("date", "date-time"):
            day = date.today().isoformat()
            return day if schema["format"] == "date" else f"{day}T00:00:00Z"
        return "x" * max(schema.get("minLength", 1), 1)


def unknown_like(value: str) -> str:
    """Return a value of the same form that names nothing."""
    return "".join(chr(ord(c) ^ 1) if c.isdigit() else c for c in value[:-1]) + value[-1]


def refused(name: str, answer: Response) -> bool:
    own_only = name in LISTS_OWN and all(
        item["authority"]["code"] != JIADING for item in answer.json().get("items", ())
    )
    return own_only or answer.status_code in (401, 403, 404) or name in UNREAD


def test_what_the_owner_reaches_nobody_else_does(
    furnished: Furnished, document: dict[str, Any]
) -> None:
    asking, wrong = Asking(furnished.node, document), []
    others = strangers(furnished)
    for method, path, operation in operations(document):
        name, real = operation["operationId"], path.format(**furnished.parameters(path))
        for kind, who in others.items():
            if (kind, name) not in ITS_OWN:
                answer = asking.ask(method, real, operation, who)
                if not refused(name, answer):
                    wrong.append((kind, method, path, answer.status_code, answer.text[:300]))
    assert wrong == [], "\n".join(map(str, wrong))


def test_whose_token_counts_for_nothing_reaches_nothing(
    furnished: Furnished, document: dict[str, Any]
) -> None:
    asking, none = Asking(furnished.node, document), nobodies(furnished.node)
    statuses = {
        (kind, path, asking.ask(method, path, operation, who).status_code)
        for method, path, operation in operations(document)
        for kind, who in none.items()
    }
    assert {status for _, _, status in statuses} == {401}


@pytest.mark.parametrize("kind", ["client of another authority", "another holder"])
def test_a_stranger_learns_not_whether_it_exists(
    furnished: Furnished, document: dict[str, Any], kind: str
) -> None:
    asking, wrong, who = Asking(furnished.node, document), [], strangers(furnished)[kind]
    for method, path, operation in operations(document):
        values = furnished.parameters(path)
        first = next(iter(values))
        absent = {**values, first: unknown_like(values[first])}
        if operation["operationId"] not in TOLD_APART | LISTS_OWN:
            told = [
                asking.ask(method, path.format(**some), operation, who).status_code
                for some in (values, absent)
            ]
            if told[0] != told[1]:
                wrong.append((method, path, *told))
    assert wrong == []


def test_the_owner_does_reach_it(furnished: Furnished, document: dict[str, Any]) -> None:
    asking, wrong = Asking(furnished.node, document), []
    # The kiosk's item does not need the type; the manager of seals does not audit them.
    # These read for another item than the case's; of the region nothing but a question is at hand.
    # No window has resolved the presentation, so it has no receipt and gives no file yet.
    waiting = "/v1/presentations/{presentation_id}/"
    elsewhere = (
        f"{waiting}receipt",
        f"{waiting}licenses/",
        "/v1/devices/",
        "/v1/seals/{code}/acts",
        "/v1/cases/{case}/form",
        "/v1/cases/{case}/license-draft",
        "/v1/trust-regions/",
    )
    for method, path, operation in operations(document):
        if method == "get" and not path.startswith(elsewhere):
            real = path.format(**furnished.parameters(path))
            answer = asking.ask(method, real, operation, furnished.owner(path))
            if answer.status_code != 200:
                wrong.append((path, answer.status_code, answer.text[:300]))
    assert wrong == [], "\n".join(map(str, wrong))
