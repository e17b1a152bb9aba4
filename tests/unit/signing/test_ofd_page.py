"""What stands on a page: every character at its place, in drawing order, with what it inherits."""

from dataclasses import replace

import pytest
from ofd_forge import NS, PAGE, TEMPLATE, UNSEALED, Change, both, packed, put, swap

from signing.errors import UnreadableDocumentError
from signing.ofd.claims import visible_text
from signing.ofd.document import open_document
from signing.ofd.graphics import OfdImage, OfdObject, OfdPage, OfdPath, OfdText
from signing.ofd.page import TEXT, read_page

RES = "/Doc_0/PublicRes.xml"


def page_of(change: Change = lambda files: None) -> OfdPage:
    files = dict(UNSEALED)
    change(files)
    return read_page(open_document(packed(files)), 1)


def layer(content: str, attributes: str = "", more: str = "") -> Change:
    """The page with one layer of this content, without template."""
    return put(
        PAGE,
        f'<ofd:Page {NS}>{more}<ofd:Content><ofd:Layer ID="20" {attributes}>{content}'
        "</ofd:Layer></ofd:Content></ofd:Page>",
    )


def drawn(content: str, attributes: str = "", more: str = "") -> tuple[OfdObject, ...]:
    page = page_of(layer(content, attributes, more))
    return tuple(item for item in page.objects if item.place.origin == "page")


def text(inner: str, attributes: str = "") -> OfdText:
    (item,) = drawn(
        f'<ofd:TextObject ID="9" Boundary="10 20 100 10" Font="3" Size="4" {attributes}>{inner}'
        "</ofd:TextObject>"
    )
    assert isinstance(item, OfdText)
    return item


def places(item: OfdText) -> list[tuple[float, float]]:
    return [(round(c.x_mm, 4), round(c.y_mm, 4)) for c in item.characters]


def path(data: str, attributes: str = "", inner: str = "") -> OfdPath:
    (item,) = drawn(
        f'<ofd:PathObject ID="9" Boundary="10 20 100 10" {attributes}>{inner}'
        f"<ofd:AbbreviatedData>{data}</ofd:AbbreviatedData></ofd:PathObject>"
    )
    assert isinstance(item, OfdPath)
    return item


# -- text -------------------------------------------------------------------------------------

CODE = '<ofd:TextCode X="1" Y="5" {}>{}</ofd:TextCode>'
POSITIONS: dict[str, tuple[str, str, list[tuple[float, float]]]] = {
    "one distance each": ("DeltaX='4 5'", "甲乙丙", [(11, 25), (15, 25), (20, 25)]),
    "repeated distances": ("DeltaX='g 2 4'", "甲乙丙", [(11, 25), (15, 25), (19, 25)]),
    "mixed distances": (
        "DeltaX='1 g 2 4 2'",
        "甲乙丙丁戊",
        [(11, 25), (12, 25), (16, 25), (20, 25), (22, 25)],
    ),
    "two directions": (
        "DeltaX='g 1 4 -4' DeltaY='g 1 0 6'",
        "甲乙丙",
        [(11, 25), (15, 25), (11, 31)],
    ),
    "downwards": ("DeltaX='0 0' DeltaY='g 2 3'", "甲乙丙", [(11, 25), (11, 28), (11, 31)]),
    "more distances than characters": ("DeltaX='g 9 4 -36'", "甲乙", [(11, 25), (15, 25)]),
    "fewer distances than characters": ("DeltaX='4'", "甲乙丙", [(11, 25), (15, 25), (19, 25)]),
    "a repetition of nothing": ("DeltaX='g 0 9 4'", "甲乙", [(11, 25), (15, 25)]),
    "an endless repetition": ("DeltaX='g 999999999 4'", "甲乙", [(11, 25), (15, 25)]),
    "a repetition cut off": ("DeltaX='g 1'", "甲乙", [(11, 25), (11, 25)]),
    "no distances": ("", "甲乙", [(11, 25), (11, 25)]),
}


@pytest.mark.parametrize("case", POSITIONS)
def test_characters_stand_where_the_file_says_for(case: str) -> None:
    attributes, content, expected = POSITIONS[case]
    item = text(CODE.format(attributes, content))
    assert item.text == content
    assert places(item) == expected


def test_a_matrix_moves_turns_and_scales_each_character_inside_the_boundary() -> None:
    turned = text(CODE.format("DeltaX='4'", "甲乙"), 'CTM="0 1 -1 0 50 0"')
    scaled = text(CODE.format("DeltaX='4'", "甲乙"), 'CTM="2 0 0 0.5 0 1"')
    assert places(turned) == [(55, 21), (55, 25)]
    assert places(scaled) == [(12, 23.5), (20, 23.5)]


