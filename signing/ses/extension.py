"""Extensions of a seal and of its signatures (ExtensionDatas), read and written.

What an extension means is not known here; one that is marked critical and that nobody knows is
for ``verification`` to weigh.

Source: GB/T 38540-2020, ExtData.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from signing import der
from signing.errors import MalformedDerError
from signing.ses.reader import SesReader, fault

TAGGED = der.context(0)
UNTAGGED = der.SEQUENCE
_MAX_EXTENSIONS = 64
_MAX_EXTENSION_BYTES = 64 << 10


@dataclass(frozen=True, slots=True)
class SesExtension:
    """An extension: its dotted identifier and the contents of its OCTET STRING."""

    oid: str
    critical: bool
    value: bytes


def read_extensions(reader: SesReader, usual_tag: int) -> tuple[SesExtension, ...]:
    """Return the extensions that come next, none if something else comes.

    Args:
        usual_tag: TAGGED or UNTAGGED, as the standard has it here; the other is a deviation.
    """
    tag = reader.next_tag()
    if tag not in (TAGGED, UNTAGGED):
        return ()
    if tag != usual_tag:
        reader.note("ses-extensions-tag")
    if tag == UNTAGGED:
        return _read_list(reader)
    wrapper = reader.enter("extensions", TAGGED)
    found = _read_list(wrapper)
    wrapper.finish("extensions")
    return found


def _read_list(reader: SesReader) -> tuple[SesExtension, ...]:
    inner = reader.enter("extensions")
    found: list[SesExtension] = []
    while not inner.at_end:
        found.append(_read_extension(inner.enter("extension")))
        if len(found) > _MAX_EXTENSIONS:
            raise fault("extensions", "too-many")
    if len({each.oid for each in found}) != len(found):
        raise fault("extension", "twice")
    return tuple(found)


def _read_extension(reader: SesReader) -> SesExtension:
    try:
        oid = der.dotted(reader.contents("extension-id", der.OBJECT_IDENTIFIER, 128, 1))
    except MalformedDerError as error:
        raise fault("extension-id", error.code.removeprefix("der-")) from error
    critical = False
    if reader.next_tag() == der.BOOLEAN:
        critical = _read_critical(reader)
    value = reader.contents("extension-value", der.OCTET_STRING, _MAX_EXTENSION_BYTES)
    reader.finish("extension")
    return SesExtension(oid, critical, value)


def _read_critical(reader: SesReader) -> bool:
    said = reader.contents("extension-critical", der.BOOLEAN, 1, 1)
    if said not in (b"\x00", b"\xff"):
        raise fault("extension-critical", "malformed")
    if said == b"\x00":
        # X.690, 11.5: a default is left out; a seal of the tax authorities writes it.
        reader.note("ses-default-encoded")
    return said == b"\xff"


def write_extensions(extensions: Iterable[SesExtension], tag: int) -> bytes:
    """Return the DER of extensions, nothing if there are none; TAGGED or UNTAGGED."""
    written = [
        der.sequence(
            der.object_identifier(each.oid),
            der.tlv(der.BOOLEAN, b"\xff") if each.critical else b"",
            der.tlv(der.OCTET_STRING, each.value),
        )
        for each in extensions
    ]
    if not written:
        return b""
    listed = der.sequence(*written)
    return listed if tag == UNTAGGED else der.tlv(TAGGED, listed)
