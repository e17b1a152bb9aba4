"""judge() answers whatever evidence it is given, and depends on its arguments only."""

import json
from typing import Any

from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from mutants.world import World
from pki import NOW

from verification.errors import MalformedEvidenceError, NotALicenseFileError
from verification.evidence import Evidence
from verification.evidence_json import from_json_text, to_values
from verification.judging import judge
from verification.policy import load_policy
from verification.report import Verdict

WORLD = World()
POLICIES = [load_policy(name) for name in ("default", "strict", "final_check")]
FILES = (WORLD.sealed(), WORLD.sealed_ofd(), WORLD.sealed_json(), WORLD.seal.ses)
ALL_VALUES = [to_values(WORLD.evidence(data)) for data in FILES]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of the evidence, from the root to each leaf."""
    found = [path]
    if isinstance(value, dict):
        for key, inner in value.items():
            found += places(inner, (*path, key))
    if isinstance(value, list):
        for index, inner in enumerate(value):
            found += places(inner, (*path, index))
    return found


PLACES = [(at, path) for at, values in enumerate(ALL_VALUES) for path in places(values) if path]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.text(max_size=20),
    st.sampled_from(["", "AA==", "MAA=", "2026-06-01T04:00:00Z", "0001-01-01T00:00:00Z"]),
    st.sampled_from(["9999-12-31T23:59:59Z", "valid", "seal", "ALL", "dss", "doc-timestamp"]),
    st.sampled_from(["pdf", "ofd", "json", "esl", "cms", "ses", "gm-cms", "bare", "ses-seal"]),
    st.sampled_from(["unknown", "Seal", "Sign", "sm3", "/OFD.xml"]),
)
REPLACEMENTS = st.one_of(
    SCALARS, st.lists(SCALARS, max_size=4), st.dictionaries(st.text(max_size=5), SCALARS)
)


Place = tuple[int, tuple[Any, ...]]


def changed(place: Place, value: Any) -> dict[str, Any]:
    number, path = place
    made: dict[str, Any] = json.loads(json.dumps(ALL_VALUES[number]))
    at: Any = made
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return made


@given(st.sampled_from(PLACES), REPLACEMENTS, st.sampled_from(POLICIES))
@settings(max_examples=examples(600), deadline=None)
def test_judging_never_fails(place: Place, value: Any, policy: Any) -> None:
    try:
        evidence = from_json_text(Evidence, json.dumps(changed(place, value)))
    except MalformedEvidenceError:
        return
    report = judge(evidence, policy, NOW, NOW)
    assert report.to_json()["verdict"] in list(Verdict)
    assert report == judge(evidence, policy, NOW, NOW)


@given(
    st.sampled_from([each for each in PLACES if each[1][:2] != ("document", "sha256")]), st.data()
)
@settings(max_examples=examples(300), deadline=None)
def test_binary_evidence_with_a_bit_flipped_never_fails(place: Place, data: Any) -> None:
    number, path = place
    at: Any = ALL_VALUES[number]
    for key in path:
        at = at[key]
    if not isinstance(at, str) or len(at) < 40:
        return
    index = data.draw(st.integers(0, len(at) - 1))
    other = data.draw(st.sampled_from("ABCDEFabcdef0123456789+/"))
    try:
        made = changed(place, at[:index] + other + at[index + 1 :])
        evidence = from_json_text(Evidence, json.dumps(made))
    except MalformedEvidenceError:
        return
    judge(evidence, POLICIES[0], NOW, NOW)


BEGINNINGS = (b"%PDF-1.7\n", b"PK\x03\x04", b"{", b'{"claims":', b"\x30\x82", b"\x30\x81", b"x")


@given(st.binary(max_size=3000), st.sampled_from(BEGINNINGS))
@settings(max_examples=examples(300), deadline=None)
def test_any_bytes_get_a_report_or_a_named_refusal(data: bytes, beginning: bytes) -> None:
    hostile = beginning + data
    try:
        report = WORLD.report(hostile)
    except NotALicenseFileError:
        return
    assert report.verdict is Verdict.UNSEALED