def test_a_second_text_code_goes_on_where_it_says_nothing_else() -> None:
    item = text('<ofd:TextCode X="1" Y="5">甲</ofd:TextCode><ofd:TextCode Y="9">乙</ofd:TextCode>')
    assert places(item) == [(11, 25), (11, 29)]


def test_glyphs_of_a_run_replace_those_of_its_characters() -> None:
    runs = (
        '<ofd:CGTransform CodePosition="1" CodeCount="2" GlyphCount="2"><ofd:Glyphs>7 8'
        "</ofd:Glyphs></ofd:CGTransform>"
    )
    item = text(runs + CODE.format("DeltaX='g 3 4'", "甲乙丙丁"))
    assert [(c.text, c.glyph) for c in item.characters] == [
        ("甲", None),
        ("乙", 7),
        ("丙", 8),
        ("丁", None),
    ]


def test_a_ligature_is_one_glyph_with_several_characters() -> None:
    run = (
        '<ofd:CGTransform CodePosition="0" CodeCount="2" GlyphCount="1"><ofd:Glyphs>9'
        "</ofd:Glyphs></ofd:CGTransform>"
    )
    item = text(run + CODE.format("DeltaX='g 2 4'", "fix"))
    assert [(c.text, c.glyph, c.x_mm) for c in item.characters] == [("fi", 9, 11), ("x", None, 19)]
    assert item.text == "fix"


@pytest.mark.parametrize("run", ['CodePosition="-1"', 'CodePosition="0" CodeCount="9"', ""])
def test_a_glyph_run_that_fits_nowhere_leaves_the_characters(run: str) -> None:
    element = f"<ofd:CGTransform {run}><ofd:Glyphs>7</ofd:Glyphs></ofd:CGTransform>"
    item = text(element + CODE.format("DeltaX='4'", "甲乙"))
    assert [(c.text, c.glyph) for c in item.characters] == [("甲", None), ("乙", None)]


def test_a_text_object_tells_font_size_and_shape() -> None:
    item = text(CODE.format("", "甲"), 'HScale="0.5" Weight="700" Italic="true" CharDirection="90"')
    assert (item.horizontal_scale, item.weight, item.italic, item.direction) == (0.5, 700, True, 90)
    assert item.font is not None
    assert (item.font.name, item.font.path) == ("宋体", "/Doc_0/Res/font_3.otf")
    assert item.size == 4
    assert item.paint.fill is not None
    assert item.paint.stroke is None


PATH = (
    '<ofd:PathObject Boundary="0 0 9 9" {}><ofd:AbbreviatedData>{}</ofd:AbbreviatedData>'
    "</ofd:PathObject>"
)


# -- paths ------------------------------------------------------------------------------------


def test_the_operators_of_a_path_are_told_one_by_one() -> None:
    item = path("S 1 2 L 3 4 Q 1 1 2 2 B 1 2 3 4 5 6 A 5 5 0 1 0 9 9 C M 0.5,-.5")
    assert item.segments == (
        ("M", (1, 2)),
        ("L", (3, 4)),
        ("Q", (1, 1, 2, 2)),
        ("B", (1, 2, 3, 4, 5, 6)),
        ("A", (5, 5, 0, 1, 0, 9, 9)),
        ("C", ()),
        ("M", (0.5, -0.5)),
    )
    assert item.place.matrix == (1, 0, 0, 1, 10, 20)


@pytest.mark.parametrize("data", ["M 1 2 L 3", "M 1 2 3 4", "M 1 2 L 9e9 1", "M 1 2 L 1e 1"])
def test_a_path_ends_where_it_is_broken_and_that_is_told(data: str) -> None:
    page = page_of(layer(PATH.format("", data)))
    (item,) = (item for item in page.objects if isinstance(item, OfdPath))
    assert item.segments == (("M", (1, 2)),)
    assert "path-invalid" in page.not_drawn


@pytest.mark.parametrize("data", ["M 1 2 X 3 4", "M 1 2 L nan 1", "M 1 2 L 1_0 1", "M １ 2"])
def test_a_path_with_letters_of_no_path_is_not_drawn_and_that_is_told(data: str) -> None:
    page = page_of(layer(PATH.format("", data)))
    assert [item.segments for item in page.objects if isinstance(item, OfdPath)] == [()]
    assert "path-invalid" in page.not_drawn


