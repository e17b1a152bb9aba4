"""Packages are opened strictly: each way in which two readers could differ has its own code."""

import io
import os
import struct
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pytest
from zip_forge import Forged, central_header, deflate, descriptor, forge, local_header, package

from signing.errors import UnreadableDocumentError
from signing.ofd.package import OfdPackage, PackageLimits, open_package

LIMITS_AS_SHIPPED = PackageLimits()
MAIN = Forged(b"OFD.xml", b"<OFD/>" * 20)
PAGE = Forged(b"Doc_0/Content.xml", b"<Page/>" * 30)
LARGE = Forged(b"large.bin", os.urandom(1000) * 300, method=0)


def with_page(**changes: object) -> bytes:
    """The good package with a second entry that differs in something."""
    return forge([MAIN, replace(PAGE, **changes)])  # type: ignore[arg-type]


def named(name: str | bytes, flags: int = 0x800) -> bytes:
    raw = name if isinstance(name, bytes) else name.encode()
    return forge([MAIN, replace(PAGE, name=raw, flags=flags)])


def code_of(data: bytes, limits: PackageLimits = LIMITS_AS_SHIPPED) -> str:
    with pytest.raises(UnreadableDocumentError) as refusal:
        open_package(data, limits)
    return refusal.value.code


def test_a_plain_package_opens_with_absolute_names_and_its_bytes() -> None:
    opened = open_package(forge([MAIN, PAGE]))
    assert opened.names == ("/OFD.xml", "/Doc_0/Content.xml")
    assert opened.read("/OFD.xml") == MAIN.content
    assert b"".join(opened.pieces("/Doc_0/Content.xml")) == PAGE.content
    assert opened.size("/OFD.xml") == len(MAIN.content)
    assert "/OFD.xml" in opened
    assert "/ofd.xml" not in opened
    assert "OFD.xml" not in opened


def test_a_name_that_is_not_there_is_an_error_of_its_own() -> None:
    with pytest.raises(UnreadableDocumentError) as refusal:
        open_package(forge([MAIN])).read("/other.xml")
    assert refusal.value.code == "package-no-such-entry"


def _unused(data: bytes) -> bytes:
    """Deflated bytes with more after their end."""
    return deflate(data) + b"more"


SECOND_MAIN = replace(MAIN, content=b"<OFD>other</OFD>")
UNIX = 0x0314  # made by Unix, version 2.0

