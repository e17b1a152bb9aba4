"""Dumps of every table and every object hold none of what was planted (ADR 0017)."""

import base64
import json
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from vault_world import CALLER, World, example

from license_vault.database.tables import metadata
from license_vault.errors import LicenseVaultError, OutputRefusedError
from license_vault.issuing.license_request import Officer
from license_vault.lifecycle.changes import Cancellation
from license_vault.registry.license_record import Basis
from license_vault.seals.uses import CheckedSeal
from license_vault.store.directory import DirectoryStore

PERSON = {
    "kind": "natural_person",
    "name": "慕容秘密",
    "document_type": "111",
    "document_number": "310114199003072841",
}
PLANTED = {
    "holder's name": "慕容秘密",
    "holder's number": "310114199003072841",
    "license number": "沪2312023202654321",
    "case number": "PLANTED-CASE-001",
    "officer's id": "OFFICER-PLANTED",
    "officer's name": "司徒秘密",
    "basis": "依据中的秘密文字",
    "idempotency key": "PLANTED-IDEMPOTENCY-KEY",
    "cancelling basis": "注销依据中的秘密",
    "place of work": "上海秘密建筑有限公司",
}


def _forms_of(text: str) -> Iterator[bytes]:
    """A text as somebody might have written it down."""
    data = text.encode()
    yield from (data, text.encode("utf-16-le"), text.encode("utf-16-be"), text.encode("gb18030"))
    yield data.hex().encode()
    yield data.hex().upper().encode()
    yield json.dumps(text)[1:-1].encode()
    # Base64 of a text that begins at any of the three places of a group.
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + data + b"\0" * 3)
        yield encoded[4 if shift else 0 : -8]


def _dump(world: World) -> Iterator[tuple[str, bytes]]:
    with world.database.reading() as session:
        for name, table in metadata.tables.items():
            for row in session.execute(select(table)):
                for column, value in zip(table.columns, row, strict=True):
                    raw = bytes(value) if isinstance(value, bytes) else str(value).encode()
                    yield f"{name}.{column.name}", raw
    for key in world.store.all_keys():
        yield f"object name {key}", key.encode()
        yield f"object {key}", world.store.find(key) or b""
    if isinstance(world.store, DirectoryStore):
        for path in world.store._root.parent.rglob("*"):
            if path.is_file():
                yield f"file {path.name}", path.read_bytes()


def _planted(world: World) -> None:
    """One license that lives and ends, one that fails: all with planted values."""
    body = example(
        "constructor-registration",
        holders=[PERSON],
        number=PLANTED["license number"],
        case_number=PLANTED["case number"],
        basis=PLANTED["basis"],
        officer={"id": PLANTED["officer's id"], "name": PLANTED["officer's name"]},
    )
    fields: dict[str, object] = dict(body["fields"])  # type: ignore[call-overload]
    fields["employer"] = PLANTED["place of work"]
    body["fields"] = fields
    key = PLANTED["idempotency key"]
    issued = world.issuance().issue(body, CALLER, key)
    officer = Officer(PLANTED["officer's id"], PLANTED["officer's name"])
    order = Cancellation(Basis(PLANTED["cancelling basis"], officer))
    world.lifecycle().cancel(issued.license.identifier, order, CALLER)

    def refuse(_form: str, _data: bytes) -> tuple[CheckedSeal, ...]:
        raise OutputRefusedError(("planted",))

    with pytest.raises(LicenseVaultError):
        world.with_(final_check=refuse).issuance().issue(
            body | {"case_number": PLANTED["case number"] + "2"}, CALLER, key + "2"
        )


def test_nothing_planted_is_found_in_any_table_or_object(either_world: World) -> None:
    _planted(either_world)
    found = [
        f"{what} in {where}"
        for where, data in _dump(either_world)
        for what, text in PLANTED.items()
        if any(form in data for form in _forms_of(text))
    ]
    assert found == []


def test_the_search_would_find_what_is_there(world: World) -> None:
    _planted(world)
    names = {"client:tests": False, "清河市卫生健康委员会": False}
    for _, data in _dump(world):
        for name in names:
            names[name] |= any(form in data for form in _forms_of(name))
    assert all(names.values())
