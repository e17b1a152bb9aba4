"""What the description of a signature may hide is named, each by a code of its own."""

import pytest
from ofd_forge import (
    NS,
    SEAL,
    SIGNATURE,
    SIGNATURES,
    VALUE,
    Change,
    Files,
    after,
    before,
    both,
    changed,
    drop,
    in_signature,
    packed,
    sealed_files,
    swap,
)

from signing.ofd.reader import read_ofd

FIRST = '<ofd:Reference FileRef="/OFD.xml">'
GOOD_VALUE = "<ofd:CheckValue>AAAA"
END_OF_REFERENCES = "</ofd:References>"
DIGEST = "A" * 43 + "="
REFERENCE = (
    f'<ofd:Reference FileRef="{{}}"><ofd:CheckValue>{DIGEST}</ofd:CheckValue></ofd:Reference>'
)
ONE_MORE = REFERENCE.format
DATE = "<ofd:SignatureDateTime>20260320040000Z</ofd:SignatureDateTime>"
METHOD = "<ofd:SignatureMethod>1.2.156.10197.1.501</ofd:SignatureMethod>"
STAMP = '<ofd:StampAnnot ID="1" PageRef="1" Boundary="150 230 42 42"/>'
SEAL_ELEMENT = f"<ofd:Seal><ofd:BaseLoc>{SEAL}</ofd:BaseLoc></ofd:Seal>"
SIGNED_VALUE = f"<ofd:SignedValue>{VALUE}</ofd:SignedValue>"


def add_reference(path: str) -> Change:
    return before(SIGNATURE, END_OF_REFERENCES, ONE_MORE(path))