FAULTS: dict[str, tuple[str, Callable[[], bytes]]] = {
    # the file as a whole
    "nothing": ("package-not-a-zip", lambda: b""),
    "other bytes": ("package-not-a-zip", lambda: b"%PDF-1.7 " * 50),
    "a program before it": ("package-prepended-bytes", lambda: b"MZ" + forge([MAIN])),
    "an entry before the first one": ("package-prepended-bytes", lambda: _hidden_first()),
    "bytes after it": ("package-appended-bytes", lambda: forge([MAIN]) + b"\0"),
    "a second package after it": ("package-prepended-bytes", lambda: _twice()),
    "a comment": ("package-comment", lambda: forge([MAIN], comment=b"hello")),
    "a comment announced and absent": (
        "package-comment",
        lambda: forge([MAIN], comment=b"")[:-2] + b"\5\0",
    ),
    "its end cut off": ("package-no-end-record", lambda: forge([MAIN])[:-30]),
    "one byte short": ("package-no-end-record", lambda: forge([MAIN])[:-1]),
    # the end record
    "several disks": ("package-several-disks", lambda: forge([MAIN], disk=1)),
    "a directory on another disk": ("package-several-disks", lambda: forge([MAIN], first_disk=1)),
    "two counts": ("package-count-differs", lambda: forge([MAIN, PAGE], here=1)),
    "a count too small": ("package-count-differs", lambda: forge([MAIN, PAGE], here=1, count=1)),
    "a count too large": (
        "package-central-directory-broken",
        lambda: forge([MAIN], here=2, count=2),
    ),
    "no entry": (
        "package-empty",
        lambda: (
            local_header(MAIN)
            + MAIN.compressed()
            + forge([], start=len(local_header(MAIN) + MAIN.compressed()))
        ),
    ),
    "zip64 by its count": ("package-zip64", lambda: forge([MAIN], here=0xFFFF, count=0xFFFF)),
    "zip64 by its place": ("package-zip64", lambda: forge([MAIN], start=0xFFFFFFFF)),
    "zip64 by a locator": (
        "package-zip64",
        lambda: forge([MAIN], before_end=b"PK\6\7" + bytes(16)),
    ),
    "bytes after the directory": (
        "package-central-directory-misplaced",
        lambda: forge([MAIN], before_end=b"hidden"),
    ),
    "a directory that begins elsewhere": (
        "package-central-directory-misplaced",
        lambda: forge([MAIN], start=3),
    ),
    # the central directory
    "a broken record": (
        "package-central-directory-broken",
        lambda: forge([MAIN, PAGE]).replace(b"PK\1\2", b"PK\1\3"),
    ),
    "an entry comment": ("package-entry-comment", lambda: with_page(comment=b"c")),
    "an encrypted entry": ("package-encrypted", lambda: with_page(flags=0x0001)),
    "a strongly encrypted entry": ("package-encrypted", lambda: with_page(flags=0x0041)),
    "a masked local header": ("package-encrypted", lambda: with_page(flags=0x2000)),
    "a patch": ("package-unknown-flags", lambda: with_page(flags=0x0020)),
    "a language flag": ("package-unknown-flags", lambda: with_page(flags=0x8000)),
    "another method": ("package-unknown-method", lambda: with_page(method=12)),
    "deflate64": ("package-unknown-method", lambda: with_page(method=9)),
    "a version from the future": (
        "package-unknown-version",
        lambda: with_page(central={"version": 63}),
    ),
    "an entry on another disk": ("package-several-disks", lambda: with_page(central={"disk": 1})),
    "a zip64 size": ("package-zip64", lambda: with_page(central={"size": 0xFFFFFFFF})),
    "a zip64 field": (
        "package-zip64",
        lambda: with_page(central_extra=struct.pack("<2HQ", 1, 8, 7)),
    ),
    "a second name": (
        "package-second-name",
        lambda: with_page(central_extra=_field(0x7075, b"\1abcdother.xml")),
    ),
    "a second name in the local header": (
        "package-second-name",
        lambda: with_page(local_extra=_field(0x7075, b"\1abcdother.xml")),
    ),
    "an encryption field": (
        "package-extra-field-unknown",
        lambda: with_page(central_extra=_field(0x9901, bytes(7))),
    ),
    "a field of nobody": (
        "package-extra-field-unknown",
        lambda: with_page(local_extra=_field(0xBEEF, b"hidden bytes")),
    ),
    "a field that ends too late": (
        "package-extra-field-broken",
        lambda: with_page(central_extra=struct.pack("<2H", 0x5455, 9)),
    ),
    "half a field": ("package-extra-field-broken", lambda: with_page(local_extra=b"UT")),
    "a field twice": (
        "package-extra-field-broken",
        lambda: with_page(local_extra=_field(0x5455, b"") * 2),
    ),
    "a symbolic link": (
        "package-not-a-plain-file",
        lambda: with_page(central={"made_by": UNIX, "attributes": 0o120777 << 16}),
    ),
    "a device file": (
        "package-not-a-plain-file",
        lambda: with_page(central={"made_by": UNIX, "attributes": 0o020666 << 16}),
    ),
    "a directory with a file's name": (
        "package-not-a-plain-file",
        lambda: with_page(central={"attributes": 0o040755 << 16}),
    ),
    "a directory with content": (
        "package-directory-with-content",
        lambda: with_page(name=b"Doc_0/"),
    ),
    # local headers against the directory
    "no local header": ("package-local-header-missing", lambda: with_page(central={"offset": 7})),
    "a local header outside": (
        "package-local-header-missing",
        lambda: with_page(central={"offset": 0x7FFFFFF0}),
    ),
    "an entry that goes on outside": (
        "package-entry-outside",
        lambda: with_page(central={"packed": 5000}, local={"packed": 5000}),
    ),
    "another local name": (
        "package-local-name-differs",
        lambda: with_page(local_name=b"Doc_0/content.xml"),
    ),
    "other local flags": ("package-local-flags-differ", lambda: with_page(local={"flags": 0x800})),
    "another local method": (
        "package-local-method-differs",
        lambda: with_page(local={"method": 0}),
    ),
    "another local size": ("package-local-size-differs", lambda: with_page(local={"size": 7})),
    "another local packed size": (
        "package-local-size-differs",
        lambda: with_page(local={"packed": 7}),
    ),
    "another local CRC": ("package-local-crc-differs", lambda: with_page(local={"crc": 7})),
    "zip64 in the local header only, other sizes": (
        "package-local-size-differs",
        lambda: with_page(
            local={"size": 0xFFFFFFFF, "packed": 0xFFFFFFFF},
            local_extra=struct.pack("<2H2Q", 1, 16, 9, 9),
        ),
    ),
    "zip64 with one size": (
        "package-zip64",
        lambda: with_page(local={"size": 0xFFFFFFFF}, local_extra=struct.pack("<2HQ", 1, 8, 9)),
    ),
    "zip64 with no use": (
        "package-zip64",
        lambda: with_page(local_extra=struct.pack("<2H2Q", 1, 16, 9, 9)),
    ),
    # entries against each other
    "bytes between two entries": (
        "package-gap",
        lambda: forge([replace(MAIN, after=b"hidden"), PAGE]),
    ),
    "bytes after the last entry": ("package-gap", lambda: with_page(after=b"hidden")),
    "one entry twice in the directory": ("package-name-twice", lambda: forge([MAIN, MAIN])),
    "two records for one entry": ("package-overlap", lambda: _two_records()),
    "overlapping entries": ("package-overlap", lambda: _overlapping()),
    "a descriptor that lies": (
        "package-descriptor-differs",
        lambda: _described(b"PK\7\x08" + bytes(12)),
    ),
    "no descriptor where one is announced": ("package-descriptor-differs", lambda: _described(b"")),
    "bytes after a descriptor": ("package-gap", lambda: _described(descriptor(PAGE) + b"x")),
    "a stored entry with a descriptor": (
        "package-stored-with-descriptor",
        lambda: with_page(method=0, flags=8, after=descriptor(replace(PAGE, method=0))),
    ),
    "a stored entry of two sizes": (
        "package-stored-sizes-differ",
        lambda: with_page(method=0, local={"size": 3}, central={"size": 3}),
    ),
    # contents
    "other bytes than the CRC says": (
        "package-crc-differs",
        lambda: with_page(packed=deflate(b"<Page>" * 35), content=PAGE.content),
    ),
    "a stored byte flipped": (
        "package-crc-differs",
        lambda: with_page(method=0, packed=b"!" + PAGE.content[1:]),
    ),
    "broken deflate": ("package-deflate-broken", lambda: with_page(packed=b"\xff" * 20)),
    "deflate cut off": (
        "package-deflate-cut-off",
        lambda: with_page(packed=PAGE.compressed()[:-4]),
    ),
    "bytes after the deflated ones": (
        "package-deflate-trailing-bytes",
        lambda: with_page(packed=_unused(PAGE.content)),
    ),
    "more than the size says": (
        "package-larger-than-said",
        lambda: with_page(local={"size": 9}, central={"size": 9}),
    ),
    "less than the size says": (
        "package-smaller-than-said",
        lambda: with_page(local={"size": 999}, central={"size": 999}),
    ),
    # names
    "an empty name": ("package-name-empty", lambda: named("")),
    "a name without end": ("package-name-too-long", lambda: named("a" * 513)),
    "a name that is not UTF-8": ("package-name-not-utf8", lambda: named("证照.xml".encode("gbk"))),
    "an overlong slash": ("package-name-not-utf8", lambda: named(b"Doc_0\xc0\xafx")),
    "UTF-8 that is not said to be": (
        "package-name-not-marked-utf8",
        lambda: named("证照.xml", flags=0),
    ),
    "NUL": ("package-name-control-character", lambda: named("OFD.xml\0.txt")),
    "a line end": ("package-name-control-character", lambda: named("OFD\n.xml")),
    "letters turned around": ("package-name-control-character", lambda: named("Doc\u202elmx.txt")),
    "an invisible letter": ("package-name-control-character", lambda: named("OF\u200bD.xml")),
    "a backslash": ("package-name-backslash", lambda: named("Doc_0\\Content.xml")),
    "backslashes and dots": ("package-name-backslash", lambda: named("..\\..\\x")),
    "a drive": ("package-name-drive", lambda: named("C:/x")),
    "a stream of a file": ("package-name-drive", lambda: named("OFD.xml:stream")),
    "an absolute name": ("package-name-absolute", lambda: named("/etc/passwd")),
    "a network share": ("package-name-absolute", lambda: named("//server/share")),
    "dots upwards": ("package-name-dot-segment", lambda: named("../x")),
    "dots inside": ("package-name-dot-segment", lambda: named("Doc_0/../../x")),
    "dots at the end": ("package-name-dot-segment", lambda: named("Doc_0/..")),
    "one dot": ("package-name-dot-segment", lambda: named("./OFD.xml")),
    "two slashes": ("package-name-empty-segment", lambda: named("Doc_0//x")),
    "a trailing dot": ("package-name-outer-dot-or-space", lambda: named("OFD.xml.")),
    "a trailing space": ("package-name-outer-dot-or-space", lambda: named("OFD.xml ")),
    "a trailing space inside": ("package-name-outer-dot-or-space", lambda: named("Doc_0 /x")),
    "a leading space": ("package-name-outer-dot-or-space", lambda: named(" OFD.xml")),
    "a device": ("package-name-device", lambda: named("Doc_0/CON")),
    "a device with an ending": ("package-name-device", lambda: named("nul.xml")),
    "a port": ("package-name-device", lambda: named("Doc_0/com1.txt/x")),
    "percent signs": ("package-name-percent-encoded", lambda: named("Doc_0/%2e%2e/x")),
    "a wild card": ("package-name-special-character", lambda: named("Doc_0/*.xml")),
    "too many directories": ("package-name-too-deep", lambda: named("a/" * 40 + "x")),
    "another case": ("package-name-twice-by-case", lambda: named("ofd.XML")),
    "another case of a directory": (
        "package-name-twice-by-case",
        lambda: forge([MAIN, PAGE, replace(PAGE, name=b"doc_0/content.xml")]),
    ),
    "another composition": (
        "package-name-twice-by-case",
        lambda: forge(
            [
                replace(MAIN, name="é.xml".encode(), flags=0x800),
                replace(PAGE, name="e\u0301.xml".encode(), flags=0x800),
            ]
        ),
    ),
    "sharp s": (
        "package-name-twice-by-case",
        lambda: forge([replace(MAIN, name="ß".encode(), flags=0x800), replace(PAGE, name=b"SS")]),
    ),
    "a file that is a directory": ("package-name-file-and-directory", lambda: named("OFD.xml/x")),
    "a directory that is a file": (
        "package-name-file-and-directory",
        lambda: forge([MAIN, PAGE, Forged(b"DOC_0", b"x")]),
    ),
}


