from datetime import UTC, datetime, timedelta, timezone

import pytest

from keys import der


def element(text: str) -> der.Element:
    return der.Reader(bytes.fromhex(text)).next()


@pytest.mark.parametrize(
    "text",
    ["", "30", "3001", "3081", "308001", "30800000", "3081010a", "30817f", "3082008000",
     "30850000000001", "30ff00", "1f0100", "bf8101", "3084ffffffff", "30847fffffff"],
)  # fmt: skip
def test_what_is_not_one_whole_element_is_refused(text: str) -> None:
    with pytest.raises(der.DerError):
        der.only(bytes.fromhex(text), der.SEQUENCE)


def test_an_element_keeps_the_bytes_it_came_in() -> None:
    data = bytes.fromhex("30030201053000")
    reader = der.Reader(data)
    first = reader.next(der.SEQUENCE)
    assert (first.encoded, first.content) == (data[:5], data[2:5])
    assert reader.optional(der.INTEGER) is None
    assert reader.next().encoded == data[5:]
    reader.finish()
    with pytest.raises(der.DerError):
        reader.next()


def test_bytes_left_over_are_refused() -> None:
    with pytest.raises(der.DerError):
        der.only(b"\x05\0\0", der.NULL)


@pytest.mark.parametrize(
    ("text", "value"),
    [("020100", 0), ("02017f", 127), ("02020080", 128), ("0201ff", -1), ("020180", -128),
     ("0202ff7f", -129), ("0a0105", 5)],
)  # fmt: skip
def test_integers_have_their_value(text: str, value: int) -> None:
    assert der.integer(element(text)) == value


@pytest.mark.parametrize("text", ["0200", "0202007f", "0202ff80", "02020000", "0202ffff"])
def test_integers_that_are_not_minimal_are_refused(text: str) -> None:
    with pytest.raises(der.DerError):
        der.integer(element(text))


def test_huge_integers_and_identifiers_are_refused_before_they_cost_anything() -> None:
    arc = b"\xff" * 2_000_000 + b"\x7f"
    for tag, read in ((der.INTEGER, der.integer), (der.OBJECT_IDENTIFIER, der.object_identifier)):
        with pytest.raises(der.DerError):
            read(der.only(der.tlv(tag, b"\x7f" + arc), tag))
    # What is let through can be printed: Python refuses to print more than 4300 digits.
    longest = der.only(der.tlv(der.INTEGER, b"\x7f" * 512), der.INTEGER)
    assert len(str(der.integer(longest))) < 4300


@pytest.mark.parametrize("value", [0, 1, 127, 128, 255, 256, 2**63, 2**256 - 1])
def test_an_integer_written_is_read_back(value: int) -> None:
    assert der.integer(der.only(der.write_integer(value), der.INTEGER)) == value


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 65535, 65536])
def test_a_length_written_is_read_back(size: int) -> None:
    assert der.only(der.tlv(der.OCTET_STRING, bytes(size)), der.OCTET_STRING).content == bytes(size)


def test_a_boolean_is_00_or_ff() -> None:
    assert der.boolean(element("0101ff")) is True
    assert der.boolean(element("010100")) is False
    for text in ("0100", "010101", "0102ffff"):
        with pytest.raises(der.DerError):
            der.boolean(element(text))


@pytest.mark.parametrize(
    ("text", "bits"),
    [("030206c0", {0, 1}), ("03020106", {5, 6}), ("030307ff80", {0, 1, 2, 3, 4, 5, 6, 7, 8}),
     ("030100", set()), ("030200c0", {0, 1})],
)  # fmt: skip
def test_named_bits_are_counted_from_the_left(text: str, bits: set[int]) -> None:
    assert der.named_bits(element(text)) == bits


@pytest.mark.parametrize("text", ["0300", "030101", "030208c0", "030206c1"])
def test_malformed_bit_strings_are_refused(text: str) -> None:
    with pytest.raises(der.DerError):
        der.named_bits(element(text))


def test_a_bit_string_of_octets_has_no_unused_bits() -> None:
    assert der.whole_octets(element("030300abcd")) == b"\xab\xcd"
    for text in ("0300", "030301abcd"):
        with pytest.raises(der.DerError):
            der.whole_octets(element(text))


@pytest.mark.parametrize(
    "dotted",
    ["1.2.156.10197.1.501", "2.5.4.3", "0.9.2342.19200300.100.1.25", "2.999.1", "2.25." + "9" * 38],
)
def test_an_object_identifier_is_read_as_it_was_written(dotted: str) -> None:
    assert der.object_identifier(element(der.write_object_identifier(dotted).hex())) == dotted


@pytest.mark.parametrize("text", ["0600", "060180", "06022a80", "06032a8001", "0602808a"])
def test_malformed_object_identifiers_are_refused(text: str) -> None:
    with pytest.raises(der.DerError):
        der.object_identifier(element(text))


@pytest.mark.parametrize(
    ("tag", "text", "moment"),
    [(der.UTC_TIME, b"260229000000Z", None),
     (der.UTC_TIME, b"280229235959Z", datetime(2028, 2, 29, 23, 59, 59, tzinfo=UTC)),
     (der.UTC_TIME, b"491231235959Z", datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)),
     (der.UTC_TIME, b"500101000000Z", datetime(1950, 1, 1, tzinfo=UTC)),
     (der.GENERALIZED_TIME, b"20500101000000Z", datetime(2050, 1, 1, tzinfo=UTC)),
     (der.GENERALIZED_TIME, b"00000101000000Z", None),
     (der.GENERALIZED_TIME, b"20500101000000.5Z", None),
     (der.GENERALIZED_TIME, b"20500101000000+0800", None),
     (der.GENERALIZED_TIME, b"20501301000000Z", None),
     (der.UTC_TIME, b"2601010000Z", None),
     (der.UTC_TIME, b"260101000060Z", None),
     (der.UTC_TIME, b"26010100000\xb2Z", None),
     (der.UTC_TIME, b"260101000000", None),
     (der.UTF8_STRING, b"260101000000Z", None)],
)  # fmt: skip
def test_only_the_times_of_rfc_5280_are_read(
    tag: int, text: bytes, moment: datetime | None
) -> None:
    found = element(der.tlv(tag, text).hex())
    if moment is None:
        with pytest.raises(der.DerError):
            der.instant(found)
    else:
        assert der.instant(found) == moment


@pytest.mark.parametrize("year", [1950, 2026, 2049, 2050, 9999])
def test_an_instant_written_is_read_back_as_the_same_instant(year: int) -> None:
    moment = datetime(year, 6, 1, 3, 4, 5, tzinfo=timezone(timedelta(hours=8)))
    written = element(der.write_instant(moment).hex())
    assert der.instant(written) == moment
    assert written.tag == (der.UTC_TIME if year < 2050 else der.GENERALIZED_TIME)
