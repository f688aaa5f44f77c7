"""The settings of the runtime: everything the service tells it, read once from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MEBIBYTE = 1 << 20


class SettingsError(ValueError):
    """A setting is missing or cannot be used; the message names the environment key."""


@dataclass(frozen=True)
class KernelLimits:
    """What one kernel may use: bytes of memory and of one file, processes with threads, open files.

    `output_bytes`: of each stream in one run; more than that is lost between its head and its tail.
    """

    memory_bytes: int = 2048 * MEBIBYTE
    file_bytes: int = 512 * MEBIBYTE
    processes: int = 64
    open_files: int = 1024
    output_bytes: int = 8 * MEBIBYTE


@dataclass(frozen=True)
class RuntimeSettings:
    """Absolute directories, where to listen (port 0: any free one), limits of kernels and their number.

    `idle_seconds`: after which a kernel ends that nobody is connected to; 0 for never.
    """

    workspaces: Path
    state: Path
    sandbox: bool = True
    host: str = "127.0.0.1"
    port: int = 0
    limits: KernelLimits = KernelLimits()
    max_kernels: int = 1024
    idle_seconds: int = 0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "RuntimeSettings":
        """Read `MNTDATA_*` and `ENGINE_*`; raises SettingsError on the first one that is not usable."""
        defaults = KernelLimits()
        return cls(
            workspaces=_directory(environment, "MNTDATA_WORKSPACES"),
            state=_directory(environment, "MNTDATA_STATE"),
            sandbox=_switch(environment, "MNTDATA_SANDBOX"),
            host=environment.get("ENGINE_HOST") or "127.0.0.1",
            port=_number(environment, "ENGINE_PORT", 0, minimum=0),
            limits=KernelLimits(
                memory_bytes=_number(environment, "MNTDATA_KERNEL_MEMORY_BYTES", defaults.memory_bytes),
                file_bytes=_number(environment, "MNTDATA_KERNEL_FILE_BYTES", defaults.file_bytes),
                processes=_number(environment, "MNTDATA_KERNEL_PROCESSES", defaults.processes),
                output_bytes=_number(environment, "MNTDATA_KERNEL_OUTPUT_BYTES", defaults.output_bytes),
                open_files=_number(environment, "MNTDATA_KERNEL_OPEN_FILES", defaults.open_files),
            ),
            max_kernels=_number(environment, "MNTDATA_MAX_KERNELS", cls.max_kernels),
            idle_seconds=_number(environment, "MNTDATA_KERNEL_IDLE_SECONDS", cls.idle_seconds, minimum=0),
        )


def _directory(environment: Mapping[str, str], key: str) -> Path:
    path = Path(environment.get(key, ""))
    if not path.is_absolute():
        raise SettingsError(f"{key} must be the absolute path of a directory.")
    return path


def _switch(environment: Mapping[str, str], key: str) -> bool:
    value = environment.get(key) or "on"
    if value not in ("on", "off"):
        raise SettingsError(f"{key} must be on or off.")
    return value == "on"


def _number(environment: Mapping[str, str], key: str, default: int, minimum: int = 1) -> int:
    text = environment.get(key) or str(default)
    if not text.isdecimal() or int(text) < minimum:
        raise SettingsError(f"{key} must be a whole number, at least {minimum}.")
    return int(text)