def _field(identifier: int, content: bytes) -> bytes:
    return struct.pack("<2H", identifier, len(content)) + content


def _moved(data: bytes, by: int) -> bytes:
    """A package whose offsets say that it stands further back."""
    end = len(data) - 22
    start = struct.unpack_from("<L", data, end + 16)[0]
    moved = bytearray(data)
    struct.pack_into("<L", moved, start + 42, by)
    struct.pack_into("<L", moved, end + 16, start + by)
    return bytes(moved)


def _hidden_first() -> bytes:
    hidden = local_header(SECOND_MAIN) + SECOND_MAIN.compressed()
    return hidden + _moved(forge([MAIN]), len(hidden))


def _twice() -> bytes:
    first = forge([MAIN])
    return first + _moved(forge([SECOND_MAIN]), len(first))


def _two_records() -> bytes:
    """Two names for one local header would need two names there; so both records say one place."""
    body = local_header(MAIN) + MAIN.compressed()
    central = central_header(MAIN, 0) * 2
    return (
        body + central + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 2, 2, len(central), len(body), 0)
    )


def _overlapping() -> bytes:
    """A stored entry whose content is another entry, which the directory names too."""
    inner = local_header(PAGE) + PAGE.compressed()
    outer = Forged(b"outer.bin", inner, method=0)
    body = local_header(outer) + inner
    central = central_header(outer, 0) + central_header(PAGE, len(local_header(outer)))
    return (
        body + central + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 2, 2, len(central), len(body), 0)
    )


