"""Cut a process off: no network, no programs, no files but its own, bounded memory and time.

For Linux, by ctypes, because the standard library has no name for these calls. Two walls against
the network, each enough alone: an empty network namespace and a seccomp filter. This module only
builds walls; that there is one before a document is read is the parser process's business.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import stat
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_CLONE_NEWUSER: Final = 0x10000000
_CLONE_NEWNET: Final = 0x40000000
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_PR_SET_SECCOMP: Final = 22
_PR_SET_NO_NEW_PRIVS: Final = 38
_SECCOMP_MODE_FILTER: Final = 2
_LANDLOCK_CREATE_RULESET: Final = 444  # the three have the same numbers everywhere
_LANDLOCK_ADD_RULE: Final = 445
_LANDLOCK_RESTRICT_SELF: Final = 446
_LANDLOCK_EVERYTHING: Final = (1 << 13) - 1
_LANDLOCK_READING_FILES: Final = 1 << 2
_LANDLOCK_READING: Final = _LANDLOCK_READING_FILES | 1 << 3  # files and folders
_SECCOMP_RET_ALLOW: Final = 0x7FFF0000
_SECCOMP_RET_EPERM: Final = 0x00050001

# AUDIT_ARCH_* and the numbers of: socket, connect, bind, execve, execveat, io_uring_setup; kill,
# tkill, tgkill, pidfd_send_signal; ptrace, process_vm_readv, process_vm_writev.
# Source: Linux include/uapi/linux/audit.h and the system call tables.
_ARCHITECTURES: Final = {
    "x86_64": (0xC000003E, (41, 42, 49, 59, 322, 425, 62, 200, 234, 424, 101, 310, 311)),
    "aarch64": (0xC00000B7, (198, 203, 200, 221, 281, 425, 129, 130, 131, 424, 117, 270, 271)),
}


def cut_off_network() -> tuple[str, ...]:
    """Leave the network for good; return the walls that stand: "namespace", "seccomp".

    Must be called while the process has one thread. Nothing returned: there is no wall.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    walls = []
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
        walls.append("namespace")
    if _install_filter(libc):
        walls.append("seccomp")
    return tuple(walls)


def _install_filter(libc: ctypes.CDLL) -> bool:
    """Answer EPERM to the calls above, for this process and all its children."""
    if platform.machine() not in _ARCHITECTURES:
        return False
    program = _filter_program(*_ARCHITECTURES[platform.machine()])
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, header, 0, 0) == 0)


def _filter_program(architecture: int, refused: tuple[int, ...]) -> bytes:
    """Return a BPF program: load the architecture, then the number; refuse those listed.

    Each instruction is (code, jump if true, jump if false, value), struct sock_filter.
    """
    load, equal, at_least, answer = 0x20, 0x15, 0x35, 0x06
    count = len(refused)  # jumps are counted from the next instruction to the refusal, the last
    code = [
        (load, 0, 0, 4),
        (equal, 0, count + 3, architecture),
        (load, 0, 0, 0),
        (at_least, count + 1, 0, 0x40000000),  # the x32 numbers would walk around the list
    ]
    code += [(equal, count - at, 0, number) for at, number in enumerate(refused)]
    code += [(answer, 0, 0, _SECCOMP_RET_ALLOW), (answer, 0, 0, _SECCOMP_RET_EPERM)]
    return b"".join(struct.pack("HBBI", *instruction) for instruction in code)


def forbid_traces() -> None:
    """Write no core, no file, and let no other process of this user look inside."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def hide_files(readable: Iterable[Path]) -> bool:
    """Let this process open nothing but what stands under these folders; say whether that holds.

    Files that are open stay open. Source: Linux Documentation/userspace-api/landlock.rst, ABI 1.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    handled = struct.pack("Q", _LANDLOCK_EVERYTHING)
    ruleset = libc.syscall(_LANDLOCK_CREATE_RULESET, handled, len(handled), 0)
    if ruleset < 0:
        return False
    try:
        for folder in readable:
            _allow_reading(libc, ruleset, folder)
        alone = libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
        return alone and bool(libc.syscall(_LANDLOCK_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _allow_reading(libc: ctypes.CDLL, ruleset: int, folder: Path) -> None:
    try:
        descriptor = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        # A rule about a file may not speak of folders.
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        allowed = _LANDLOCK_READING if is_folder else _LANDLOCK_READING_FILES
        rule = struct.pack("=Qi", allowed, descriptor)
        libc.syscall(_LANDLOCK_ADD_RULE, ruleset, 1, rule, 0)
    finally:
        os.close(descriptor)


def allow_for_one_file(memory: int, cpu_seconds: int, memory_bytes: int) -> None:
    """Raise the soft limits so that this much more may be used from now on.

    Args:
        memory: a descriptor of the own /proc/self/statm.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + cpu_seconds, hard))
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_mapped_bytes(memory) + memory_bytes, hard))


def _mapped_bytes(memory: int) -> int:
    return int(os.pread(memory, 64, 0).split()[0]) * resource.getpagesize()


def die_with(parent: int) -> None:
    """Be killed when the thread that forked us ends; at once if it has ended already.

    Only for children of a process with one thread: the signal follows the thread.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)