SEAL_PROBLEMS: dict[str, tuple[str, Change]] = {
    # references (docs/attacks.md O5)
    "an unknown digest method": (
        "check-method-unknown",
        in_signature('CheckMethod="1.2.156.10197.1.401"', 'CheckMethod="SHA256"'),
    ),
    "MD5": (
        "check-method-weak",
        in_signature('CheckMethod="1.2.156.10197.1.401"', 'CheckMethod="MD5"'),
    ),
    "SHA-1": (
        "check-method-weak",
        in_signature('CheckMethod="1.2.156.10197.1.401"', 'CheckMethod="1.3.14.3.2.26"'),
    ),
    "no digest method, which means MD5": (
        "check-method-weak",
        in_signature(' CheckMethod="1.2.156.10197.1.401"', ""),
    ),
    "a method of one reference": (
        "reference-with-own-method",
        in_signature(FIRST, FIRST[:-1] + ' CheckMethod="MD5">'),
    ),
    "no references": ("references-missing", lambda files: _renamed_references(files)),
    "empty references": ("references-empty", lambda files: _without_references(files)),
    "two blocks of references": (
        "references-twice",
        after(SIGNATURE, END_OF_REFERENCES, '<ofd:References CheckMethod="SM3"/>'),
    ),
    "an entry twice, one good one bad": ("reference-twice", add_reference("/OFD.xml")),
    "an entry twice by two names": ("reference-twice", add_reference("/Doc_0/../OFD.xml")),
    "no file": ("reference-without-file", in_signature(FIRST, "<ofd:Reference>")),
    "an empty file name": ("reference-without-file", add_reference(" ")),
    "a file that is not there": ("reference-file-missing", add_reference("/Doc_0/none.xml")),
    "a file of another case": (
        "reference-path-case-differs",
        in_signature('"/OFD.xml"', '"/ofd.XML"'),
    ),
    "dots": ("reference-path-with-dots", in_signature('"/OFD.xml"', '"/Doc_0/../OFD.xml"')),
    "dots out of the package": (
        "reference-path-outside",
        in_signature('"/OFD.xml"', '"/../OFD.xml"'),
    ),
    "a doubled slash": ("reference-path-not-normal", in_signature('"/OFD.xml"', '"//OFD.xml"')),
    "a backslash": ("reference-path-invalid", add_reference("\\Doc_0\\Document.xml")),
    "percent signs": ("reference-path-invalid", add_reference("/Doc%5F0/Document.xml")),
    "a web address": ("reference-path-invalid", add_reference("http://example.test/x.xml")),
    "no digest": (
        "check-value-missing",
        before(SIGNATURE, END_OF_REFERENCES, '<ofd:Reference FileRef="/Doc_0/none.xml"/>'),
    ),
    "two digests": (
        "check-value-twice",
        in_signature(
            "</ofd:CheckValue>", f"</ofd:CheckValue><ofd:CheckValue>{DIGEST}</ofd:CheckValue>"
        ),
    ),
    "a digest too short": (
        "check-value-invalid",
        in_signature("<ofd:CheckValue>", "<ofd:CheckValue>AAAA</ofd:CheckValue><ofd:CheckValue>"),
    ),
    "a digest that is not Base64": (
        "check-value-invalid",
        in_signature("<ofd:CheckValue>", "<ofd:CheckValue>!"),
    ),
    "its own description": ("reference-to-itself", add_reference(SIGNATURE)),
    "its own value": ("reference-to-itself", add_reference(VALUE)),
    # wrapping, foreign namespaces, text in pieces
    "two SignedInfo": (
        "signed-info-twice",
        after(SIGNATURE, "</ofd:SignedInfo>", "<ofd:SignedInfo/>"),
    ),
    "no SignedInfo": (
        "signed-info-missing",
        lambda files: files.update(
            {SIGNATURE: f"<ofd:Signature {NS}>{SIGNED_VALUE}</ofd:Signature>"}
        ),
    ),
    "a reference of a foreign namespace": (
        "foreign-element",
        before(SIGNATURE, END_OF_REFERENCES, '<x:Reference xmlns:x="urn:x" FileRef="/OFD.xml"/>'),
    ),
    "a reference of no namespace": (
        "foreign-element",
        before(SIGNATURE, END_OF_REFERENCES, '<Reference FileRef="/OFD.xml"/>'),
    ),
    "a reference outside the references": (
        "element-unknown",
        after(SIGNATURE, "<ofd:SignedInfo>", ONE_MORE("/OFD.xml")),
    ),
    "a key beside the signature": (
        "element-unknown",
        after(SIGNATURE, "<ofd:SignedInfo>", "<ofd:KeyInfo/>"),
    ),
    "a comment in a digest": (
        "comment-in-text",
        in_signature("</ofd:CheckValue>", "<!-- --></ofd:CheckValue>"),
    ),
    "a CDATA section in a path": (
        "comment-in-text",
        in_signature(SIGNED_VALUE, f"<ofd:SignedValue><![CDATA[{VALUE}]]></ofd:SignedValue>"),
    ),
    "an element in a digest": (
        "element-in-text",
        in_signature("</ofd:CheckValue>", "<ofd:Seal/></ofd:CheckValue>"),
    ),
    "text between elements": (
        "text-between-elements",
        after(SIGNATURE, "<ofd:SignedInfo>", "and also"),
    ),
    # method, time, seal, value (O6, O7)
    "an unknown signature method": (
        "signature-method-unknown",
        in_signature(METHOD, METHOD.replace("501", "502")),
    ),
    "two signature methods": ("signature-method-twice", after(SIGNATURE, METHOD, METHOD)),
    "two dates": ("date-twice", after(SIGNATURE, DATE, DATE.replace("2026", "2020"))),
    "a date of nonsense": ("date-invalid", in_signature("20260320040000Z", "yesterday")),
    "a month that is not": ("date-invalid", in_signature("20260320040000Z", "20261320040000Z")),
    "the year zero": ("date-invalid", in_signature("20260320040000Z", "00010101000000")),
    "two providers": ("provider-twice", after(SIGNATURE, "<ofd:SignedInfo>", "<ofd:Provider/>")),
    "two seals": ("seal-twice", after(SIGNATURE, SEAL_ELEMENT, SEAL_ELEMENT)),
    "two places of one seal file": (
        "seal-location-twice",
        in_signature("</ofd:Seal>", f"<ofd:BaseLoc>{VALUE}</ofd:BaseLoc></ofd:Seal>"),
    ),
    "a seal file that is not there": ("seal-file-missing", drop(SEAL)),
    "a seal element without a place": (
        "seal-file-missing",
        in_signature(SEAL_ELEMENT, "<ofd:Seal/>"),
    ),
    "a seal file in a plain signature": (
        "seal-in-sign",
        swap(SIGNATURES, 'Type="Seal"', 'Type="Sign"'),
    ),
    "a type of nobody": ("signature-type-unknown", swap(SIGNATURES, 'Type="Seal"', 'Type="Stamp"')),
    "no value": ("signed-value-missing", in_signature(SIGNED_VALUE, "")),
    "a value that is not there": ("signed-value-missing", drop(VALUE)),
    "two values": ("signed-value-twice", after(SIGNATURE, SIGNED_VALUE, SIGNED_VALUE)),
    "a value outside": (
        "path-outside",
        in_signature(SIGNED_VALUE, "<ofd:SignedValue>/../x</ofd:SignedValue>"),
    ),
    # stamps
    "a stamp on no page": ("stamp-page-unknown", in_signature('PageRef="1"', 'PageRef="7"')),
    "a stamp beside the page": (
        "stamp-outside-page",
        in_signature("150 230 42 42", "215 230 42 42"),
    ),
    "a stamp above the page": (
        "stamp-outside-page",
        in_signature("150 230 42 42", "150 -50 42 42"),
    ),
    "a stamp of no size": ("stamp-box-invalid", in_signature("150 230 42 42", "150 230 0 42")),
    "a stamp turned inside out": (
        "stamp-box-invalid",
        in_signature("150 230 42 42", "150 230 -42 42"),
    ),
    "a stamp of nonsense": ("stamp-box-invalid", in_signature("150 230 42 42", "150 230 NaN 42")),
    "a clip of nonsense": (
        "stamp-clip-invalid",
        in_signature(STAMP, STAMP.replace("/>", ' Clip="0 0 1_0 1"/>')),
    ),
    "a clip that shows what is off the page": (
        "stamp-outside-page",
        in_signature(
            STAMP, STAMP.replace("150 230", "190 230").replace("/>", ' Clip="21 0 21 42"/>')
        ),
    ),
}

