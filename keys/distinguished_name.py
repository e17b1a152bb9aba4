"""Distinguished names: text for people, and the attributes a seal's owner is read from.

Names are compared as the bytes they came in, never as text; the text is for reports only. Real
certificates hold GBK bytes inside strings declared as UTF-8 or Teletex: they are read as such
where they can be and shown as hex where not. Nothing here fails because of a strange character.

Source: RFC 4514 (text); RFC 5280, 4.1.2.4; GM/T 0015-2023, 5.2.3.
"""

from __future__ import annotations

from dataclasses import dataclass

from keys import der

COMMON_NAME, COUNTRY, ORGANIZATION = "2.5.4.3", "2.5.4.6", "2.5.4.10"

_SHORT_NAMES = {
    COMMON_NAME: "CN",
    "2.5.4.5": "serialNumber",
    COUNTRY: "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "STREET",
    ORGANIZATION: "O",
    "2.5.4.11": "OU",
    "2.5.4.97": "organizationIdentifier",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "emailAddress",
}

_ENCODINGS = {
    der.UTF8_STRING: ("utf-8", "gb18030"),
    der.PRINTABLE_STRING: ("ascii", "gb18030"),
    der.IA5_STRING: ("ascii", "gb18030"),
    der.T61_STRING: ("utf-8", "gb18030"),
    der.BMP_STRING: ("utf-16-be",),
    der.UNIVERSAL_STRING: ("utf-32-be",),
}


@dataclass(frozen=True, slots=True)
class DistinguishedName:
    """A name in the order it was written: pairs of dotted type and text."""

    attributes: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """The name for people, most specific part first, escaped as RFC 4514 has it."""
        return ",".join(
            f"{_SHORT_NAMES.get(kind, kind)}={_escape(value)}"
            for kind, value in reversed(self.attributes)
        )

    def last(self, kind: str) -> str:
        """Return the most specific value of a type, or '' if there is none."""
        values = [value for found, value in self.attributes if found == kind]
        return values[-1] if values else ""


def read_name(element: der.Element) -> DistinguishedName:
    """Read a Name; raises ``der.DerError``."""
    attributes = []
    for relative in der.elements(element.content):
        parts = der.elements(der.only(relative.encoded, der.SET).content)
        if not parts:
            raise der.DerError("empty part of a name")
        for part in parts:
            reader = der.Reader(der.only(part.encoded, der.SEQUENCE).content)
            kind = der.object_identifier(reader.next(der.OBJECT_IDENTIFIER))
            attributes.append((kind, _text(reader.next())))
            reader.finish()
    return DistinguishedName(tuple(attributes))


def write_name(common_name: str, organization: str, country: str) -> bytes:
    """Write a Name of country, organization and common name; empty ones are left out."""
    values = ((COUNTRY, country), (ORGANIZATION, organization), (COMMON_NAME, common_name))
    return der.tlv(der.SEQUENCE, *(_write_part(kind, text) for kind, text in values if text))


def _write_part(kind: str, text: str) -> bytes:
    # RFC 5280, appendix A: countryName is a PrintableString, the others are UTF8String.
    tag = der.PRINTABLE_STRING if kind == COUNTRY else der.UTF8_STRING
    value = der.tlv(tag, text.encode())
    return der.tlv(der.SET, der.tlv(der.SEQUENCE, der.write_object_identifier(kind), value))


def _text(element: der.Element) -> str:
    for encoding in _ENCODINGS.get(element.tag, ()):
        try:
            return element.content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return "#" + element.encoded.hex()


def _escape(value: str) -> str:
    escaped = "".join(_escape_character(character) for character in value)
    if value[:1] in ("#", " "):
        escaped = "\\" + escaped
    if len(value) > 1 and value.endswith(" "):
        escaped = escaped[:-1] + "\\ "
    return escaped


def _escape_character(character: str) -> str:
    if character in '",+;<>\\=':
        return "\\" + character
    if character.isprintable():
        return character
    # Control and direction characters could make a report read as something else.
    return "".join(f"\\{octet:02x}" for octet in character.encode("utf-8", "surrogatepass"))
