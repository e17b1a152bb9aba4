"""DER is read in one encoding only, and what the writer writes is that encoding."""

import pytest

from signing import der
from signing.der import DerReader
from signing.errors import MalformedDerError


@pytest.mark.parametrize(
    ("encoded", "code"),
    [
        ("3003020105" + "00", "der-trailing-bytes"),
        ("308102" + "0101", "der-length-not-minimal"),
        ("30820003" + "020105", "der-length-not-minimal"),
        ("3080" + "020105" + "0000", "der-indefinite-length"),
        ("3003" + "0201", "der-truncated"),
        ("30", "der-truncated"),
        ("", "der-truncated"),
        ("3085" + "0000000003" + "020105", "der-truncated"),
        ("3103" + "020105", "der-unexpected-tag"),
        ("3f8103" + "020105", "der-unexpected-tag"),
        ("3004" + "02020005", "der-integer-not-minimal"),
        ("3004" + "0202ff80", "der-integer-not-minimal"),
        ("3002" + "0200", "der-integer-not-minimal"),
    ],
)
def test_another_encoding_of_a_value_is_refused_by_name(encoded: str, code: str) -> None:
    with pytest.raises(MalformedDerError) as caught:
        _read_number_in_sequence(bytes.fromhex(encoded))

    assert caught.value.code == code


def _read_number_in_sequence(encoded: bytes) -> int:
    reader = DerReader(encoded)
    body = reader.enter(der.SEQUENCE, "outer")
    reader.finish("outer")
    number = body.integer("number")
    body.finish("outer")
    return number


@pytest.mark.parametrize("value", [0, 1, 127, 128, 255, 256, -1, -128, -129, 1 << 159])
def test_integers_come_back(value: int) -> None:
    assert DerReader(der.integer(value)).integer("number") == value


@pytest.mark.parametrize(
    "dotted",
    ["1.2.156.10197.1.501", "2.25.69842565992880661558815844605740182028", "0.9.2342", "2.5.4.3"],
)
def test_object_identifiers_come_back(dotted: str) -> None:
    encoded = der.object_identifier(dotted)

    assert der.dotted(DerReader(encoded).contents(der.OBJECT_IDENTIFIER, "name")) == dotted


@pytest.mark.parametrize("contents", ["", "80", "2a80", "2a8001"])
def test_object_identifiers_have_one_encoding(contents: str) -> None:
    with pytest.raises(MalformedDerError):
        der.dotted(bytes.fromhex(contents))


def test_a_set_is_written_in_order_and_read_only_in_order() -> None:
    one, two = der.integer(1), der.integer(2)

    assert der.set_of([two, one]) == der.tlv(der.SET, one, two)
    with pytest.raises(MalformedDerError, match="der-set-not-sorted"):
        der.read_set_of(DerReader(der.tlv(der.SET, two, one)), der.SET, "set")


def test_long_lengths_come_back() -> None:
    for size in (0, 127, 128, 255, 256, 65535, 65536):
        encoded = der.tlv(der.OCTET_STRING, bytes(size))
        assert DerReader(encoded).contents(der.OCTET_STRING, "bytes") == bytes(size)
