"""A license that two authorities seal: a type of two seals, added by an operator without code."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_node import FENGXIAN, JIADING, Node, build_node

from api import wiring
from api.settings import CatalogueSettings
from license_vault.license_types.catalogue import SHIPPED_TYPES
from license_vault.seals.registrar import SealRegistrar
from license_vault.seals.registry import Grant
from signing.pdf.reader import ReadLimits, read_pdf

ONE_SEAL, TWO_SEALS = "11310000MBDEM00076002", "11310000MBDEM00076902"


def joint_type(folder: Path) -> Path:
    """The public place hygiene license with a second seal box left of the first."""
    made = folder / TWO_SEALS
    shutil.copytree(SHIPPED_TYPES / ONE_SEAL, made)
    type_file, face = made / "v1" / "type.yaml", made / "v1" / "face.yaml"
    text = type_file.read_text(encoding="utf-8")
    type_file.write_text(
        text.replace(ONE_SEAL, TWO_SEALS).replace("seals: 1", "seals: 2"), encoding="utf-8"
    )
    text = face.read_text(encoding="utf-8")
    face.write_text(
        text.replace("seals:\n", "seals:\n  - {x: 155, y: 100, size: 42}\n"), encoding="utf-8"
    )
    return folder


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    types = joint_type(tmp_path_factory.mktemp("types"))
    home = tmp_path_factory.mktemp("joint") / "home"
    node = build_node(home, catalogue=CatalogueSettings(directories=(types,)))
    with node.services.database.writing() as session:
        registrar = SealRegistrar(session)
        registrar.grant(Grant("31011400000002", JIADING), "operator:test", wiring.clock())
    with node.client:
        yield node


@pytest.fixture(scope="module")
def sealed(node: Node) -> bytes:
    issued = node.issue(body=node.body(type_code=TWO_SEALS, type_version="v1"))
    assert issued.status_code == 201, issued.text
    identifier = issued.json()["identifier"]
    return node.client.get(f"/v1/licenses/{identifier}/file", headers=node.auth("jiading")).content


def report_on(node: Node, data: bytes) -> dict[str, Any]:
    return node.client.post("/v1/verifications", files={"file": ("a.pdf", data)}).json()


def test_both_seals_are_set_and_the_license_is_valid(node: Node, sealed: bytes) -> None:
    report = report_on(node, sealed)
    assert report["verdict"] == "valid", report
    assert {seal["owner_code"] for seal in report["seals"]} == {JIADING, FENGXIAN}


def test_a_license_short_of_one_seal_is_never_valid(node: Node, sealed: bytes) -> None:
    first = read_pdf(sealed, ReadLimits()).seals[0]
    report = report_on(node, sealed[: first.end])
    assert report["verdict"] == "altered"


def test_a_type_of_two_seals_is_refused_where_only_one_is_granted(node: Node) -> None:
    body = node.body(type_code=TWO_SEALS, type_version="v1", authority_code=FENGXIAN)
    answer = node.issue("fengxian", body)
    assert (answer.status_code, answer.json()["code"]) == (403, "seal-not-permitted")
