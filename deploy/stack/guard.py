"""Becomes the command it is given, after making sure that it dies with its parent and does not run as root.

Run as a script (`python -IS guard.py SIGNAL PARENT IDENTITY COMMAND...`) by `processes.spawn`, because both
are settings of the process itself, made between fork and exec, where a threaded parent may run no Python.
"""

import contextlib
import ctypes
import os
import pwd
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
NOBODY = "nobody"


def enter_user_namespace() -> bool:
    """Stay the owner of root's files, but be `nobody` inside; False where kernel or container forbid it."""
    user, group = os.geteuid(), os.getegid()
    nobody = pwd.getpwnam(NOBODY).pw_uid
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "unshare") or libc.unshare(CLONE_NEWUSER) != 0:
        return False
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{nobody} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{nobody} {group} 1")
    except OSError:
        return False
    return True


def become_nobody() -> None:
    entry = pwd.getpwnam(NOBODY)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def die_with_parent(signal_number: int, parent: int) -> None:
    """Linux only; elsewhere the next start clears what was left over. A change of identity would reset it."""
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent:
        sys.exit("The process that asked for this one is gone.")


def main() -> None:
    signal_number, parent, identity, *command = sys.argv[1:]
    if identity == "probe":
        sys.exit(0 if enter_user_namespace() else 1)
    if identity == "namespace":
        enter_user_namespace()
    elif identity == NOBODY:
        become_nobody()
    die_with_parent(int(signal_number), int(parent))
    os.execvp(command[0], command)  # noqa: S606 - a shell would stand between the parent and the command


if __name__ == "__main__":
    main()
