"""Names that code leaves behind without meaning to make a file."""

import re

TEMPORARY_PREFIX = ".mntdata-placing-"
"""Files that are being placed carry it; one that is still there afterwards is from a helper that died."""

_IGNORED = re.compile(
    r"""
      __pycache__ | \.ipynb_checkpoints | \.cache   # caches
    | .*\.pyc
    | \.~lock\..*\#                                 # LibreOffice
    | ~\$.*                                         # Microsoft Office
    | .*~ | \.\#.* | \#.*\#                         # Emacs and others
    | \..*\.sw[opx]                                 # Vim
    | \.nfs[0-9a-f]+ | \.fuse_hidden[0-9a-f]+       # deleted, but still open, on a network
    | \.mntdata-placing-.*
    """,
    re.VERBOSE | re.DOTALL,
).fullmatch


def is_ignored(name: str) -> bool:
    """Whether a file or directory of this name is left out without a word."""
    return _IGNORED(name) is not None
