import pytest

from keys import der
from keys.distinguished_name import COMMON_NAME, ORGANIZATION, read_name, write_name


def name(*parts: tuple[str, int, bytes]) -> der.Element:
    written = [
        der.tlv(der.SET, der.tlv(0x30, der.write_object_identifier(kind), der.tlv(tag, value)))
        for kind, tag, value in parts
    ]
    return der.only(der.tlv(der.SEQUENCE, *written), der.SEQUENCE)


@pytest.mark.parametrize(
    ("tag", "value", "text"),
    [
        (der.UTF8_STRING, "卫生局".encode(), "卫生局"),
        (der.UTF8_STRING, "卫生局".encode("gbk"), "卫生局"),
        (der.T61_STRING, "卫生局".encode("gbk"), "卫生局"),
        (der.BMP_STRING, "卫生局".encode("utf-16-be"), "卫生局"),
        (der.UNIVERSAL_STRING, "𬱖".encode("utf-32-be"), "𬱖"),
        (der.PRINTABLE_STRING, b"Bureau", "Bureau"),
        (der.UTF8_STRING, b"a\xff", r"\#0c0261ff"),
        (der.BMP_STRING, b"\xd8\x00", r"\#1e02d800"),
        (der.OCTET_STRING, b"x", r"\#040178"),
        (der.UTF8_STRING, b'a,b+c"d\\e<f>g;h=i', r"a\,b\+c\"d\\e\<f\>g\;h\=i"),
        (der.UTF8_STRING, b" a ", r"\ a\ "),
        (der.UTF8_STRING, b" ", "\\ "),
        (der.UTF8_STRING, b"#a", r"\#a"),
        (der.UTF8_STRING, b"a\nb\0", r"a\0ab\00"),
        (der.UTF8_STRING, "a\u202eb".encode(), r"a\e2\80\aeb"),
        (der.UTF8_STRING, b"", ""),
    ],
)
def test_values_are_shown_as_they_are_meant_or_as_hex(tag: int, value: bytes, text: str) -> None:
    assert read_name(name((COMMON_NAME, tag, value))).text == f"CN={text}"


def test_the_most_specific_part_stands_first_and_unknown_types_are_dotted() -> None:
    parts = (("2.5.4.6", 19, b"CN"), (ORGANIZATION, 12, b"o"), ("1.2.3", 12, b"x"))
    read = read_name(name(*parts, (COMMON_NAME, 12, b"c")))
    assert read.text == "CN=c,1.2.3=x,O=o,C=CN"


def test_of_several_values_the_most_specific_counts() -> None:
    read = read_name(name((COMMON_NAME, 12, b"first"), (COMMON_NAME, 12, b"last")))
    assert (read.last(COMMON_NAME), read.last(ORGANIZATION)) == ("last", "")


def test_a_written_name_leaves_out_what_is_empty() -> None:
    assert read_name(der.only(write_name("c", "", ""), 0x30)).text == "CN=c"
    assert read_name(der.only(write_name("c", "o", "CN"), 0x30)).text == "CN=c,O=o,C=CN"
