"""Checkpoints, countersignatures and proof files: one form each, any change refused or seen."""

from dataclasses import replace
from datetime import timedelta

import pytest
from issue_logs import BEGUN, MadeLog, contents, countersigned, library, signer

from signing import der
from signing.errors import MalformedIssueLogError
from signing.issue_log import (
    CheckpointContent,
    ListedStatus,
    build_checkpoint,
    leaf_of,
    read_checkpoint,
    read_countersignature,
)
from signing.issue_proof import (
    IssueProof,
    WitnessedCheckpoint,
    is_issue_proof,
    read_proof,
    read_witnessed,
    write_proof,
    write_witnessed,
)
from signing.merkle import EMPTY_ROOT

LOG = MadeLog(contents(20))
LATER = BEGUN + timedelta(minutes=1)


def _build(content: CheckpointContent) -> bytes:
    return build_checkpoint(content, library().system, signer(library().keys))


def test_a_checkpoint_says_what_it_was_made_of() -> None:
    lists = (ListedStatus("https://a.example/v1/status-lists/1", 7),)
    content = replace(LOG.checkpoint(9, LATER, 4).content, status_lists=lists)
    found = read_checkpoint(_build(content))
    assert found.content == content
    assert found.signed.signature_holds
    assert len(found.signed.der) < 1024


def test_a_countersignature_says_what_was_seen() -> None:
    seen = LOG.checkpoint(9, LATER)
    found = countersigned(seen, "320000", LATER, library())
    assert (found.content.size, found.content.root) == (9, seen.content.root)
    assert read_countersignature(found.signed.der) == found
    assert found.signed.signature_holds


def test_no_bit_of_a_checkpoint_can_be_changed_unseen() -> None:
    data = LOG.checkpoint(9, LATER, 4).signed.der
    for position in range(len(data)):
        changed = bytearray(data)
        changed[position] ^= 1 << position % 8
        try:
            found = read_checkpoint(bytes(changed))
        except MalformedIssueLogError:
            continue
        same_signer = found.signed.signer_certificate == library().system
        assert not (same_signer and found.signed.signature_holds)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"previous_size": 9}, "issue-log-previous-size"),
        ({"root": b"short"}, "issue-log-size"),
        ({"size": -1}, "issue-log-size"),
        ({"size": 2**32 + 1}, "issue-log-size"),
        ({"size": 0, "root": bytes(32)}, "issue-log-empty-root"),
        ({"region": ""}, "issue-log-text"),
        ({"region": "31\n"}, "issue-log-text"),
        ({"status_lists": (ListedStatus("u", -1),)}, "issue-log-sequence"),
        ({"status_lists": (ListedStatus("u", 1),) * 1025}, "issue-log-too-many-lists"),
    ],
)
def test_what_no_checkpoint_can_say_is_refused(changes: dict[str, object], code: str) -> None:
    with pytest.raises(MalformedIssueLogError) as refused:
        _build(replace(LOG.checkpoint(9, LATER, 4).content, **changes))  # type: ignore[arg-type]
    assert refused.value.code == code


def test_a_countersignature_is_no_checkpoint() -> None:
    data = countersigned(LOG.checkpoint(9, LATER), "320000", LATER, library()).signed.der
    with pytest.raises(MalformedIssueLogError) as refused:
        read_checkpoint(data)
    assert refused.value.code == "issue-log-version"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "checkpoint-der-truncated"),
        (b"0", "checkpoint-der-truncated"),
        (b"x" * (256 * 1024 + 1), "issue-log-too-large"),
        (LOG.checkpoint(9, LATER).signed.der + b"\0", "checkpoint-der-trailing-bytes"),
        (der.sequence(der.sequence()), "checkpoint-der-truncated"),
    ],
)
def test_other_bytes_are_refused_by_name(data: bytes, code: str) -> None:
    with pytest.raises(MalformedIssueLogError) as refused:
        read_checkpoint(data)
    assert refused.value.code == code


def test_a_content_id_is_64_digits() -> None:
    for text in ("", "0" * 63, "G" * 64, "A" * 64):
        with pytest.raises(MalformedIssueLogError):
            leaf_of(text)


# --- the proof file --------------------------------------------------------------------------


def _proof() -> IssueProof:
    return LOG.proof(6, LATER, (4, 9), BEGUN)


def test_a_proof_file_says_what_it_was_made_of() -> None:
    witnessed = WitnessedCheckpoint(
        _proof().holding.checkpoint,
        (countersigned(_proof().holding.checkpoint, "320000", LATER, library()),),
    )
    proof = replace(_proof(), holding=witnessed)
    data = write_proof(proof)
    assert is_issue_proof(data)
    assert read_proof(data) == proof
    assert read_witnessed(write_witnessed(witnessed)) == witnessed
    assert proof.contradiction() is None
    first = LOG.proof(0, BEGUN, (0, 4))
    assert read_proof(write_proof(first)) == first
    assert first.contradiction() is None


def test_parts_of_a_proof_that_do_not_fit_are_named() -> None:
    proof, other = _proof(), LOG.proof(7, LATER, (4, 9), BEGUN)
    late = WitnessedCheckpoint(LOG.checkpoint(4, LATER + timedelta(seconds=1)))
    split = WitnessedCheckpoint(MadeLog(contents(20, 100)).checkpoint(4, BEGUN))
    cases = {
        "path-leads-elsewhere": replace(proof, content_id=other.content_id),
        "path-too-short": replace(proof, path=proof.path[:-1]),
        "no-such-leaf": replace(proof, index=9),
        "not-the-first-checkpoint": LOG.proof(3, LATER, (4, 9), BEGUN),
        "checkpoint-before-missing": replace(proof, before=None),
        "not-the-checkpoint-before": replace(proof, before=split),
        "times-backwards": replace(proof, before=late),
    }
    assert {code: case.contradiction() for code, case in cases.items()} == {
        code: code for code in cases
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"index":"6"', b'"index":"06"'),
        (b'"index":"6"', b'"index":6'),
        (b'"index":"6"', b'"index":"4294967297"'),
        (b"issue-proof/1", b"issue-proof/2"),
        (b"witnessed-checkpoint/1", b"witnessed-checkpoint/2"),
        (b'"path":["', b'"path":["0'),
        (b'"path":[', b'"paths":['),
        (b'"checkpoint":"M', b'"checkpoint":"!'),
        (b'{"before"', b'{ "before"'),
    ],
)
def test_another_form_of_a_proof_file_is_refused(old: bytes, new: bytes) -> None:
    data = write_proof(_proof())
    assert old in data
    with pytest.raises(MalformedIssueLogError):
        read_proof(data.replace(old, new, 1))


def test_an_empty_log_has_a_checkpoint() -> None:
    empty = LOG.checkpoint(0, BEGUN)
    assert empty.content.root == EMPTY_ROOT
