"""Issue logs for tests: the key of a library, checkpoints and proofs of a log at hand."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache, partial

from memory_keys import MemoryKeys
from pki import Pki

from signing.issue_log import (
    Checkpoint,
    CheckpointContent,
    Countersignature,
    CountersignatureContent,
    build_checkpoint,
    build_countersignature,
    leaf_of,
    read_checkpoint,
    read_countersignature,
)
from signing.issue_proof import IssueProof, WitnessedCheckpoint
from signing.merkle import inclusion_path, nodes_of, root

BEGUN = datetime(2026, 6, 1, 4, 0, 0, tzinfo=UTC)


@cache
def library() -> Pki:
    """A hierarchy whose key "system" signs for a region; the same one in a whole run."""
    return Pki()


def contents(count: int, first: int = 0) -> tuple[str, ...]:
    """Made-up content_ids."""
    return tuple(f"{number:064x}" for number in range(first, first + count))


class MadeLog:
    """A region's log: content_ids in their order, and checkpoints of it at any size."""

    def __init__(self, entries: Sequence[str], region: str = "310000", pki: Pki | None = None):
        self.entries = tuple(entries)
        self.region = region
        self.pki = pki or library()
        self.nodes = nodes_of([leaf_of(entry) for entry in self.entries])

    def checkpoint(self, size: int, at: datetime, previous: int = 0) -> Checkpoint:
        """The checkpoint of the first ``size`` entries."""
        content = CheckpointContent(
            self.region,
            size,
            root(self.nodes, size),
            at,
            previous,
            root(self.nodes, previous),
        )
        return signed_checkpoint(content, self.pki)

    def proof(
        self, index: int, at: datetime, sizes: tuple[int, int], before: datetime | None = None
    ) -> IssueProof:
        """The proof of an entry that first appeared in a checkpoint at an instant.

        ``sizes`` are those of the checkpoint before and of the one that holds it.
        """
        earlier, size = sizes
        return IssueProof(
            self.entries[index],
            index,
            inclusion_path(self.nodes, index, size),
            WitnessedCheckpoint(self.checkpoint(size, at, earlier)),
            WitnessedCheckpoint(self.checkpoint(earlier, before)) if before else None,
        )

    def tile(self, level: int, number: int) -> bytes:
        """A tile of the whole log."""
        first, last = number * 256, min((number + 1) * 256, len(self.entries) >> level)
        return b"".join(self.nodes(level, index) for index in range(first, last))


def signed_checkpoint(content: CheckpointContent, pki: Pki) -> Checkpoint:
    """A checkpoint as signed by a hierarchy's key "system"."""
    return read_checkpoint(build_checkpoint(content, pki.system, signer(pki.keys)))


def countersigned(checkpoint: Checkpoint, witness: str, at: datetime, pki: Pki) -> Countersignature:
    """A countersignature of another region's library."""
    seen = checkpoint.content
    content = CountersignatureContent(witness, seen.region, seen.size, seen.root, at)
    return read_countersignature(build_countersignature(content, pki.system, signer(pki.keys)))


def signer(keys: MemoryKeys) -> partial[bytes]:
    """What signs with the key "system"."""
    return partial(keys.sign, "system")