def _described(after: bytes) -> bytes:
    return with_page(flags=8, local={"crc": 0, "size": 0, "packed": 0}, after=after)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_package_is_refused_by_name_for(fault: str) -> None:
    code, make = FAULTS[fault]
    assert code_of(make()) == code


def test_there_are_more_than_forty_reasons() -> None:
    assert len({code for code, _ in FAULTS.values()}) >= 40


@pytest.mark.parametrize("mark", [b"PK\7\x08", b""])
def test_a_data_descriptor_that_tells_the_truth_is_read(mark: bytes) -> None:
    opened = open_package(_described(descriptor(PAGE, mark)))
    assert opened.read("/Doc_0/Content.xml") == PAGE.content


def test_sizes_in_a_local_zip64_field_are_read_where_they_say_the_same() -> None:
    sizes = struct.pack("<2H2Q", 1, 16, len(PAGE.content), len(PAGE.compressed()))
    unknown = {"size": 0xFFFFFFFF, "packed": 0xFFFFFFFF}
    opened = open_package(with_page(local=unknown, local_extra=sizes))
    assert opened.read("/Doc_0/Content.xml") == PAGE.content


def test_empty_directories_are_accepted_and_are_no_entries() -> None:
    stored, deflated = Forged(b"Doc_0/", method=0), Forged(b"Doc_0/Res/", method=8)
    assert open_package(forge([MAIN, stored, deflated, PAGE])).names == (
        "/OFD.xml",
        "/Doc_0/Content.xml",
    )


