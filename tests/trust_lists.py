"""Roots and trust lists made for tests, signed by real keys; nothing in them is a real region's."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from keys.sm2 import PrivateKey
from keys.sm3 import sm3
from signing.root_signatures import RootSignature, assemble, key_id
from signing.trust_list import (
    AUTHORITY,
    TRUSTED,
    Standing,
    TrustedEntry,
    TrustListContent,
    build_tbs,
)
from signing.trust_root import RootKey, TrustRoot, build_root_tbs

ISSUED = datetime(2026, 3, 2, 1, 0, 0, tzinfo=UTC)
AUTHORITY_CODE = "11310101MB2F00017Y"


def authority_entry(code: str = AUTHORITY_CODE, region: str = "310101") -> TrustedEntry:
    """An authority that seals for itself, trusted since a year before the list."""
    history = (Standing(TRUSTED, ISSUED - timedelta(days=365)),)
    return TrustedEntry(AUTHORITY, "某区市场监督管理局", code, b"", (), region, (code,), history)


@dataclass(frozen=True)
class RootHolders:
    """A root and the private keys of it, in the root's order."""

    root: TrustRoot
    keys: tuple[PrivateKey, ...]

    def root_der(self, *signers: PrivateKey) -> bytes:
        """The root, signed by these keys, else by as many of its own as it asks."""
        return signed(build_root_tbs(self.root), signers or self._enough())

    def list_der(self, content: TrustListContent, *signers: PrivateKey) -> bytes:
        """A list, signed by these keys, else by as many of the root's as it asks."""
        return signed(build_tbs(self.named_in(content)), signers or self._enough())

    def named_in(self, content: TrustListContent) -> TrustListContent:
        """The content, naming this root as the one whose keys sign."""
        return replace(
            content, root_version=self.root.version, root_sm3=sm3(build_root_tbs(self.root))
        )

    def _enough(self) -> tuple[PrivateKey, ...]:
        return self.keys[: self.root.threshold]

    def rolled(self, *, keep: int) -> "RootHolders":
        """The next version: the first ``keep`` keys stay, the others are new."""
        keys = (*self.keys[:keep], *(PrivateKey.generate() for _ in self.keys[keep:]))
        return RootHolders(
            replace(self.root, version=self.root.version + 1, keys=_named(keys)), keys
        )


def signed(tbs: bytes, signers: Iterable[PrivateKey]) -> bytes:
    """The DER of a value and its signatures."""
    return assemble(
        tbs, (RootSignature(key_id(key.public_point), key.sign(tbs)) for key in signers)
    )


def root_of(region: str = "310000", holders: int = 3, threshold: int = 2) -> RootHolders:
    """A first root, of new keys."""
    keys = tuple(PrivateKey.generate() for _ in range(holders))
    root = TrustRoot(region, 1, threshold, _named(keys), ISSUED, ISSUED + timedelta(days=3650))
    return RootHolders(root, keys)


def _named(keys: Iterable[PrivateKey]) -> tuple[RootKey, ...]:
    return tuple(RootKey(f"holder-{n}", key.public_point) for n, key in enumerate(keys, start=1))


def content_of(
    region: str = "310000", sequence: int = 1, entries: tuple[TrustedEntry, ...] | None = None
) -> TrustListContent:
    """A list of one authority, good for ninety days; it names no root (see ``RootHolders``)."""
    return TrustListContent(
        region=region,
        sequence=sequence,
        issued_at=ISSUED + timedelta(days=sequence),
        next_update=ISSUED + timedelta(days=sequence + 90),
        root_version=1,
        root_sm3=bytes(32),
        entries=(authority_entry(),) if entries is None else entries,
        service_urls=("https://a.example",),
    )
