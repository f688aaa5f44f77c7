"""Which limits hold for a kernel, and by what means."""

from typing import Any

from mntdata_runtime.settings import KernelLimits


def limits_in_force(limits: KernelLimits, controllers: frozenset[str]) -> dict[str, Any]:
    """For people to read. `by` is `cgroup` where all processes of a kernel are counted together,
    `rlimit` where each process is counted by itself (processes: all of one user), `nice` for a mere
    preference. `controllers` are those of the control groups that are in use.
    """

    def by(controller: str, otherwise: str) -> str:
        return "cgroup" if controller in controllers else otherwise

    return {
        "memory": {"bytes": limits.memory_bytes, "by": by("memory", "rlimit")},
        "processes": {"count": limits.processes, "by": by("pids", "rlimit")},
        "cpu": {"by": by("cpu", "nice")},
        "file": {"bytes": limits.file_bytes, "by": "rlimit"},
        "open_files": {"count": limits.open_files, "by": "rlimit"},
    }