# -- colours and drawing parameters -------------------------------------------------------------

SPACES = (
    '<ofd:ColorSpaces><ofd:ColorSpace ID="50" Type="GRAY"/><ofd:ColorSpace ID="51" Type="CMYK"/>'
    '<ofd:ColorSpace ID="52" Type="RGB" BitsPerComponent="4"/><ofd:ColorSpace ID="53" Type="RGB">'
    "<ofd:Palette><ofd:CV>1 2 3</ofd:CV><ofd:CV>4 5 6</ofd:CV></ofd:Palette></ofd:ColorSpace>"
    "</ofd:ColorSpaces>"
)
COLORS: dict[str, tuple[str, tuple[int, int, int]]] = {
    "three channels": ('Value="156 82 35"', (156, 82, 35)),
    "hexadecimal channels": ('Value="#9C #52 #23"', (156, 82, 35)),
    "gray": ('Value="128" ColorSpace="50"', (128, 128, 128)),
    "one channel": ('Value="128"', (128, 128, 128)),
    "cyan": ('Value="255 0 0 0" ColorSpace="51"', (0, 255, 255)),
    "four channels": ('Value="0 0 0 255"', (0, 0, 0)),
    "four bits": ('Value="15 0 15" ColorSpace="52"', (255, 0, 255)),
    "a palette": ('Index="1" ColorSpace="53"', (4, 5, 6)),
    "an index off the palette": ('Index="9" ColorSpace="53"', (0, 0, 0)),
    "too much": ('Value="999 -5 0"', (255, 0, 0)),
    "nonsense": ('Value="red"', (0, 0, 0)),
    "too few channels": ('Value="1 2" ColorSpace="53"', (0, 0, 0)),
}


@pytest.mark.parametrize("case", COLORS)
def test_a_colour_is_told_as_red_green_and_blue_for(case: str) -> None:
    attributes, expected = COLORS[case]
    inner = f"<ofd:FillColor {attributes}/>" + CODE.format("", "甲")
    content = f'<ofd:TextObject Boundary="0 0 9 9" Font="3" Size="4">{inner}</ofd:TextObject>'
    spaces = swap(RES, "<ofd:Fonts>", SPACES + "<ofd:Fonts>")
    (item, *_) = page_of(both(spaces, layer(content))).objects
    assert isinstance(item, OfdText)
    assert item.paint.fill is not None
    assert (item.paint.fill.red, item.paint.fill.green, item.paint.fill.blue) == expected


PARAMS = (
    '<ofd:DrawParams><ofd:DrawParam ID="60" LineWidth="2" Cap="Round">'
    '<ofd:StrokeColor Value="1 1 1"/></ofd:DrawParam>'
    '<ofd:DrawParam ID="61" Relative="60" LineWidth="3"/>'
    '<ofd:DrawParam ID="62" Relative="63" Join="Bevel"/>'
    '<ofd:DrawParam ID="63" Relative="62" LineWidth="4"/></ofd:DrawParams>'
)


def with_params(attributes: str, of_layer: str = "") -> OfdPath:
    content = PATH.format(attributes, "M 0 0")
    params = swap(RES, "<ofd:Fonts>", PARAMS + "<ofd:Fonts>")
    (item, *_) = page_of(both(params, layer(content, of_layer))).objects
    assert isinstance(item, OfdPath)
    return item


def test_an_object_takes_from_its_parameters_what_it_does_not_say_itself() -> None:
    own = with_params('DrawParam="61" LineWidth="9"').paint
    inherited = with_params('DrawParam="61"').paint
    assert (own.line_width, own.cap) == (9, "Round")
    assert (inherited.line_width, inherited.cap) == (3, "Round")
    assert inherited.stroke is not None
    assert inherited.stroke.red == 1


def test_the_layers_parameters_come_after_the_objects() -> None:
    assert with_params("", 'DrawParam="60"').paint.line_width == 2
    assert with_params('DrawParam="61"', 'DrawParam="60"').paint.line_width == 3


def test_parameters_that_build_on_each_other_in_a_circle_end() -> None:
    paint = with_params('DrawParam="62"').paint
    assert (paint.line_width, paint.join) == (4, "Bevel")


def test_text_is_filled_black_and_paths_are_stroked_black_by_default() -> None:
    filled, stroked = text(CODE.format("", "甲")).paint, path("M 0 0").paint
    assert (filled.fill, filled.stroke) == (stroked.stroke, stroked.fill)
    assert filled.fill is not None
    assert (filled.fill.red, filled.fill.alpha) == (0, 255)
    assert stroked.line_width == 0.353


