"""What ``license-vault render`` says about what it did not draw, in two languages.

One sentence a code of ``signing.ofd.page``, ``ofd.drawing`` and ``ofd.seal_drawing``, and of why a
page has no picture; a test compares them with the codes in those modules.
"""

from collections.abc import Mapping

Words = tuple[str, str]

NOT_DRAWN: Mapping[str, Words] = {
    "clip-along-path": (
        "沿路径的裁剪未执行，可能多画了内容",
        "a clip along a path was not applied: more may be shown",
    ),
    "composite-missing": (
        "引用的复合图元不存在，未画",
        "a composite that is referred to is missing: not drawn",
    ),
    "document-odd": (
        "文件结构有疑点，别的阅读器所见可能不同",
        "the document's structure is odd: other readers may show something else",
    ),
    "font-missing": ("引用的字体不存在，按宋体画", "a font is missing: drawn with a serif font"),
    "font-substituted": (
        "字体未嵌入，字形用代替字体，位置不变",
        "a font is not embedded: shapes are another font's, positions are the document's",
    ),
    "font-unreadable": (
        "嵌入的字体无法读取，用代替字体画",
        "an embedded font cannot be read: drawn with another font",
    ),
    "glyph-missing": ("没有任何字体有此字，未画", "no font has this character: not drawn"),
    "glyph-run-invalid": (
        "字形变换无法读取，按字符画",
        "a glyph run cannot be read: drawn by characters",
    ),
    "glyph-substituted": (
        "嵌入的字体没有此字形，用代替字体画",
        "the embedded font lacks this glyph: drawn with another font",
    ),
    "image-mask-or-border": (
        "图像的蒙版或边框未画",
        "the mask or border of an image was not applied",
    ),
    "image-missing": ("引用的图像不存在，未画", "an image is missing: not drawn"),
    "more-not-drawn": ("还有更多，未逐一列出", "there is more that is not listed"),
    "object-unknown": ("不认识的图元，未画", "an unknown kind of object: not drawn"),
    "object-without-boundary": (
        "图元没有外接矩形，未画",
        "an object without a boundary: not drawn",
    ),
    "object-without-extent": (
        "图元被压成线或点，未画",
        "an object is squeezed to a line or a point: not drawn",
    ),
    "path-invalid": (
        "路径数据有误，错处之后未画",
        "a path is broken: not drawn from there on",
    ),
    "picture-kind": (
        "图像格式不支持（只画 PNG、JPEG、GIF、BMP），未画",
        "a picture of another kind than PNG, JPEG, GIF or BMP: not drawn",
    ),
    "picture-too-large": ("图像过大，未画", "a picture is too large: not drawn"),
    "picture-unreadable": ("图像无法读取，未画", "a picture cannot be read: not drawn"),
    "seal-picture-kind": (
        "印章图像格式不支持，印章未画",
        "the seal's picture is of another kind: the seal is not drawn",
    ),
    "seal-picture-missing": (
        "签名里没有可读的印章，签章位置未画",
        "the signature holds no seal that can be read: its place stays empty",
    ),
    "seal-picture-pages": (
        "印章图像有多页，只画第一页",
        "the seal's picture has several pages: only the first is drawn",
    ),
    "seal-picture-too-large": (
        "印章图像过大，印章未画",
        "the seal's picture is too large: the seal is not drawn",
    ),
    "seal-picture-unreadable": (
        "印章图像无法读取，印章未画",
        "the seal's picture cannot be read: the seal is not drawn",
    ),
    "shading": (
        "渐变或底纹以单色代替",
        "a gradient or pattern is drawn in one colour",
    ),
    "stamp-page-unknown": (
        "签章所指的页不存在，未画",
        "a seal is placed on a page that is not there: not drawn",
    ),
    "template-missing": ("引用的模板页不存在，未画", "a template page is missing: not drawn"),
    "text-interrupted": (
        "文字里夹有注释或其他元素，各阅读器所见可能不同",
        "a comment or element stands inside a text: readers may differ",
    ),
    "text-without-advance": (
        "文字没有字距，各字画在同一处",
        "a text without advances: its characters are drawn in one place",
    ),
}

NO_PICTURE: Mapping[str, Words] = {
    "document-unreadable": ("文件无法读取", "the file cannot be read"),
    "page-size": ("页面尺寸不合理", "the page has an absurd size"),
    "page-too-complex": ("页面内容过多，超出上限", "the page holds more than is drawn"),
    "page-too-large": (
        "图像过大，请降低 --dpi",
        "the picture would be too large; lower --dpi",
    ),
    "page-unreadable": ("页面无法绘制", "the page cannot be drawn"),
    "reader-crashed": ("绘制进程异常结束", "the process that draws ended unexpectedly"),
    "reader-limit": ("文件超出读取上限", "the file is over a limit of the reader"),
    "reader-timeout": ("绘制超时", "drawing took too long"),
    "too-many-pages": ("页数过多，其余未画", "there are too many pages: the rest is not drawn"),
}
