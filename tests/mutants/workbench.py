"""Takes the sealed OFD apart and seals it anew, wrongly: one step differs, all else holds.

A mutant that nobody could sign shows only that a signature is checked. Here the seal's own key (or
an attacker's) signs what is wrong, so that the wrong thing itself must be found::

    bench = Workbench(world)
    bench.sealed()                                            # as good as the product's
    bench.sealed(describe=lambda xml: xml.replace(…))         # another Signature.xml, signed
    bench.sealed(value=lambda description: …)                 # another SignedValue.dat
    bench.changed({PAGE: …})                                  # bytes changed, nothing signed
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial

from mutants.vector_world import PLACES, VectorWorld, packed
from pki import NOW

from keys.sm3 import sm3
from signing.ofd.package import open_package
from signing.ofd.signature_writer import (
    ListedSignature,
    SealDescription,
    StampPlace,
    write_description,
    write_list,
)
from signing.seal import Seal
from signing.ses.signature import SealUse, make_ses_signature

MAIN, DOCUMENT = "/OFD.xml", "/Doc_0/Document.xml"
PAGE, TEMPLATE = "/Doc_0/Pages/Page_0/Content.xml", "/Doc_0/Tpls/Tpl_0/Content.xml"
PUBLIC = "/Doc_0/PublicRes.xml"
FONT, EMBLEM = "/Doc_0/Res/digits.ttf", "/Doc_0/Res/emblem.png"
TAGS, CLAIMS_TAG = "/Doc_0/Tags/CustomTags.xml", "/Doc_0/Tags/claims.xml"
ATTACHMENTS = "/Doc_0/Attachs/Attachments.xml"
CLAIMS = "/Doc_0/Attachs/claims.json"
SIGNATURES = "/Doc_0/Signs/Signatures.xml"
SIGNATURE = "/Doc_0/Signs/Sign_0/Signature.xml"
VALUE = "/Doc_0/Signs/Sign_0/SignedValue.dat"
SEAL = "/Doc_0/Signs/Sign_0/Seal.esl"
SECOND = "/Doc_0/Signs/Sign_1/Signature.xml"

Change = Callable[[str], str]
Files = dict[str, bytes]
_LISTED = "<ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures></ofd:DocBody>"


def same(text: str) -> str:
    """No change."""
    return text


def swap(old: str, new: str) -> Change:
    """The change of one text that must be there into another, once."""

    def changed(text: str) -> str:
        assert old in text, old
        return text.replace(old, new, 1)

    return changed


def cut(begin: str, end: str) -> Change:
    """The change that takes out what stands from one text to the end of another."""

    def changed(text: str) -> str:
        at = text.index(begin)
        return text[:at] + text[text.index(end, at) + len(end) :]

    return changed


class Workbench:
    """One license to seal, and the seal with its key; ``plain`` has no template and resources."""

    def __init__(self, world: VectorWorld, plain: bool = True) -> None:
        self.world, self.pki, self.seal = world, world.pki, world.seal
        self.unsealed = world.unsealed_plain if plain else world.unsealed
        self._product = world.plain if plain else world.sealed
        self.stamp = world.timestamper().timestamp
        self.sign = partial(world.pki.keys.sign, world.seal.key_label)

    @cached_property
    def genuine(self) -> Files:
        """The entries of the sealed OFD as the product seals it."""
        return entries_of(self._product)

    def changed(self, files: Mapping[str, bytes | None]) -> bytes:
        """The sealed OFD with entries replaced, added, or (None) taken out; nothing is signed."""
        kept = {**self.genuine, **files}
        return packed({name: data for name, data in kept.items() if data is not None})

    def edited(self, name: str, change: Change) -> bytes:
        """The sealed OFD with the text of one entry changed; nothing is signed."""
        return self.changed({name: change(self.genuine[name].decode()).encode()})

    def ses(self, description: bytes, seal: Seal | None = None, path: str = SIGNATURE) -> bytes:
        """The right SES_Signature over a Signature.xml."""
        seal = seal or self.seal
        use = SealUse(seal.ses, seal.certificate, sm3(description), path, NOW)
        return make_ses_signature(use, partial(self.pki.keys.sign, seal.key_label), self.stamp)

    def sealed(
        self,
        files: Mapping[str, bytes] | None = None,
        *,
        describe: Change = same,
        listing: Change = same,
        main: Change = same,
        uncovered: Iterable[str] = (),
        kind: str = "Seal",
        seal_file: bytes | None = None,
        value: Callable[[bytes], bytes] | None = None,
        more: Mapping[str, bytes] | None = None,
    ) -> bytes:
        """A sealed OFD, each step as it should be unless said otherwise.

        Args:
            files: the unsealed entries; by default those of the license.
            describe: changes Signature.xml before it is signed.
            listing: changes Signatures.xml before it is covered.
            main: changes OFD.xml before it is covered.
            uncovered: entries that the references leave out.
            kind: the type in the list.
            seal_file: Seal.esl; by default the seal, and none beside a plain signature.
            value: makes SignedValue.dat of the description; by default the right one.
            more: entries added after all was signed.
        """
        entries = dict(self.unsealed if files is None else files)
        listed = swap("</ofd:DocBody>", _LISTED)
        entries[MAIN] = main(listed(entries[MAIN].decode())).encode()
        entries[SIGNATURES] = listing(
            write_list([ListedSignature("s001", kind, SIGNATURE)], 1).decode()
        ).encode()
        if seal_file is not None or kind == "Seal":
            entries[SEAL] = self.seal.ses if seal_file is None else seal_file
        covered = {name: sm3(data) for name, data in entries.items() if name not in set(uncovered)}
        place = PLACES[0]
        box = (place.x_mm, place.y_mm, place.width_mm, place.height_mm)
        described = SealDescription(NOW, covered, [StampPlace("1", box)], SEAL, VALUE)
        description = describe(write_description(described).decode()).encode()
        signed = (value or self.ses)(description)
        return packed({**entries, SIGNATURE: description, VALUE: signed, **(more or {})})


def entries_of(data: bytes) -> Files:
    """The entries of an OFD by absolute name, in the order of the package."""
    package = open_package(data)
    return {name: package.read(name) for name in package.names}
