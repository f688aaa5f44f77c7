"""What a fork copies and siblings must not share."""

import multiprocessing.process
import os
import sys
import tempfile


def renew_inherited_state() -> None:
    """New random states, keys and temporary names. The hash seed and the address layout stay common.

    Python itself sees to its `random`.
    """
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    tempfile.tempdir = None
    tempfile._name_sequence = None  # type: ignore[attr-defined]
    multiprocessing.process.current_process().authkey = os.urandom(32)