def test_opacities_multiply() -> None:
    color = '<ofd:FillColor Value="0 0 0" Alpha="128"/>'
    item = text(color + CODE.format("", "甲"), 'Alpha="128"')
    assert item.paint.fill is not None
    assert item.paint.fill.alpha == 64


def test_a_gradient_is_told_and_its_first_colour_taken() -> None:
    shading = (
        '<ofd:FillColor><ofd:AxialShd><ofd:Segment><ofd:Color Value="9 8 7"/></ofd:Segment>'
        "</ofd:AxialShd></ofd:FillColor>"
    )
    content = f'<ofd:PathObject Boundary="0 0 9 9" Fill="true">{shading}</ofd:PathObject>'
    page = page_of(layer(content))
    item = page.objects[0]
    assert isinstance(item, OfdPath)
    assert item.paint.fill is not None
    assert item.paint.fill.red == 9
    assert "shading" in page.not_drawn


# -- order, templates, annotations, composites ---------------------------------------------------


def origins(page: OfdPage) -> list[str]:
    return [item.place.origin for item in page.objects]


def test_templates_lie_behind_and_annotations_on_top() -> None:
    page = page_of()
    assert origins(page) == ["template", *["page"] * 5, "annotation"]
    assert page.not_drawn == page.problems == ()


def test_a_template_in_the_foreground_lies_over_the_page() -> None:
    front = swap(PAGE, 'ZOrder="Background"', 'ZOrder="Foreground"')
    assert origins(page_of(front)) == [*["page"] * 5, "template", "annotation"]
    by_document = both(
        swap(PAGE, ' ZOrder="Background"', ""),
        swap("/Doc_0/Document.xml", 'ZOrder="Background"', 'ZOrder="Foreground"'),
    )
    assert origins(page_of(by_document))[-2:] == ["template", "annotation"]


def test_layers_are_drawn_by_their_type_then_in_order() -> None:
    def one(kind: str, letter: str) -> str:
        return (
            f'<ofd:Layer Type="{kind}"><ofd:TextObject Boundary="0 0 9 9" Font="3" Size="4">'
            f'<ofd:TextCode X="0" Y="4">{letter}</ofd:TextCode></ofd:TextObject></ofd:Layer>'
        )

    layers = one("Foreground", "d") + one("Body", "b") + one("Background", "a") + one("Body", "c")
    page = page_of(put(PAGE, f"<ofd:Page {NS}><ofd:Content>{layers}</ofd:Content></ofd:Page>"))
    assert "".join(i.text for i in page.objects if isinstance(i, OfdText)) == "abcd演示"


def test_a_template_that_is_not_there_is_told() -> None:
    assert "template-missing" in page_of(swap(PAGE, 'TemplateID="2"', 'TemplateID="7"')).not_drawn


@pytest.mark.parametrize("where", ["TextObject", "PathObject", "ImageObject"])
def test_invisible_objects_are_left_out(where: str) -> None:
    before = len(page_of().objects)
    hidden = page_of(swap(PAGE, f"<ofd:{where}", f'<ofd:{where} Visible="false"'))
    assert len(hidden.objects) == before - 1


def test_an_invisible_annotation_is_left_out() -> None:
    hidden = swap("/Doc_0/Annots/Page_0/Annotation.xml", "<ofd:Annot ", '<ofd:Annot Visible="0" ')
    assert "annotation" not in origins(page_of(hidden))


def test_an_image_tells_its_file_and_the_matrix_of_its_square() -> None:
    (item,) = (item for item in page_of().objects if isinstance(item, OfdImage))
    assert (item.media.path, item.media.format, item.alpha) == ("/Doc_0/Res/photo.png", "PNG", 255)
    assert item.place.matrix == (30, 0, 0, 40, 150, 20)
    without = page_of(swap(PAGE, ' CTM="30 0 0 40 0 0"', ""))
    (filling,) = (item for item in without.objects if isinstance(item, OfdImage))
    assert filling.place.matrix == item.place.matrix


def test_an_image_of_no_resource_is_told() -> None:
    assert "image-missing" in page_of(swap(PAGE, 'ResourceID="4"', 'ResourceID="5"')).not_drawn


COMPOSITE = (
    '<ofd:CompositeGraphicUnits><ofd:CompositeGraphicUnit ID="70" Width="10" Height="10">'
    '<ofd:Content><ofd:TextObject Boundary="1 2 8 8" Font="3" Size="4">'
    '<ofd:TextCode X="0" Y="4">甲</ofd:TextCode></ofd:TextObject>{}'
    "</ofd:Content></ofd:CompositeGraphicUnit></ofd:CompositeGraphicUnits>"
)


