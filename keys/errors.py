"""Every way in which custody of keys can fail.

One root, one class a case, holding the values of the case. Messages are for operators (Chinese
first); they never hold a key, a passphrase or a plaintext.
"""

from __future__ import annotations

from pathlib import Path


class KeyCustodyError(Exception):
    """Something about keys, certificates or signatures is not as it must be."""


class KeyNotFoundError(KeyCustodyError):
    """There is no key under the label, or none of the kind asked for."""

    def __init__(self, label: str) -> None:
        super().__init__(f"没有此密钥: {label} (there is no such key)")
        self.label = label


class KeyExistsError(KeyCustodyError):
    """A key is there already; keys are never overwritten."""

    def __init__(self, label: str) -> None:
        super().__init__(f"密钥已存在: {label} (the key exists already and is never overwritten)")
        self.label = label


class LabelInvalidError(KeyCustodyError):
    """The label is not lower-case words of letters, digits, '-', '.' joined by '/'."""

    def __init__(self, label: str) -> None:
        super().__init__(f"密钥标签不合规: {label!r} (not a key label)")
        self.label = label


class KeyUnavailableError(KeyCustodyError):
    """The custodian of the key does not answer, or is closed; trying again later may help."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"密钥服务不可用 (keys are unavailable): {reason}")
        self.reason = reason


class KeyFileUnsafeError(KeyCustodyError):
    """A key file or its folder may be read by others, or is not a plain file of ours."""

    def __init__(self, path: Path, mode: int) -> None:
        super().__init__(
            f"密钥文件权限不安全: {path} 为 {mode:04o}; 目录须为 0700, 文件须为 0600 "
            "(the key file or folder is too open, or not a plain one of this user)"
        )
        self.path = path
        self.mode = mode


class KeyFileDamagedError(KeyCustodyError):
    """A key file is not what was written: cut, edited or of another version."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"密钥文件损坏: {path} (the key file is damaged): {reason}")
        self.path = path
        self.reason = reason


class WrongPassphraseError(KeyCustodyError):
    """The passphrase does not open this key folder."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"口令不正确: {path} (the passphrase does not open this key folder)")
        self.path = path


class KeyAddressError(KeyCustodyError):
    """The address of a key custodian has a scheme or form that is not known."""

    def __init__(self, address: str) -> None:
        super().__init__(f"密钥地址无法识别: {address!r} (not an address of keys)")
        self.address = address


class CertificateUnreadableError(KeyCustodyError):
    """Bytes are no certificate, revocation list or request of the profile we read."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"证书无法解读 (certificate unreadable): {reason}")
        self.reason = reason


class InvalidSignatureError(KeyCustodyError):
    """A signature does not hold, or may not be relied on for this.

    ``reason`` is one of: signature-invalid, issuer-name-differs, key-identifier-differs,
    issuer-not-a-ca, issuer-may-not-sign. What is wrong inside a signature is not told apart.
    """

    def __init__(self, reason: str = "signature-invalid") -> None:
        super().__init__(f"签名无效 (invalid signature): {reason}")
        self.reason = reason


class InvalidKeyError(KeyCustodyError):
    """A key is not an SM2 key: off the curve, out of range, or of another kind."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"密钥无效 (invalid key): {reason}")
        self.reason = reason


class EngineUnusableError(KeyCustodyError):
    """No library on this machine does SM2 rightly, so we refuse to start."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"没有可用的 SM2 密码库 (no usable SM2 engine): {reason}")
        self.reason = reason


class EnvelopeBrokenError(KeyCustodyError):
    """An envelope was changed, is under another key, or belongs to another context."""

    def __init__(self) -> None:
        super().__init__("密文无法解封 (the envelope does not open)")
