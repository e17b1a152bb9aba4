"""Package mutants of a license with two seals (O8): one removed, repeated, exchanged, or added.

Each seal covers what stood there when it was set, the last one the list of signatures too. Bytes of
the genuine twice-sealed file are changed; where a seal is added, an attacker's own or a genuine one
of the same region signs it rightly.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from mutants.mutant import ALTERED, ATTACKER, NO_KEY, SEAL_KEY, UNSEALED, Mutant, Reason
from mutants.small_license import license_content, plain_files
from mutants.vector_world import PLACES, VectorWorld, packed
from mutants.workbench import (
    MAIN,
    SEAL,
    SECOND,
    SIGNATURE,
    SIGNATURES,
    VALUE,
    Files,
    entries_of,
)
from pki import NOW

from keys.sm3 import sm3
from signing.ofd.signature_writer import (
    ListedSignature,
    SealDescription,
    StampPlace,
    write_description,
    write_list,
)
from signing.seal import SealOrder
from signing.ses.signature import SealUse, make_ses_signature

_SECOND_VALUE, _SECOND_SEAL = (
    SECOND.replace("Signature.xml", "SignedValue.dat"),
    SECOND.replace("Signature.xml", "Seal.esl"),
)
_THIRD = "/Doc_0/Signs/Sign_2/Signature.xml"


def order_mutants(world: VectorWorld) -> Iterator[Mutant]:
    """Yield the mutants of the license with two seals, and of the one with a seal too many."""
    files = entries_of(world.twice_sealed)
    for name, zh, en, data, verdict, reasons in _rows(world, files):
        yield Mutant(name, "O8", "ofd", zh, en, data, verdict, reasons, NO_KEY)
    yield Mutant(
        "third-seal-after-the-lock", "O8", "ofd", "最后一个印章锁定之后，攻击者再加盖自己的印章",
        "An attacker set a seal of his own after the last one had locked the document",
        _with_third(world, files), ALTERED,
        (Reason("seals-too-many", "3"), Reason("reference-altered", SIGNATURES)), ATTACKER,
    )  # fmt: skip
    yield Mutant(
        "first-seal-alone", "O8", "ofd", "应有两个印章的证照只盖了一个，并由它锁定",
        "A license that must bear two seals was sealed and locked by one",
        _sealed_once(world), ALTERED, (Reason("seals-missing", "1"),), SEAL_KEY,
    )  # fmt: skip
    yield Mutant(
        "one-seal-twice", "O8", "ofd", "同一个印章盖两次，冒充两个印章",
        "One seal was set twice, to count as two", _sealed_twice(world), ALTERED,
        (Reason("seal-twice"),), SEAL_KEY,
    )  # fmt: skip


def _rows(
    world: VectorWorld, files: Files
) -> Iterator[tuple[str, str, str, bytes, str, tuple[Reason, ...]]]:
    one = write_list([ListedSignature("s001", "Seal", SIGNATURE)], 1)
    second = ListedSignature("s002", "Seal", SECOND)
    last_alone = write_list([second], 2)
    exchanged = write_list([second, ListedSignature("s001", "Seal", SIGNATURE)], 2)
    gone = dict.fromkeys((SECOND, _SECOND_VALUE, _SECOND_SEAL))
    yield (
        "last-seal-removed", "删去最后一个印章，恢复原来的签名列表",
        "The last seal was removed and the list put back as it had been",
        _changed(files, {**gone, SIGNATURES: one}), ALTERED,
        (Reason("seals-missing", "1"), Reason("last-seal-does-not-lock")),
    )  # fmt: skip
    yield (
        "last-seal-left-behind", "从列表中去掉最后一个印章，它的文件留着",
        "The last seal was taken off the list, its files stay", _changed(files, {SIGNATURES: one}),
        ALTERED, (Reason("entry-unreferenced", SECOND),),
    )  # fmt: skip
    yield (
        "first-seal-removed", "删去第一个印章", "The first seal was removed",
        _changed(files, {SIGNATURES: last_alone, SIGNATURE: None, VALUE: None, SEAL: None}),
        ALTERED, (Reason("reference-missing", SIGNATURE),),
    )  # fmt: skip
    yield (
        "order-exchanged", "在列表中交换两个印章的次序", "The two seals were exchanged in the list",
        _changed(files, {SIGNATURES: exchanged}), ALTERED,
        (Reason("reference-altered", SIGNATURES),),
    )  # fmt: skip
    twin = {SECOND: files[SIGNATURE], _SECOND_VALUE: files[VALUE], _SECOND_SEAL: files[SEAL]}
    yield (
        "first-seal-repeated", "把第一个印章抄成第二个", "The first seal was copied as the second",
        _changed(files, twin), ALTERED, (Reason("property-path-differs", SIGNATURE),),
    )  # fmt: skip
    yield (
        "values-exchanged", "交换两个印章的签名值", "The values of the two seals were exchanged",
        _changed(files, {VALUE: files[_SECOND_VALUE], _SECOND_VALUE: files[VALUE]}), ALTERED,
        (Reason("property-path-differs", SECOND), Reason("description-altered")),
    )  # fmt: skip
    listed = b"<ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures>"
    bare = {name: data for name, data in files.items() if "/Signs/" not in name}
    assert listed in bare[MAIN]
    yield (
        "all-seals-removed", "删去全部印章和它们的列表", "All seals and their list were removed",
        packed({**bare, MAIN: bare[MAIN].replace(listed, b"")}), UNSEALED, (Reason("no-seal"),),
    )  # fmt: skip


def _changed(files: Files, changed: dict[str, bytes | None]) -> bytes:
    kept = {**files, **changed}
    return packed({name: data for name, data in kept.items() if data is not None})


def _with_third(world: VectorWorld, files: Files) -> bytes:
    """A seal that is right in itself, made by the attacker's maker and signed with his key."""
    seal = world.foreign_seal
    listed = [ListedSignature(f"s00{n}", "Seal", f"/Doc_0/Signs/Sign_{n - 1}/Signature.xml")
              for n in (1, 2, 3)]  # fmt: skip
    entries = {**files, SIGNATURES: write_list(listed, 3)}
    names = (_THIRD.replace("Signature.xml", "Seal.esl"), _THIRD.replace("ture.xml", "dValue.dat"))
    entries[names[0]] = seal.ses
    described = _described(entries, names, 2)
    use = SealUse(seal.ses, seal.certificate, sm3(described), _THIRD, NOW)
    sign = partial(world.attacker.keys.sign, seal.key_label)
    stamp = world.timestamper(world.attacker).timestamp
    entries[names[1]] = make_ses_signature(use, sign, stamp)
    return packed({**entries, _THIRD: described})


def _described(entries: Files, names: tuple[str, str], place: int) -> bytes:
    box = (PLACES[place].x_mm, PLACES[place].y_mm, 42, 42)
    covered = {name: sm3(data) for name, data in entries.items()}
    return write_description(
        SealDescription(NOW, covered, [StampPlace("1", box)], names[0], names[1])
    )


def _sealed_once(world: VectorWorld) -> bytes:
    files = packed(plain_files(license_content(seals=2)))
    return world.sealer().seal_ofd(files, world.seal, PLACES[:1])


def _sealed_twice(world: VectorWorld) -> bytes:
    sealed = packed(plain_files(license_content(seals=2)))
    for number, order in enumerate((SealOrder.FIRST, SealOrder.LAST)):
        sealed = world.sealer().seal_ofd(sealed, world.seal, PLACES[number : number + 1], order)
    return sealed
