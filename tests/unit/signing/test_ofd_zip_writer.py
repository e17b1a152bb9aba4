"""The ZIP writer: plain records that every reader reads alike, the same bytes each time."""

import zipfile
from io import BytesIO

from signing.ofd.zip import STORED, read_entries
from signing.ofd.zip_writer import pack, packed_entries, write_entries

ENTRIES = (
    pack("OFD.xml", b"<OFD/>" * 100),
    pack("Doc_0/证照.xml", b"<Document/>"),
    pack("empty", b""),
)


def test_python_reads_what_is_written() -> None:
    with zipfile.ZipFile(BytesIO(write_entries(ENTRIES))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["OFD.xml", "Doc_0/证照.xml", "empty"]
        assert archive.read("OFD.xml") == b"<OFD/>" * 100
        assert archive.read("empty") == b""
        for entry in archive.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert entry.extra == entry.comment == b""
            assert not entry.flag_bits & 0x0008


def test_the_strict_reader_has_nothing_to_refuse() -> None:
    data = write_entries(ENTRIES)
    assert [entry.name for entry in read_entries(data, 10)] == [entry.name for entry in ENTRIES]


def test_content_that_does_not_shrink_is_stored() -> None:
    assert pack("a", b"abc").method == STORED
    assert pack("a", b"abc").packed == b"abc"


def test_entries_are_taken_over_as_they_are_packed() -> None:
    data = write_entries(ENTRIES)
    assert packed_entries(data, 10) == ENTRIES
    assert write_entries(packed_entries(data, 10)) == data


def test_directories_are_left_out() -> None:
    output = BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.mkdir("Doc_0")
        archive.writestr("Doc_0/a", b"a")
    assert [entry.name for entry in packed_entries(output.getvalue(), 10)] == ["Doc_0/a"]
