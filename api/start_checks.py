"""What a node shows before it serves: engine, keys, certificates, schema, store.

No proof, no start.
"""

from __future__ import annotations

from collections.abc import Callable

from api.certificate_folder import CertificateFolder
from api.errors import StartRefusedError
from keys import second_opinion, sm2
from keys.certificate import read_certificate
from keys.errors import KeyNotFoundError
from keys.provider import KeyProvider
from license_vault.database.schema import require_head
from license_vault.database.sessions import Database
from license_vault.errors import SchemaOutdatedError, StoreOverwritesError
from license_vault.store.object_store import ObjectStore, prove_conditional_put

_NEEDED = ("vault-kek", "lookup-mac", "token-mac")
_CERTIFIED = ("status", "system")


def prove_engine() -> None:
    """Check SM2 on the printed example, with the engine and with the second opinion.

    Raises:
        EngineUnusableError: one of the two is wrong.

    Source: GB/T 32918.5-2017, annex A; ADR 0008.
    """
    sm2.self_test()
    second_opinion.self_test()


def prove_keys(keys: KeyProvider, folder: CertificateFolder) -> None:
    """Check that the keys are there and answer, those that sign with a certificate of theirs.

    Raises:
        StartRefusedError: one is missing, or a certificate, or it is of another key.
        KeyCustodyError: the provider does not answer.
    """
    for label in _NEEDED:
        try:
            keys.mac(label, b"start")
        except KeyNotFoundError as error:
            raise StartRefusedError(f"缺少密钥 {label}。", f"There is no key {label}.") from error
    for label in _CERTIFIED:
        certificate = read_certificate(folder.chain(label)[0])
        if certificate.public_point != keys.public_point(label):
            raise StartRefusedError(
                f"证书 {label}.pem 不属于密钥 {label}。",
                f"The certificate {label}.pem is not of the key {label}.",
            )


def prove_schema(database: Database) -> None:
    """Check that the database has the schema this code needs.

    Raises:
        StartRefusedError: it has another.
    """
    try:
        require_head(database)
    except SchemaOutdatedError as error:
        raise StartRefusedError(
            "数据库结构不是本版本所需；请先运行 license-vault migrate。",
            "The database has another schema; run license-vault migrate first.",
        ) from error


def prove_store(store: ObjectStore, random_bytes: Callable[[int], bytes]) -> None:
    """Make the store refuse a second conditional put.

    Raises:
        StartRefusedError: it let the second writer win.
        StoreUnavailableError: it does not answer.
    """
    try:
        prove_conditional_put(store, random_bytes)
    except StoreOverwritesError as error:
        raise StartRefusedError(
            "存储允许覆盖已有对象，不能使用。",
            "The store lets a second writer replace an object; it cannot be used.",
        ) from error
