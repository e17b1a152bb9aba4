"""Seals for tests, made as people make them: applied for, approved, made, filed, granted.

``office(...)`` is the seal office and workshop over a database and a hierarchy; ``provide`` takes
one seal of the hierarchy through its whole life until it is in use.
"""

import secrets
from dataclasses import dataclass

from pki import OWNER_CODE, OWNER_NAME, SEAL_CODE, BoxGlyphs, Pki

from license_vault.database.sessions import Database
from license_vault.seals.acts import SealServices
from license_vault.seals.applications import SealApplication, SealOwner
from license_vault.seals.life import SealKind
from license_vault.seals.making import SealMaker
from license_vault.seals.office import SealOffice
from license_vault.seals.registry import Grant
from license_vault.seals.roles import SealPerson, SealRole, SealRoleWriter
from license_vault.seals.workshop import SealWorkshop
from license_vault.store.object_store import ObjectStore
from license_vault.trust.publication import TrustMaterialWriter
from license_vault.vault import Vault
from signing.picture.seal_image import picture_png
from signing.picture.seal_picture import SealPicture
from signing.seal import Seal
from signing.trust_bundle import SEAL_MAKER

ANNA, BERT = SealPerson("anna"), SealPerson("bert")
USER, AUDITOR = SealPerson("ursula"), SealPerson("august")


@dataclass(frozen=True)
class Office:
    """Who manages and who makes seals."""

    services: SealServices
    office: SealOffice
    workshop: SealWorkshop


class NoStore:
    """An object store that nothing is put into."""

    def put_new(self, key: str, data: bytes, media_type: str) -> None:
        raise AssertionError(key)

    def find(self, key: str) -> bytes | None:
        raise AssertionError(key)


def make_office(database: Database, pki: Pki, store: ObjectStore | None = None) -> Office:
    """The office over a migrated database, with two managers, and verifiers told of the maker."""
    with database.writing() as session:
        trust = TrustMaterialWriter(session)
        trust.add_anchor(pki.root, ("seal", "timestamp", "status"), pki.now)
        trust.add_intermediate(pki.seal_ca, pki.now)
        trust.add_signer(pki.maker, SEAL_MAKER, pki.now)
        roles = SealRoleWriter(session)
        for person, role in (
            (ANNA, SealRole.MANAGE),
            (BERT, SealRole.MANAGE),
            (USER, SealRole.USE),
            (AUDITOR, SealRole.AUDIT),
        ):
            roles.give(person.person, role, "operator:test", pki.now)
    services = SealServices(
        database=database,
        keys=pki.keys,
        vault=Vault(pki.keys, store or NoStore(), secrets.token_bytes),
        maker=SealMaker(pki.keys, lambda: pki.maker, lambda p: picture_png(p, BoxGlyphs())),
        make_key=pki.keys.create,
        clock=pki.clock,
        random_bytes=secrets.token_bytes,
    )
    return Office(services, SealOffice(services), SealWorkshop(services))


def application(
    code: str = SEAL_CODE, organisation: str = OWNER_CODE, picture: SealPicture | None = None
) -> SealApplication:
    """What is asked for, unless said otherwise: a special seal of our authority."""
    drawn = picture or SealPicture("round", OWNER_NAME, "行政审批专用章", code[:13])
    owner = SealOwner(organisation)
    return SealApplication(
        code, SealKind.SPECIAL, owner, f"{OWNER_NAME}行政审批专用章", drawn, "启用电子印章"
    )


def provide(made: Office, seal: Seal, grant: Grant | None = None) -> None:
    """Take a seal of the hierarchy (its key, its certificate) through its life, into use."""
    office = made.office
    office.apply(application(seal.code, seal.owner_code, seal.picture), ANNA)
    office.approve(seal.code, "同意", BERT)
    made.workshop.make(seal.code, (seal.certificate, *seal.chain), ANNA)
    office.file(seal.code, f"BA-{seal.code}", ANNA)
    if grant is not None:
        office.grant(grant, ANNA)