def test_times_of_unix_and_windows_in_extra_fields_are_harmless() -> None:
    unix, windows = _field(0x5455, b"\1" + bytes(4)), _field(0x000A, bytes(32))
    assert len(open_package(with_page(local_extra=unix, central_extra=windows)).names) == 2


def test_a_file_within_a_file_stays_one_file() -> None:
    nested = Forged(b"Doc_0/attached.ofd", forge([MAIN, PAGE]), method=0)
    opened = open_package(forge([MAIN, nested]))
    assert opened.names == ("/OFD.xml", "/Doc_0/attached.ofd")
    assert opened.read("/Doc_0/attached.ofd") == nested.content


def test_what_python_writes_opens_too() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("OFD.xml", MAIN.content)
        archive.writestr("Doc_0/证照.xml", PAGE.content)
        # Before 3.11.4 Python wrote sizes that do not agree when told so: refused, and rightly.
        large = sys.version_info >= (3, 11, 4)
        with archive.open("Doc_0/large.xml", "w", force_zip64=large) as entry:
            entry.write(b"x" * 1000)
    opened = open_package(buffer.getvalue())
    assert opened.read("/Doc_0/证照.xml") == PAGE.content


LIMITS: dict[str, tuple[str, Callable[[], bytes], PackageLimits]] = {
    "bytes": ("package-too-large", lambda: forge([MAIN]), PackageLimits(max_bytes=50)),
    "entries": (
        "package-too-many-entries",
        lambda: forge([MAIN, PAGE]),
        PackageLimits(max_entries=1),
    ),
    "a ratio": ("package-ratio", lambda: with_page(content=bytes(1_000_000)), PackageLimits()),
    "a total": (
        "package-inflates-too-large",
        lambda: forge([LARGE, replace(LARGE, name=b"b")]),
        PackageLimits(max_total_bytes=500_000),
    ),
}


@pytest.mark.parametrize("limit", LIMITS)
def test_a_package_over_a_limit_is_refused_by_name_for(limit: str) -> None:
    code, make, limits = LIMITS[limit]
    assert code_of(make(), limits) == code


def test_a_package_at_its_limits_opens() -> None:
    data = forge([MAIN, PAGE])
    total = len(MAIN.content) + len(PAGE.content)
    limits = PackageLimits(max_bytes=len(data), max_entries=2, max_total_bytes=total)
    assert len(open_package(data, limits).names) == 2


def test_every_byte_of_a_package_matters_or_is_a_time_or_an_attribute() -> None:
    """One flipped bit is refused, or is where no reader looks for content."""
    data = forge([MAIN, PAGE])
    good = open_package(data)
    for at in range(len(data)):
        for bit in (0x01, 0x80):
            changed = data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]
            try:
                opened = open_package(changed)
            except UnreadableDocumentError:
                continue
            assert _same(opened, good), at


def _same(one: OfdPackage, other: OfdPackage) -> bool:
    return one.names == other.names and all(one.read(n) == other.read(n) for n in one.names)


def test_what_is_beyond_the_kept_bytes_is_inflated_again_and_equal() -> None:
    contents = {f"/part{n}": os.urandom(3_000_000) for n in range(7)}
    opened = open_package(package(contents))
    for name, content in contents.items():
        assert opened.read(name) == content
        assert b"".join(opened.pieces(name)) == content