SEAL_DEVIATIONS: dict[str, tuple[str, Change]] = {
    "no seal file named": ("seal-file-not-named", in_signature(SEAL_ELEMENT, "")),
    "no stamp": ("stamp-missing", in_signature(STAMP, "")),
    "a stamp on a plain signature": (
        "stamp-in-sign",
        both(swap(SIGNATURES, 'Type="Seal"', 'Type="Sign"'), in_signature(SEAL_ELEMENT, "")),
    ),
    "one stamp id for two": ("stamp-id-twice", after(SIGNATURE, STAMP, STAMP)),
    "a stamp over the edge": (
        "stamp-partly-outside",
        in_signature("150 230 42 42", "200 230 42 42"),
    ),
    "a date in local time": (
        "date-without-zone",
        in_signature("20260320040000Z", "2026-03-20 12:00:00"),
    ),
    "no signature method": ("signature-method-missing", in_signature(METHOD, "")),
    "the signature method by name": (
        "signature-method-named",
        in_signature("1.2.156.10197.1.501", "SM3WithSM2"),
    ),
    "no provider": (
        "provider-missing",
        in_signature('<ofd:Provider ProviderName="License Vault" Company="Demo" Version="1"/>', ""),
    ),
    "a reference without its slash": (
        "reference-relative",
        in_signature('"/OFD.xml"', '"OFD.xml"'),
    ),
    "a value beside its description": (
        "path-from-root",
        in_signature(SIGNED_VALUE, f"<ofd:SignedValue>{VALUE[1:]}</ofd:SignedValue>"),
    ),
    "a value of another case": (
        "path-case-differs",
        in_signature(SIGNED_VALUE, SIGNED_VALUE.replace("SignedValue.dat", "signedvalue.DAT")),
    ),
}


def _renamed_references(files: Files) -> None:
    files[SIGNATURE] = str(files[SIGNATURE]).replace("ofd:References", "ofd:Parameters")


def _without_references(files: Files) -> None:
    text = str(files[SIGNATURE])
    start, end = text.index("<ofd:Reference "), text.index(END_OF_REFERENCES)
    files[SIGNATURE] = text[:start] + text[end:]


@pytest.mark.parametrize("oddity", SEAL_PROBLEMS)
def test_a_problem_of_a_seal_is_named_for(oddity: str) -> None:
    code, change = SEAL_PROBLEMS[oddity]
    (seal,) = read_ofd(changed(change)).seals
    assert code in seal.problems


@pytest.mark.parametrize("oddity", SEAL_DEVIATIONS)
def test_a_deviation_of_a_seal_is_named_and_no_problem_for(oddity: str) -> None:
    code, change = SEAL_DEVIATIONS[oddity]
    (seal,) = read_ofd(changed(change)).seals
    assert seal.problems == ()
    assert seal.deviations == (code,)


def test_local_time_is_that_of_beijing() -> None:
    (local,) = read_ofd(changed(in_signature("20260320040000Z", "2026-03-20 12:00:00"))).seals
    (fraction,) = read_ofd(changed(in_signature("20260320040000Z", "20260320040000.250Z"))).seals
    (plain,) = read_ofd(packed(sealed_files())).seals
    assert local.claimed_at == fraction.claimed_at == plain.claimed_at
