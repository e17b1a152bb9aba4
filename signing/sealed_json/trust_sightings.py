"""What a region has seen of trust lists: each by region, sequence and digest, signed.

Regions tell each other at every pull. Two digests of one sequence, whoever showed them, are a
split: somebody shows different lists to different people. The statement is the library's own;
whether it holds is for ``verification``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from signing.cms.pdf_signature_writer import SigningIdentity
from signing.errors import MalformedJsonError, MalformedTrustListError
from signing.sealed_json.statement import (
    SignedStatement,
    StatementForm,
    read_statement,
    sign_statement,
)
from signing.sealed_json.strict_json import (
    digest_of,
    instant_of,
    instant_text,
    list_of,
    members_of,
    text_of,
)

OBSERVED = StatementForm("observed", "license-vault/trust-sightings/1", 1024 * 1024)
MOST_SIGHTINGS = 1024
_MEMBERS = frozenset(("at", "region", "sightings"))
_SIGHTING = frozenset(("region", "sequence", "sm3"))
_MAX_SEQUENCE = 2**31 - 1


@dataclass(frozen=True, slots=True)
class ToldSighting:
    """One list: whose, which sequence, SM3 of what is signed (32 bytes)."""

    region: str
    sequence: int
    sm3: bytes


@dataclass(frozen=True, slots=True)
class TrustSightings:
    """What a region has seen, as of an instant (aware UTC, whole seconds)."""

    region: str
    at: datetime
    sightings: tuple[ToldSighting, ...]


@dataclass(frozen=True, slots=True)
class SignedSightings:
    """Sightings as found, with what their detached CMS is over."""

    observed: TrustSightings
    statement: SignedStatement


def sign_sightings(
    observed: TrustSightings,
    identity: SigningIdentity,
    sign: Callable[[bytes], bytes],
    timestamp: Callable[[bytes], bytes],
) -> bytes:
    """Return the signed statement; arguments as ``statement.sign_statement``."""
    value = {
        "at": instant_text(observed.at),
        "region": observed.region,
        "sightings": list(map(_values, observed.sightings)),
    }
    return sign_statement(OBSERVED, value, identity, sign, timestamp)


def _values(sighting: ToldSighting) -> dict[str, str]:
    return {
        "region": sighting.region,
        "sequence": str(sighting.sequence),
        "sm3": sighting.sm3.hex(),
    }


def read_sightings(data: bytes) -> SignedSightings:
    """Return what a signed statement tells.

    Raises:
        MalformedTrustListError: and no other error; it is not the one form it has.
    """
    try:
        statement = read_statement(OBSERVED, data)
        found = members_of(statement.value, _MEMBERS, "/observed")
        items = list_of(found["sightings"], MOST_SIGHTINGS, "/observed/sightings")
        observed = TrustSightings(
            region=text_of(found["region"], 6, "/observed/region"),
            at=instant_of(found["at"], "/observed/at"),
            sightings=tuple(_read(items)),
        )
    except MalformedJsonError as error:
        raise MalformedTrustListError(f"trust-sightings-{error.code}", error.where) from error
    return SignedSightings(observed, statement)


def _read(items: Iterable[object]) -> Iterable[ToldSighting]:
    for number, item in enumerate(items):
        where = f"/observed/sightings/{number}"
        found = members_of(item, _SIGHTING, where)
        sequence = text_of(found["sequence"], 10, f"{where}/sequence")
        if not sequence.isascii() or not sequence.isdigit() or int(sequence) < 1:
            raise MalformedJsonError("not-a-number", f"{where}/sequence")
        yield ToldSighting(
            region=text_of(found["region"], 6, f"{where}/region"),
            sequence=min(int(sequence), _MAX_SEQUENCE),
            sm3=bytes.fromhex(digest_of(found["sm3"], f"{where}/sm3")),
        )
