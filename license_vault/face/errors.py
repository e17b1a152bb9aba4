"""What keeps a license from being drawn: a value, a character, a font, a layout, the press."""

from license_vault.errors import FieldProblem, LicenseVaultError


class FaceError(LicenseVaultError):
    """A value cannot be set on the license's face; ``field`` is its claim path."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field


class FaceOverflowError(FaceError):
    """A value does not fit its box even at the smallest size."""

    def __init__(self, field: str) -> None:
        super().__init__(field, "does not fit its box on the face")


class GlyphMissingError(FaceError):
    """No installed font has a character; ``package`` is one that has it, or ""."""

    def __init__(self, field: str, character: str, package: str) -> None:
        where = f"; {package} has it" if package else ""
        super().__init__(field, f"no font has {character} (U+{ord(character):04X}){where}")
        self.character = character
        self.package = package


class CharacterNotSettableError(FaceError):
    """A character that our typesetting does not do: a control, a mark, a ligature."""

    def __init__(self, field: str, character: str) -> None:
        super().__init__(field, f"U+{ord(character):04X} cannot be set on a face")
        self.character = character


class QrCodeTooDenseError(FaceError):
    """The QR text needs modules smaller than can be read from paper."""

    def __init__(self, module_mm: float) -> None:
        super().__init__("qr", f"modules of {module_mm:.2f} mm are too small")
        self.module_mm = module_mm


class QrTextInvalidError(FaceError):
    """The QR text is not ASCII, or longer than any code of level H we draw."""

    def __init__(self, length: int) -> None:
        super().__init__("qr", f"a text of {length} characters cannot be a QR code")
        self.length = length


class FontUnusableError(LicenseVaultError):
    """A font file is missing or cannot be read; ``path`` names it."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"font {path}: {reason}")
        self.path = path
        self.reason = reason


class FaceLayoutBrokenError(LicenseVaultError):
    """A face.yaml cannot be used; ``problems`` are one line each: file, line, why."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems[:3]))
        self.problems = problems


class PressBrokenError(LicenseVaultError):
    """A placed face could not be drawn; ``reason`` is the tool's own, for the operator."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the face could not be drawn: {reason}")
        self.reason = reason


def face_problem(error: FaceError) -> FieldProblem | None:
    """Return what a request is told, at the member whose value it is; None: it is about none."""
    pointer = "".join(f"/{part}" for part in error.field.split("."))
    match error:
        case FaceOverflowError():
            zh, en = "内容在照面上放不下。", "This does not fit on the license's face."
            return FieldProblem(pointer, "does-not-fit", zh, en)
        case GlyphMissingError(character=character, package=package):
            named = f"{character}（U+{ord(character):04X}）"
            install = f" {package}" if package else "含有该字的字库"
            zh = f"字符 {named}不在已安装的字库中；请安装{install}。"
            en = (
                f"{character} (U+{ord(character):04X}) is in no installed font; "
                f"install {package or 'one that has it'}."
            )
            return FieldProblem(pointer, "character-missing", zh, en)
        case CharacterNotSettableError(character=character):
            code = f"U+{ord(character):04X}"
            zh = f"字符 {code} 不能排在照面上：它是控制符、组合符、连字或空白字母。"
            en = f"{code} is not set on a face: it is a control, mark, ligature or filler."
            return FieldProblem(pointer, "character-not-settable", zh, en)
    return None