def composite(attributes: str, inside: str = "") -> OfdPage:
    unit = swap(RES, "<ofd:Fonts>", COMPOSITE.format(inside) + "<ofd:Fonts>")
    content = f'<ofd:CompositeObject ResourceID="70" Boundary="50 60 10 10" {attributes}/>'
    return page_of(both(unit, layer(content)))


def test_a_composite_is_drawn_in_its_own_space_with_its_opacity() -> None:
    item = composite('CTM="2 0 0 2 0 0" Alpha="51"').objects[0]
    assert isinstance(item, OfdText)
    assert places(item) == [(52, 72)]
    assert len(item.place.clips) == 2
    assert item.paint.fill is not None
    assert item.paint.fill.alpha == 51


def test_a_composite_within_itself_ends() -> None:
    nested = '<ofd:CompositeObject ResourceID="70" Boundary="0 0 10 10"/>'
    with pytest.raises(UnreadableDocumentError) as refusal:
        composite("", nested)
    assert refusal.value.code == "ofd-nested-too-deep"


def test_composites_that_multiply_end_at_the_allowance() -> None:
    nested = '<ofd:CompositeObject ResourceID="70" Boundary="0 0 10 10"/>' * 10
    with pytest.raises(UnreadableDocumentError) as refusal:
        composite("", nested)
    assert refusal.value.code in ("ofd-too-complex", "ofd-nested-too-deep")


def test_a_block_groups_without_moving() -> None:
    inner = '<ofd:PathObject Boundary="1 2 3 4"/>'
    (item,) = drawn(f"<ofd:PageBlock><ofd:PageBlock>{inner}</ofd:PageBlock></ofd:PageBlock>")
    assert item.place.matrix == (1, 0, 0, 1, 1, 2)


ODD = {
    "object-without-boundary": "<ofd:PathObject/>",
    "object-unknown": '<ofd:VideoObject Boundary="0 0 1 1"/>',
    "clip-along-path": '<ofd:PathObject Boundary="0 0 1 1"><ofd:Clips/></ofd:PathObject>',
    "font-missing": '<ofd:TextObject Boundary="0 0 1 1" Font="99" Size="4"/>',
    "composite-missing": '<ofd:CompositeObject Boundary="0 0 1 1" ResourceID="99"/>',
    "image-mask-or-border": '<ofd:ImageObject Boundary="0 0 1 1" ResourceID="4" ImageMask="4"/>',
}


@pytest.mark.parametrize("code", ODD)
def test_what_is_not_expressed_is_told(code: str) -> None:
    assert code in page_of(layer(ODD[code])).not_drawn


def test_a_page_is_measured_from_the_corner_of_its_box() -> None:
    area = "<ofd:Area><ofd:PhysicalBox>5 7 100 90</ofd:PhysicalBox></ofd:Area>"
    page = page_of(layer('<ofd:PathObject Boundary="15 27 3 4"/>', more=area))
    assert page.box == (5, 7, 100, 90)
    assert page.objects[0].place.matrix == (1, 0, 0, 1, 10, 20)


def test_only_the_kinds_that_are_wanted_are_read() -> None:
    document = open_document(packed(UNSEALED))
    wanted = read_page(document, 1, frozenset([TEXT])).objects
    every = read_page(document, 1).objects
    assert wanted == tuple(item for item in every if isinstance(item, OfdText))


@pytest.mark.parametrize("number", [0, 2, -1])
def test_there_is_no_other_page(number: int) -> None:
    with pytest.raises(UnreadableDocumentError) as refusal:
        read_page(open_document(packed(UNSEALED)), number)
    assert refusal.value.code == "ofd-no-such-page"


def test_a_character_is_seen_through_all_clips() -> None:
    page = page_of()
    (item,) = (i for i in page.objects if i.place.object_id == "21")
    assert isinstance(item, OfdText)
    assert visible_text(item, page) == "张三"
    far = replace(item.place.clips[0], matrix=(1, 0, 0, 1, 100, 0))
    hidden = replace(item, place=replace(item.place, clips=(*item.place.clips, far)))
    assert visible_text(hidden, page) == ""


def test_the_template_is_read_once_for_every_page_that_uses_it() -> None:
    document = open_document(packed(UNSEALED))
    assert document.files.parse(TEMPLATE) is document.files.parse(TEMPLATE)
