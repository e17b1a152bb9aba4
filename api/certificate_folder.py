"""This node's own certificates: plain PEM files in one folder, no key among them.

``status.pem`` (who signs the status lists) and, in development, ``tsa.pem``,
each the certificate first and then its issuing CAs without the root. The
development CAs keep theirs here too.
"""

from __future__ import annotations

import os
from pathlib import Path

from api.errors import CommandRefusedError, StartRefusedError
from api.pem import CERTIFICATE, REVOCATION_LIST, from_pem, to_pem
from license_vault.errors import PathUnusableError


class CertificateFolder:
    """The folder; a file is replaced as a whole or not at all.

    Writing raises PathUnusableError when that cannot be done here.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def has(self, name: str) -> bool:
        """Tell whether there is a chain of this name."""
        return (self.path / f"{name}.pem").exists()

    def chain(self, name: str) -> tuple[bytes, ...]:
        """Return the DER of a chain, the certificate first.

        Raises:
            StartRefusedError: it is not there or cannot be read.
        """
        return self._read(CERTIFICATE, f"{name}.pem")

    def _read(self, kind: str, name: str) -> tuple[bytes, ...]:
        path = self.path / name
        try:
            return from_pem(kind, path.read_text(encoding="ascii"))
        except (OSError, ValueError, CommandRefusedError) as error:
            raise StartRefusedError(
                f"缺少证书 {path}；开发环境请先运行 license-vault ca init。",
                f"There is no certificate {path}; in development run license-vault ca init.",
            ) from error

    def put_chain(self, name: str, chain: tuple[bytes, ...]) -> None:
        """Write a chain, the certificate first."""
        self._put(f"{name}.pem", to_pem(CERTIFICATE, chain))

    def put_revocation_list(self, name: str, der: bytes) -> None:
        """Write the newest revocation list of a CA."""
        self._put(f"{name}.crl.pem", to_pem(REVOCATION_LIST, (der,)))

    def revocation_list(self, name: str) -> bytes:
        """Return the newest revocation list of a CA, DER.

        Raises:
            StartRefusedError: it is not there or cannot be read.
        """
        return self._read(REVOCATION_LIST, f"{name}.crl.pem")[0]

    def text(self, name: str) -> str:
        """Return a text file of the folder, empty if it is not there."""
        path = self.path / name
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def put_text(self, name: str, text: str) -> None:
        """Write a text file of the folder."""
        self._put(name, text)

    def _put(self, name: str, text: str) -> None:
        try:
            self._replace(name, text)
        except OSError as error:
            raise PathUnusableError(str(self.path / name), error.strerror or "") from error

    def _replace(self, name: str, text: str) -> None:
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        aside = self.path / f".{name}.{os.getpid()}"
        with aside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(self.path / name)
