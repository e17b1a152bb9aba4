"""A Merkle tree of SM3 over leaves in their order: root and inclusion proofs.

The shapes are those of RFC 9162 with SM3 in place of SHA-256. A tree is asked through ``Nodes``,
the hashes of its complete subtrees, so that it may be kept in tiles. It knows nothing of what a
leaf is, of who signs a root, or of where tiles are kept. That a later tree begins with an earlier
one is seen from its tiles: whoever watches a log keeps them.

Source: RFC 9162, 2.1; GB/T 32905-2016.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from keys.sm3 import sm3
from signing.errors import MerkleProofError

# (level, index) → the root over leaves index * 2**level up to (index + 1) * 2**level, left out.
Nodes = Callable[[int, int], bytes]

HASH_BYTES = 32
TILE_WIDTH = 256
TILE_HEIGHT = 8
# The levels of which hashes are kept: those of leaves, of full tiles, of 256 full tiles, ….
TILE_LEVELS = (0, 8, 16, 24)
MAX_SIZE = 2**32
EMPTY_ROOT = sm3(b"")


def leaf_hash(content: bytes) -> bytes:
    """Return the hash of a leaf."""
    return sm3(b"\x00", content)


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return sm3(b"\x01", left, right)


def nodes_of(leaves: Sequence[bytes]) -> Nodes:
    """Return the nodes of a tree whose leaf hashes are at hand."""
    levels = [list(leaves)]

    def node(level: int, index: int) -> bytes:
        while len(levels) <= level:
            below = levels[-1]
            pairs = zip(below[::2], below[1::2], strict=False)
            levels.append([node_hash(left, right) for left, right in pairs])
        return levels[level][index]

    return node


def nodes_of_tiles(tile: Callable[[int, int], bytes]) -> Nodes:
    """Return the nodes of a tree that is kept in tiles.

    Args:
        tile: (level of ``TILE_LEVELS``, number) → up to 256 hashes, one after the other.
    """

    def node(level: int, index: int) -> bytes:
        above = level % TILE_HEIGHT
        first = index << above
        hashes = tile(level - above, first // TILE_WIDTH)
        at = first % TILE_WIDTH
        return _fold(hashes_in(hashes)[at : at + (1 << above)])

    return node


def hashes_in(tile: bytes) -> tuple[bytes, ...]:
    """Return the hashes of a tile."""
    return tuple(tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES))


def full_tile_hash(tile: bytes) -> bytes:
    """Return the root over a full tile: the hash that stands for it in the level above."""
    return _fold(hashes_in(tile))


def _fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over a power of two of hashes."""
    while len(hashes) > 1:
        hashes = [node_hash(*hashes[at : at + 2]) for at in range(0, len(hashes), 2)]
    return hashes[0]


def root(nodes: Nodes, size: int) -> bytes:
    """Return the root of the tree of the first ``size`` leaves."""
    return _over(nodes, 0, size) if size else EMPTY_ROOT


def inclusion_path(nodes: Nodes, index: int, size: int) -> tuple[bytes, ...]:
    """Return the proof that leaf ``index`` is in the tree of ``size``, from the leaf up.

    Raises:
        MerkleProofError: the tree has no such leaf.

    Source: RFC 9162, 2.1.3.1.
    """
    if not 0 <= index < size:
        raise MerkleProofError("no-such-leaf")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + _half(end - start)
        if index < middle:
            path.append(_over(nodes, middle, end))
            end = middle
        else:
            path.append(_over(nodes, start, middle))
            start = middle
    return tuple(reversed(path))


def _over(nodes: Nodes, start: int, end: int) -> bytes:
    """Return the hash over the leaves from start up to end; start is as the tree splits."""
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return nodes(level, start >> level)
    middle = start + _half(size)
    return node_hash(_over(nodes, start, middle), _over(nodes, middle, end))


def _half(size: int) -> int:
    """Return the largest power of two below a size above 1."""
    return 1 << ((size - 1).bit_length() - 1)


def root_by_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Return the root that a leaf hash leads to by its proof; compare it with the signed one.

    Raises:
        MerkleProofError: the path is too long or too short for the place.

    Source: RFC 9162, 2.1.3.2.
    """
    if not 0 <= index < size:
        raise MerkleProofError("no-such-leaf")
    number, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            raise MerkleProofError("path-too-long")
        if number & 1 or number == last:
            found = node_hash(step, found)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            found = node_hash(found, step)
        number, last = number >> 1, last >> 1
    if last != 0:
        raise MerkleProofError("path-too-short")
    return found
