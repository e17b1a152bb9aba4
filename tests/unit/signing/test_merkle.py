"""The Merkle tree against a naive one, and against the trees drawn in RFC 9162, 2.1.5."""

from collections.abc import Sequence

import pytest

from keys.sm3 import sm3
from signing.errors import MerkleProofError
from signing.merkle import (
    EMPTY_ROOT,
    TILE_WIDTH,
    full_tile_hash,
    inclusion_path,
    leaf_hash,
    nodes_of,
    nodes_of_tiles,
    root,
    root_by_inclusion,
)

_UP_TO = 40


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """MTH as RFC 9162, 2.1.1 writes it down, over contents."""
    if len(leaves) < 2:
        return sm3(b"\x00", leaves[0]) if leaves else sm3(b"")
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return sm3(b"\x01", naive_root(leaves[:k]), naive_root(leaves[k:]))


CONTENTS = tuple(number.to_bytes(32, "big") for number in range(_UP_TO))
LEAVES = tuple(map(leaf_hash, CONTENTS))


@pytest.mark.parametrize("size", range(_UP_TO + 1))
def test_roots_are_those_of_the_naive_tree(size: int) -> None:
    assert root(nodes_of(LEAVES), size) == naive_root(CONTENTS[:size])
    assert root(nodes_of(()), 0) == EMPTY_ROOT


@pytest.mark.parametrize("size", range(1, _UP_TO + 1))
def test_every_leaf_is_proven_and_no_other_in_its_place(size: int) -> None:
    nodes, whole = nodes_of(LEAVES), naive_root(CONTENTS[:size])
    for index in range(size):
        path = inclusion_path(nodes, index, size)
        assert root_by_inclusion(LEAVES[index], index, size, path) == whole
        other = LEAVES[(index + 1) % _UP_TO]
        assert root_by_inclusion(other, index, size, path) != whole


def _h(*parts: int | bytes) -> bytes:
    """A node of the drawn tree: of leaf numbers or of nodes."""
    return sm3(b"\x01", *(LEAVES[part] if isinstance(part, int) else part for part in parts))


def test_proofs_have_the_shapes_drawn_in_the_rfc() -> None:
    b, c, f = LEAVES[1], LEAVES[2], LEAVES[5]
    g, h, i, j = _h(0, 1), _h(2, 3), _h(4, 5), LEAVES[6]
    k, l_ = _h(g, h), _h(i, j)
    nodes = nodes_of(LEAVES[:7])
    assert inclusion_path(nodes, 0, 7) == (b, h, l_)
    assert inclusion_path(nodes, 3, 7) == (c, g, l_)
    assert inclusion_path(nodes, 4, 7) == (f, j, k)
    assert inclusion_path(nodes, 6, 7) == (i, k)


def test_a_tree_kept_in_tiles_answers_as_one_kept_whole() -> None:
    leaves = [leaf_hash(number.to_bytes(32, "big")) for number in range(2 * TILE_WIDTH + 77)]
    whole = nodes_of(leaves)
    tiles = {(0, n): b"".join(leaves[n * 256 : (n + 1) * 256]) for n in range(3)}
    tiles[8, 0] = b"".join(full_tile_hash(tiles[0, n]) for n in range(2))
    kept = nodes_of_tiles(lambda level, number: tiles[level, number])
    for size in (1, 255, 256, 257, 511, 512, 513, 589):
        assert root(kept, size) == root(whole, size)
        for index in {0, size // 2, size - 1}:
            assert inclusion_path(kept, index, size) == inclusion_path(whole, index, size)


@pytest.mark.parametrize(
    ("index", "size", "path", "code"),
    [
        (7, 7, 3, "no-such-leaf"),
        (-1, 7, 3, "no-such-leaf"),
        (0, 7, 2, "path-too-short"),
        (0, 7, 4, "path-too-long"),
        (0, 1, 1, "path-too-long"),
    ],
)
def test_a_path_that_does_not_fit_its_place_is_refused(
    index: int, size: int, path: int, code: str
) -> None:
    with pytest.raises(MerkleProofError) as refused:
        root_by_inclusion(LEAVES[0], index, size, LEAVES[:path])
    assert refused.value.code == code


def test_nobody_asks_for_proofs_of_what_is_not_there() -> None:
    with pytest.raises(MerkleProofError):
        inclusion_path(nodes_of(LEAVES), 5, 5)
