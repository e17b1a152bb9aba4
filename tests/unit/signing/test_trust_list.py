"""The signed trust list and its roots: what is written is read, and nothing else is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from keys.sm2 import PrivateKey
from keys.sm3 import sm3
from signing import der
from signing.errors import MalformedTrustListError
from signing.root_signatures import RootSignature, assemble, key_id
from signing.trust_list import (
    ANCHOR,
    TRUSTED,
    WITHDRAWN,
    Standing,
    TrustedEntry,
    build_tbs,
    read_trust_list,
    signatures_holding,
)
from signing.trust_root import build_root_tbs, follows, is_self_signed, read_trust_root
from tests.trust_lists import ISSUED, authority_entry, content_of, root_of, signed

_DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def holders():
    return root_of()


def anchor(**changes):
    entry = TrustedEntry(
        ANCHOR, "某区域根", "", b"\x30\x00", ("seal",), "310000", (), (Standing(TRUSTED, ISSUED),)
    )
    return replace(entry, **changes)


def test_a_list_is_read_as_it_was_written(holders):
    history = (Standing(TRUSTED, ISSUED), Standing(WITHDRAWN, ISSUED + _DAY, "key-replaced"))
    content = content_of(entries=(authority_entry(), anchor(history=history)))
    found = read_trust_list(holders.list_der(content))
    assert found.content == holders.named_in(content)
    assert found.sm3 == sm3(found.tbs)
    assert not found.entries_of(ANCHOR)[0].is_trusted
    assert signatures_holding(found, holders.root) == 2


def test_only_signatures_of_the_root_that_hold_are_counted_and_each_key_once(holders):
    tbs = build_tbs(content_of())
    one, two = holders.keys[:2]
    stranger = PrivateKey.generate()
    wrong = RootSignature(key_id(two.public_point), one.sign(tbs))
    right = RootSignature(key_id(one.public_point), one.sign(tbs))
    data = assemble(tbs, (right, wrong, RootSignature(key_id(one.public_point), one.sign(tbs))))
    assert signatures_holding(read_trust_list(data), holders.root) == 1
    assert signatures_holding(read_trust_list(signed(tbs, (stranger,))), holders.root) == 0


def test_a_signature_of_a_root_is_none_of_a_list(holders):
    """What is signed says what it is, so one kind can never stand for the other."""
    with pytest.raises(MalformedTrustListError, match="trust-list-version"):
        read_trust_list(holders.root_der())
    with pytest.raises(MalformedTrustListError, match="trust-root-version"):
        read_trust_root(holders.list_der(content_of()))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (content_of(sequence=0), "trust-list-out-of-range"),
        (replace(content_of(), next_update=ISSUED), "trust-list-out-of-range"),
        (replace(content_of(), region="31"), "trust-region"),
        (replace(content_of(), root_sm3=b""), "trust-list-out-of-range"),
        (replace(content_of(), service_urls=("ftp://a",)), "trust-list-service-url"),
        (replace(content_of(), service_urls=("https://a@b",)), "trust-list-service-url"),
        (replace(content_of(), service_urls=("https://a",) * 9), "trust-list-too-many"),
        (content_of(entries=(authority_entry(region="320100"),)), "trust-list-entry-region"),
        (content_of(entries=(anchor(purposes=()),)), "trust-list-entry-purposes"),
        (content_of(entries=(anchor(purposes=("all",)),)), "trust-list-entry-purposes"),
        (content_of(entries=(anchor(certificate=b""),)), "trust-list-entry-form"),
        (content_of(entries=(anchor(code="X"),)), "trust-list-entry-form"),
        (content_of(entries=(anchor(national_root=b"1"),)), "trust-list-entry-national-root"),
        (content_of(entries=(anchor(seal_owners=("X",)),)), "trust-list-entry-seal-owners"),
        (content_of(entries=(anchor(kind="root"),)), "trust-list-entry-kind"),
        (content_of(entries=(anchor(name="a\nb"),)), "trust-text"),
        *(
            (content_of(entries=(anchor(history=history),)), "trust-list-entry-history")
            for history in (
                (),
                (Standing(WITHDRAWN, ISSUED, "ceased"),),
                (Standing(TRUSTED, ISSUED), Standing(TRUSTED, ISSUED)),
                (Standing(TRUSTED, ISSUED), Standing(WITHDRAWN, ISSUED - _DAY, "ceased")),
                (Standing(TRUSTED, ISSUED), Standing(WITHDRAWN, ISSUED, "because")),
                (Standing(TRUSTED, ISSUED, "ceased"),),
            )
        ),
    ],
)
def test_what_is_no_list_is_not_written(content, code):
    with pytest.raises(MalformedTrustListError) as caught:
        build_tbs(content)
    assert caught.value.code == code


def test_signatures_stand_in_one_order(holders):
    found = read_trust_list(holders.list_der(content_of()))
    assert assemble(found.tbs, reversed(found.signatures)) == found.der
    parts = [
        der.sequence(
            der.tlv(der.OCTET_STRING, entry.key_id), der.tlv(der.OCTET_STRING, entry.signature)
        )
        for entry in found.signatures
    ]
    for wrong in (reversed(parts), (parts[0], parts[0])):
        with pytest.raises(MalformedTrustListError, match="not-in-order"):
            read_trust_list(der.sequence(found.tbs, der.sequence(*wrong)))


def test_every_flipped_bit_is_noticed(holders):
    """A list signed by just enough is refused, or not signed by enough, whatever bit changes."""
    data = holders.list_der(content_of())
    for bit in range(0, len(data) * 8, 3):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            found = read_trust_list(bytes(changed))
        except MalformedTrustListError:
            continue
        assert signatures_holding(found, holders.root) < holders.root.threshold, bit


@pytest.mark.parametrize("tail", [b"\0", b"\x30\x00"])
def test_bytes_after_the_end_are_refused(holders, tail):
    with pytest.raises(MalformedTrustListError):
        read_trust_list(holders.list_der(content_of()) + tail)
    with pytest.raises(MalformedTrustListError):
        read_trust_root(holders.root_der() + tail)


def test_a_root_is_read_as_it_was_written(holders):
    found = read_trust_root(holders.root_der())
    assert found.root == holders.root
    assert is_self_signed(found)
    assert not is_self_signed(read_trust_root(holders.root_der(holders.keys[2])))


def test_a_root_follows_only_with_signatures_of_both(holders):
    rolled = holders.rolled(keep=1)
    both = (*holders.keys[:2], *rolled.keys[1:])
    assert follows(read_trust_root(rolled.root_der(*both)), holders.root)
    assert not follows(read_trust_root(rolled.root_der(*rolled.keys)), holders.root)
    assert not follows(read_trust_root(rolled.root_der(*holders.keys)), holders.root)
    assert not follows(read_trust_root(holders.root_der()), holders.root)


def test_a_root_two_versions_on_does_not_follow(holders):
    rolled = holders.rolled(keep=3).rolled(keep=3)
    assert not follows(read_trust_root(rolled.root_der()), holders.root)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"threshold": 0}, "trust-root-threshold"),
        ({"threshold": 4}, "trust-root-threshold"),
        ({"keys": ()}, "trust-root-keys"),
        ({"version": 0}, "trust-root-out-of-range"),
        ({"expires_at": ISSUED}, "trust-root-out-of-range"),
        ({"region": "a"}, "trust-region"),
    ],
)
def test_what_is_no_root_is_not_written(holders, changes, code):
    with pytest.raises(MalformedTrustListError) as caught:
        build_root_tbs(replace(holders.root, **changes))
    assert caught.value.code == code


def test_one_key_under_two_names_is_no_root(holders):
    twice = (holders.root.keys[0], replace(holders.root.keys[0], name="other"))
    with pytest.raises(MalformedTrustListError, match="trust-root-keys"):
        build_root_tbs(replace(holders.root, keys=twice))
