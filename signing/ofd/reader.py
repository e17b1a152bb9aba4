"""Reads an OFD that claims to be a sealed license: its seals, its data, and all that is odd.

Runs on hostile bytes, in the parser process of ``verification`` (docs/attacks.md). Whatever the
bytes, it returns or raises ``UnreadableDocumentError``; it opens no file and no connection. It
does not judge: every oddity is a stable code, a problem or a harmless deviation, of the document
or of a seal.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from signing.errors import UnreadableDocumentError
from signing.ofd.claims import read_claims_index, read_data_files
from signing.ofd.document import OfdDocument, open_document
from signing.ofd.package import PackageLimits
from signing.ofd.references import OfdReference
from signing.ofd.seals import OfdSeal, SignatureList, read_signatures
from signing.ofd.stamps import OfdStamp

__all__ = [
    "OfdContent",
    "OfdReference",
    "OfdSeal",
    "OfdStamp",
    "PackageLimits",
    "read_ofd",
    "read_ofd_with_texts",
]

_DEFAULT_LIMITS = PackageLimits()


@dataclass(frozen=True, slots=True)
class OfdContent:
    """A document as found.

    ``seals`` are in the order of Signatures.xml. ``entries`` are the absolute names of all
    entries; ``reachable`` those that the current version needs, without Signatures.xml and what
    hangs on it; ``unreferenced`` those that are neither. ``claims`` and ``data_index`` are the
    attachments claims.json and index.json as they are. ``metadata`` are the CustomDatas. Sizes
    are width and height in millimetres.
    """

    seals: tuple[OfdSeal, ...]
    entries: tuple[str, ...]
    reachable: frozenset[str]
    unreferenced: tuple[str, ...]
    signatures_path: str | None
    problems: tuple[str, ...]
    deviations: tuple[str, ...]
    claims: bytes | None
    data_index: bytes | None
    metadata: Mapping[str, str]
    page_sizes_mm: tuple[tuple[float, float], ...]


def read_ofd(data: bytes, limits: PackageLimits = _DEFAULT_LIMITS) -> OfdContent:
    """Return what an OFD holds.

    Raises:
        UnreadableDocumentError: no package that all readers read alike, over a limit, or XML that
            cannot be read.
    """
    return read_ofd_with_texts(data, limits)[0]


def read_ofd_with_texts(
    data: bytes, limits: PackageLimits = _DEFAULT_LIMITS
) -> tuple[OfdContent, Mapping[str, str]]:
    """Return what an OFD holds, and the text of each claim by its path.

    The texts are those of the text objects that the claims tag file (标引) names, joined in the
    order of the names; characters that nobody can see are left out.

    Raises:
        UnreadableDocumentError: no package that all readers read alike, over a limit, or XML that
            cannot be read.
    """
    try:
        document = open_document(data, limits)
        signatures = read_signatures(document)
        index = read_claims_index(document)
        content = _content(document, signatures, index.problems, index.deviations)
    except UnreadableDocumentError:
        raise
    except Exception as error:
        # The one boundary around the parsers: whatever hostile bytes make them raise is named
        # here (docs/attacks.md F7), so that no caller sees a builtin error.
        raise UnreadableDocumentError("unparseable", type(error).__name__) from error
    return content, index.texts


def _content(
    document: OfdDocument,
    signatures: SignatureList,
    problems: tuple[str, ...],
    deviations: tuple[str, ...],
) -> OfdContent:
    files = read_data_files(document)
    known = document.reachable | _hanging_on(document, signatures)
    all_problems = (*document.problems, *signatures.problems, *files.problems, *problems)
    all_deviations = (*document.deviations, *signatures.deviations, *deviations)
    names = document.package.names
    return OfdContent(
        seals=signatures.seals,
        entries=names,
        reachable=document.reachable,
        unreferenced=tuple(name for name in names if name not in known),
        signatures_path=document.signatures_path,
        problems=tuple(dict.fromkeys(all_problems)),
        deviations=tuple(dict.fromkeys(all_deviations)),
        claims=files.claims,
        data_index=files.data_index,
        metadata=document.metadata,
        page_sizes_mm=tuple((page.box[2], page.box[3]) for page in document.pages),
    )


def _hanging_on(document: OfdDocument, signatures: SignatureList) -> frozenset[str]:
    """Return the list of signatures and the entries of each of them."""
    own = {path for s in signatures.seals for path in (s.path, s.value_path, s.seal_path)}
    return frozenset(path for path in (*own, document.signatures_path) if path)
