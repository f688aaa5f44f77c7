import re
from pathlib import Path

import pytest

from mntdata_runtime.settings import KernelLimits, RuntimeSettings, SettingsError

LEAST = {"MNTDATA_WORKSPACES": "/data/workspaces", "MNTDATA_STATE": "/data/engine"}


def test_needs_two_directories_and_has_defaults_for_the_rest():
    settings = RuntimeSettings.from_environment(LEAST)
    assert settings == RuntimeSettings(Path("/data/workspaces"), Path("/data/engine"))
    assert (settings.sandbox, settings.host, settings.port) == (True, "127.0.0.1", 0)


def test_reads_everything():
    settings = RuntimeSettings.from_environment(
        {
            **LEAST,
            "MNTDATA_SANDBOX": "off",
            "ENGINE_HOST": "::1",
            "ENGINE_PORT": "8888",
            "MNTDATA_KERNEL_MEMORY_BYTES": "1",
            "MNTDATA_KERNEL_FILE_BYTES": "2",
            "MNTDATA_KERNEL_PROCESSES": "3",
            "MNTDATA_KERNEL_OPEN_FILES": "4",
            "MNTDATA_MAX_KERNELS": "5",
            "MNTDATA_KERNEL_IDLE_SECONDS": "6",
        }
    )
    assert (settings.sandbox, settings.host, settings.port) == (False, "::1", 8888)
    assert settings.limits == KernelLimits(memory_bytes=1, file_bytes=2, processes=3, open_files=4)
    assert (settings.max_kernels, settings.idle_seconds) == (5, 6)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("MNTDATA_WORKSPACES", ""),
        ("MNTDATA_WORKSPACES", "relative"),
        ("MNTDATA_STATE", "relative"),
        ("MNTDATA_SANDBOX", "yes"),
        ("ENGINE_PORT", "-1"),
        ("ENGINE_PORT", "http"),
        ("MNTDATA_KERNEL_MEMORY_BYTES", "0"),
        ("MNTDATA_KERNEL_FILE_BYTES", "2 MiB"),
        ("MNTDATA_KERNEL_PROCESSES", "1.5"),
    ],
)
def test_names_the_key_that_is_not_usable(key, value):
    with pytest.raises(SettingsError, match=re.escape(key)):
        RuntimeSettings.from_environment({**LEAST, key: value})
