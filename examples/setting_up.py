"""Setting a node up: the hierarchy, an organisation and one below it, the seal, a client."""

from __future__ import annotations

import json
from collections.abc import Sequence

from examples.node import EXAMPLES, Node

SEAL = "31011400000001"
STREET = "11310114MBDEM00038"
SCOPES = (
    "licenses:issue:*",
    "licenses:read:*",
    "licenses:suspend:*",
    "licenses:cancel:*",
    "cases:handle",
    "items:define",
)


def authority() -> dict[str, str]:
    """Return the demo's authority: code, name, region."""
    found: dict[str, str] = json.loads((EXAMPLES / "authority.json").read_text(encoding="utf-8"))
    return found


def set_up(node: Node, more: Sequence[Sequence[str]] = ()) -> tuple[str, str]:
    """Set a node up, with more commands if wished; return its client's id and secret."""
    own = authority()
    code, region = own["code"], own["region"]
    street = ("organisation", "add", STREET, "演示街道办事处", "--region", region, "--below", code)
    printed = node.script(
        ("migrate",),
        ("ca", "init"),
        ("organisation", "add", code, own["name"], "--region", region),
        street,
        *seal_into_use(node, code),
        *more,
        (
            *("client", "add", "approval-system", "--organisation", code, "--json"),
            *(part for scope in SCOPES for part in ("--scope", scope)),
        ),
    )
    (node.home / "client.json").write_text(printed)
    client = json.loads(printed)
    return client["client_id"], client["client_secret"]


def seal_into_use(node: Node, owner: str) -> list[tuple[str, ...]]:
    """Take the seal through its life into use; two people manage it, so that none is alone."""
    request, chain = str(node.home / "seal-request.pem"), str(node.home / "seal-chain.pem")
    anna, bert = ("--by", "anna"), ("--by", "bert")
    basis = ("--basis", "启用电子印章")
    asked = ("--owner", owner, "--kind", "special", "--lower", "电子证照专用章", *basis)
    return [
        ("role", "add", "anna", "manage"),
        ("role", "add", "bert", "manage"),
        ("seal", "apply", SEAL, *asked, *anna),
        ("seal", "approve", SEAL, "--basis", "同意", *bert),
        ("seal", "request", SEAL, "--out", request, *anna),
        ("ca", "issue-seal", request, chain),
        ("seal", "make", SEAL, chain, *anna),
        ("seal", "file", SEAL, "--number", "BA-2026-000001", *anna),
        # 一枚印章管审批: one seal, for its owner and for the office below.
        ("seal", "grant", SEAL, "--authority", owner, "--type", "*", *anna),
        ("seal", "grant", SEAL, "--authority", STREET, "--type", "*", *anna),
    ]
