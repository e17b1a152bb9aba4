"""Package mutants below the XML: what two readers of a ZIP file could read as two (O1, O2, O3).

Made from the entries of one genuine, sealed OFD; nothing is signed anew. Each is refused before
anything in it is used, with the code of its fault.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from mutants.mutant import ALTERED, UNSEALED, Mutant, Reason
from zip_forge import Forged, central_header, deflate, descriptor, forge, local_header

_CLAIMS = "Doc_0/Attachs/claims.json"
Entries = list[Forged]


def zip_mutants(files: Mapping[str, bytes]) -> Iterator[Mutant]:
    """Yield the mutants of a package, given by the entries of a genuine one."""
    entries = [Forged(name[1:].encode(), data, flags=0) for name, data in files.items()]
    for name, attack, zh, en, fault, make in _ROWS:
        reason = Reason("document-unreadable", f"package-{fault}")
        yield Mutant(name, attack, "ofd", zh, en, make(list(entries)), UNSEALED, (reason,))
    for name, zh, en, fault, raw in _NAMES:
        data = forge([*entries, Forged(raw, b"x", method=0)])
        code = "reader-limit" if fault.startswith("too-") else "document-unreadable"
        reason = Reason(code, f"package-name-{fault}")
        yield Mutant(f"name-{name}", "O1", "ofd", zh, en, data, UNSEALED, (reason,))
    limit = Reason("reader-limit", "package-ratio")
    zh, en = (
        "加入一个压缩比超过一千倍的条目（压缩炸弹）",
        "An entry that inflates a thousandfold was added",
    )
    bomb = forge([*entries, Forged(b"Doc_0/Res/bomb.dat", bytes(2 << 20))])
    yield Mutant("bomb", "O3", "ofd", zh, en, bomb, UNSEALED, (limit,))
    zh, en = "结尾记录声称有六千个条目", "The end record claims six thousand entries"
    many = forge(entries, here=6000, count=6000)
    limit = Reason("reader-limit", "package-too-many-entries")
    yield Mutant("too-many-entries", "O3", "ofd", zh, en, many, UNSEALED, (limit,))

    zh, en = "重新打包，条目带有时间", "Packed again: an entry has a time"
    timed = _both(entries, time=0x6000)
    found = Reason("deviation-not-allowed", "package-not-as-written")
    yield Mutant("packed-again", "O2", "ofd", zh, en, timed, ALTERED, (found,))


# --- how one entry is changed -------------------------------------------------------------------


def _with(entries: Entries, name: str = _CLAIMS, **changed: object) -> Entries:
    """The entries with one of them changed."""
    wanted = name.encode()
    return [replace(e, **changed) if e.name == wanted else e for e in entries]  # type: ignore[arg-type]


def _central(entries: Entries, **says: int) -> bytes:
    return forge(_with(entries, central=says))


def _local(entries: Entries, **says: int) -> bytes:
    return forge(_with(entries, local=says))


def _both(entries: Entries, **says: int) -> bytes:
    return forge(_with(entries, local=says, central=says))


def _flags(entries: Entries, flags: int) -> bytes:
    return forge(_with(entries, flags=flags))


def _content(entries: Entries, name: str = _CLAIMS) -> bytes:
    return next(entry.content for entry in entries if entry.name == name.encode())


def _prepended(entries: Entries) -> bytes:
    """A whole entry before the first that the directory knows; the offsets are right."""
    hidden = Forged(b"OFD.xml", b"<hidden/>")
    before = local_header(hidden) + hidden.compressed()
    return _moved(entries, before)


def _moved(entries: Entries, before: bytes) -> bytes:
    body, central = before, b""
    for entry in entries:
        central += central_header(entry, len(body))
        body += local_header(entry) + entry.compressed()
    end = struct.pack(
        "<4s4H2LH", b"PK\5\6", 0, 0, len(entries), len(entries), len(central), len(body), 0
    )
    return body + central + end


def _overlapping(entries: Entries) -> bytes:
    """The last entry says that its content reaches into what follows, as another entry does."""
    inner = Forged(b"Doc_0/inner.xml", b"<x/>", method=0)
    hidden = local_header(inner) + inner.content
    return _with_inner(entries, Forged(b"Doc_0/outer.dat", hidden, method=0), inner)


def _with_inner(entries: Entries, outer: Forged, inner: Forged) -> bytes:
    body, central = b"", b""
    for entry in [*entries, outer]:
        central += central_header(entry, len(body))
        body += local_header(entry) + entry.compressed()
    central += central_header(inner, len(body) - len(outer.content))
    count = len(entries) + 2
    return body + central + struct.pack(
        "<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(central), len(body), 0
    )  # fmt: skip


def _zip64(entries: Entries) -> bytes:
    """A zip64 locator before the end record: which of two directories counts, readers differ."""
    return forge(entries, before_end=struct.pack("<4sLQL", b"PK\6\7", 0, 0, 1))


def _two_ends(entries: Entries) -> bytes:
    """A second whole directory and end record behind the first."""
    other = forge(_with(entries, content=b"{}"))
    return forge(entries) + other[other.rindex(b"PK\5\6") - 4 :]


def _wrong_descriptor(entries: Entries) -> bytes:
    entry = next(e for e in entries if e.name == _CLAIMS.encode())
    true = descriptor(replace(entry, flags=8))
    false = true[:4] + bytes(4) + true[8:]
    zero = {"crc": 0, "packed": 0, "size": 0}
    return forge(_with(entries, flags=8, local=zero, after=false))


def _unicode_path(entries: Entries) -> bytes:
    """The extra field by which some readers take another name than that in the header."""
    name = _CLAIMS.encode()
    field = b"\1" + struct.pack("<L", zlib.crc32(name)) + b"Doc_0/Attachs/other.json"
    extra = struct.pack("<2H", 0x7075, len(field)) + field
    return forge(_with(entries, local_extra=extra, central_extra=extra))


def _extra(identifier: int, size: int, content: bytes) -> Callable[[Entries], bytes]:
    field = struct.pack("<2H", identifier, size) + content
    return lambda entries: forge(_with(entries, local_extra=field, central_extra=field))


def _second(raw: bytes, content: bytes = b"{}") -> Callable[[Entries], bytes]:
    return lambda entries: forge([*entries, Forged(raw, content, method=0)])


def _packed(change: Callable[[bytes], bytes]) -> Callable[[Entries], bytes]:
    """The compressed bytes of one entry changed, its headers true of the content."""
    return lambda e: forge(_with(e, packed=change(deflate(_content(e)))))


_ROWS: tuple[tuple[str, str, str, str, str, Callable[[Entries], bytes]], ...] = (
    ("prepended-entry", "O2", "在第一个条目之前插入中央目录没有的条目",
     "An entry that no directory knows stands before the first", "prepended-bytes", _prepended),
    ("appended-bytes", "O2", "在结尾记录之后追加字节", "Bytes follow the end record",
     "appended-bytes", lambda e: forge(e) + b"appended"),
    ("archive-comment", "O2", "加入压缩包注释，注释可以藏另一个目录",
     "An archive comment, in which another directory may hide", "comment",
     lambda e: forge(e, comment=b"comment")),
    ("two-end-records", "O2", "文件末尾又接上第二个目录和结尾记录",
     "A second directory and end record follow the first", "central-directory-misplaced",
     _two_ends),
    ("cut-off", "O2", "截去文件末尾，没有结尾记录", "The file was cut off: no end record",
     "no-end-record", lambda e: forge(e)[:-200]),
    ("zip64-locator", "O2", "加入 zip64 定位记录", "A zip64 locator was added", "zip64", _zip64),
    ("several-disks", "O2", "声称压缩包分成多卷", "The package claims to span several disks",
     "several-disks", lambda e: forge(e, disk=1)),
    ("count-differs", "O2", "结尾记录的两个条目数不同", "The two counts of entries differ",
     "count-differs", lambda e: forge(e, here=len(e) - 1)),
    ("directory-broken", "O2", "中央目录的记录没有标记", "A record of the directory has no mark",
     "central-directory-broken", lambda e: forge(e).replace(b"PK\1\2", b"PK\1\3", 1)),
    ("encrypted-flag", "O2", "条目标记为加密", "An entry is marked as encrypted", "encrypted",
     lambda e: _flags(e, 1)),
    ("unknown-flag", "O2", "条目使用保留的标志位", "An entry uses a reserved flag", "unknown-flags",
     lambda e: _flags(e, 0x8000)),
    ("unknown-method", "O2", "条目声称用其他压缩算法", "An entry names another compression",
     "unknown-method", lambda e: _both(e, method=12)),
    ("unknown-version", "O2", "条目要求更高的解压版本", "An entry needs a later version",
     "unknown-version", lambda e: _both(e, version=63)),
    ("entry-comment", "O2", "条目带有注释", "An entry has a comment", "entry-comment",
     lambda e: forge(_with(e, comment=b"x"))),
    ("extra-field-broken", "O2", "扩展字段的长度超出", "An extra field is longer than its room",
     "extra-field-broken", _extra(0x5455, 60, b"\0")),
    ("extra-field-unknown", "O2", "加入含义不明的扩展字段", "An extra field of unknown meaning",
     "extra-field-unknown", _extra(0x4141, 1, b"\0")),
    ("second-name", "O2", "扩展字段给出另一个文件名", "An extra field gives another name",
     "second-name", _unicode_path),
    ("local-header-missing", "O2", "中央目录指向的位置没有本地文件头",
     "No local header stands where the directory says", "local-header-missing",
     lambda e: _central(e, offset=7)),
    ("entry-outside", "O2", "条目长度超出文件", "An entry reaches beyond the entries",
     "entry-outside", lambda e: _both(e, packed=1 << 20)),
    ("local-name-differs", "O2", "本地文件头与中央目录的文件名不同",
     "Local header and directory give two names", "local-name-differs",
     lambda e: forge(_with(e, local_name=b"Doc_0/Attachs/claimz.json"))),
    ("local-flags-differ", "O2", "两处标志位不同", "The flags differ in the two places",
     "local-flags-differ", lambda e: _local(e, flags=2)),
    ("local-method-differs", "O2", "两处压缩算法不同", "The methods differ in the two places",
     "local-method-differs", lambda e: _local(e, method=0)),
    ("local-crc-differs", "O2", "两处校验值不同", "The checksums differ in the two places",
     "local-crc-differs", lambda e: _local(e, crc=1)),
    ("local-size-differs", "O2", "两处长度不同", "The sizes differ in the two places",
     "local-size-differs", lambda e: _local(e, size=1)),
    ("symbolic-link", "O1", "条目是符号链接", "An entry is a symbolic link", "not-a-plain-file",
     lambda e: _central(e, attributes=0o120777 << 16)),
    ("directory-with-content", "O1", "目录条目带有内容", "A directory has content",
     "directory-with-content", _second(b"Doc_0/Res/more/", b"content")),
    ("stored-sizes-differ", "O2", "未压缩的条目有两个长度", "A stored entry has two sizes",
     "stored-sizes-differ", lambda e: forge(_with(e, method=0, local={"size": 1},
                                                  central={"size": 1}))),
    ("stored-with-descriptor", "O2", "未压缩的条目把长度放在数据之后",
     "A stored entry gives its size only behind itself", "stored-with-descriptor",
     lambda e: forge(_with(e, method=0, flags=8))),
    ("overlap", "O3", "一个条目藏在另一个条目之内（重叠）", "One entry lies inside another",
     "overlap", _overlapping),
    ("gap", "O2", "两个条目之间藏有字节", "Bytes hide between two entries", "gap",
     lambda e: forge(_with(e, after=b"hidden"))),
    ("descriptor-differs", "O2", "数据之后的校验值与目录不符",
     "The descriptor behind an entry contradicts the directory", "descriptor-differs",
     _wrong_descriptor),
    ("entry-twice", "O2", "同名条目出现两次，内容不同",
     "Two entries of one name, not of one content",
     "name-twice", _second(_CLAIMS.encode())),
    ("entry-twice-by-case", "O2", "两个条目的名称只有大小写不同",
     "Two names differ in upper and lower case only", "name-twice-by-case",
     _second(b"doc_0/attachs/CLAIMS.json")),
    ("file-and-directory", "O2", "同一名称既是文件又是目录", "One name is a file and a directory",
     "name-file-and-directory", _second(b"OFD.xml/more.xml")),
    ("crc-differs", "O2", "条目内容与两处一致的校验值不符",
     "The content does not have the checksum that both places give", "crc-differs",
     lambda e: _both(e, crc=1)),
    ("larger-than-said", "O3", "条目解压后比声明的长", "An entry inflates to more than it says",
     "larger-than-said", lambda e: _both(e, size=9)),
    ("smaller-than-said", "O3", "条目解压后比声明的短", "An entry inflates to less than it says",
     "smaller-than-said", lambda e: _both(e, size=len(_content(e)) + 9)),
    ("deflate-trailing", "O2", "压缩数据结束之后还有字节", "Bytes follow the deflated content",
     "deflate-trailing-bytes", _packed(lambda packed: packed + b"hidden")),
    ("deflate-cut-off", "O2", "压缩数据没有结束", "The deflated content does not end",
     "deflate-cut-off", _packed(lambda packed: packed[:-6])),
    ("deflate-broken", "O2", "压缩数据损坏", "The deflated content is broken", "deflate-broken",
     _packed(lambda packed: b"\xff" * len(packed))),
)  # fmt: skip

_NAMES = (
    ("dot-dot", "文件名含 ..，指向包外（zip slip）", "A name climbs out of the package (zip slip)",
     "dot-segment", b"Doc_0/../../etc/cron.d/x"),
    ("absolute", "文件名是绝对路径", "A name is absolute", "absolute", b"/etc/passwd"),
    ("drive", "文件名带盘符", "A name has a drive", "drive", b"C:x.xml"),
    ("backslash", "文件名含反斜线", "A name has a backslash", "backslash", b"Doc_0\\..\\x.xml"),
    ("nul", "文件名含 NUL", "A name holds NUL", "control-character", b"OFD.xml\0.png"),
    ("device", "文件名是设备名", "A name is that of a device", "device", b"Doc_0/con.xml"),
    ("trailing-dot", "文件名以点结尾", "A name ends in a dot", "outer-dot-or-space", b"OFD.xml."),
    ("percent", "文件名用百分号编码", "A name is percent-encoded", "percent-encoded",
     b"Doc_0/Document%2Exml"),
    ("empty-segment", "文件名含空的一段", "A name has an empty segment", "empty-segment",
     b"Doc_0//Document.xml"),
    ("wildcard", "文件名含通配符", "A name has a wildcard", "special-character", b"Doc_0/*.xml"),
    ("empty", "文件名为空", "A name is empty", "empty", b""),
    ("too-long", "文件名过长", "A name is too long", "too-long", b"a" * 600),
    ("too-deep", "目录层次过深", "A name is too deep", "too-deep", b"/".join([b"a"] * 40)),
    ("not-utf8", "文件名不是 UTF-8（GBK 字节）", "A name is not UTF-8 but GBK", "not-utf8",
     "照面.xml".encode("gbk")),
    ("not-marked-utf8", "文件名是 UTF-8 而没有标明", "A name is UTF-8 and not marked so",
     "not-marked-utf8", "照面.xml".encode()),
)  # fmt: skip
