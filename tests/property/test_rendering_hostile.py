"""Whatever an OFD says, drawing it ends in a picture or in one of two named errors."""

import re
from functools import lru_cache

from drawn_pages import document_with, fallback, path
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from ofd_forge import PAGE, packed

from signing.errors import PageNotDrawableError, UnreadableDocumentError
from signing.ofd.package import open_package
from signing.ofd.rendering import render_ofd

BODY = (
    '<ofd:TextObject ID="21" Boundary="20 30 80 6" Font="3" Size="4" HScale="1.5" Weight="700" '
    'Italic="true" CharDirection="90" CTM="1 0 0 1 0 0" Alpha="9" DrawParam="9">'
    '<ofd:FillColor Value="255 0 0" Alpha="10" ColorSpace="8"/><ofd:CGTransform CodePosition="0" '
    'CodeCount="1" GlyphCount="1"><ofd:Glyphs>1</ofd:Glyphs></ofd:CGTransform>'
    '<ofd:TextCode X="0" Y="4" DeltaX="g 2 4" DeltaY="0">中国X</ofd:TextCode></ofd:TextObject>'
    + path(
        "M 0 0 L 5 5 Q 1 2 3 4 B 1 2 3 4 5 6 A 3 4 30 1 0 8 8 C",
        'LineWidth="0.3" DashPattern="1 2" DashOffset="1" Cap="Round" Join="Bevel" '
        'MiterLimit="3" Fill="true" Stroke="true" Rule="Even-Odd"',
    )
    + '<ofd:ImageObject ID="25" ResourceID="4" Boundary="150 20 30 40" Alpha="100" '
    'CTM="30 0 0 40 0 0"/>'
)
FILES = (PAGE, "/Doc_0/PublicRes.xml", "/Doc_0/DocumentRes.xml", "/Doc_0/Document.xml")
PLACES = re.compile(rb'(?<=")[^"<>]*(?=")|(?<=>)[^<>]+(?=<)')
WORDS = st.one_of(
    st.sampled_from(
        ("", "0", "-1", "1e7", "-1e-7", "nan", "1 0 0 0 0 0", "0 0 0 0", "g 99999 1", "C", "true",
         "A 0 0 0 0 0 1 1", "A 9999999 1 1 1 1 1e7 1", "\U0002000b", "#ff", "../x", "65535")
    ),
    st.lists(st.floats(-1e7, 1e7).map(lambda value: f"{value:.7g}"), max_size=8).map(" ".join),
)  # fmt: skip


@lru_cache(maxsize=1)
def files() -> dict[str, bytes]:
    package = open_package(document_with(body=BODY))
    return {name: package.read(name) for name in package.names}


@given(
    changes=st.lists(
        st.tuples(st.sampled_from(FILES), st.integers(0, 200), WORDS), min_size=1, max_size=5
    )
)
@settings(max_examples=examples(150), deadline=None)
def test_drawing_ends_in_a_picture_or_a_named_error(
    changes: list[tuple[str, int, str]],
) -> None:
    changed = dict(files())
    for name, place, word in changes:
        found = list(PLACES.finditer(changed[name]))
        start, end = found[place % len(found)].span()
        changed[name] = changed[name][:start] + word.encode() + changed[name][end:]
    assert drawn_or_named(packed(changed))


def test_a_text_of_no_characters_draws_nothing() -> None:
    empty = (
        '<ofd:TextObject ID="9" Boundary="10 10 40 5" Font="3" Size="4"><ofd:TextCode X="0" Y="4"/>'
    )
    assert drawn_or_named(document_with(body=f"{empty}</ofd:TextObject>"))


def drawn_or_named(data: bytes) -> bool:
    """Whether drawing ends as it must; anything else than the two errors goes through."""
    try:
        return render_ofd(data, 1, 1, fallback()).png.startswith(b"\x89PNG")
    except (UnreadableDocumentError, PageNotDrawableError) as error:
        return re.fullmatch(r"[a-z0-9-]+", error.code) is not None
