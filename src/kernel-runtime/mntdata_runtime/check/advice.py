"""What to tell someone on whose machine a room cannot be built: one sentence, and what helps."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

_APPARMOR_PROFILE = (
    r"printf 'abi <abi/4.0>,\nprofile bwrap /usr/bin/bwrap flags=(unconfined) {\n  userns,\n}\n' "
    "| sudo tee /etc/apparmor.d/bwrap && sudo systemctl reload apparmor"
)
# As a user, rooms make namespaces of their own and need no capability.
_CAPABILITY_OF_ROOT = "--cap-add SYS_ADMIN "
_CONTAINER_OPTIONS = (
    "--security-opt seccomp=docker/seccomp.json --security-opt apparmor=unconfined "
    "--security-opt systempaths=unconfined"
)
_INSTALLERS = {
    "apt-get": "apt-get install -y {apt}",
    "dnf": "dnf install -y {dnf}",
    "apk": "apk add {apk}",
    "pacman": "pacman -S {pacman}",
    "zypper": "zypper install -y {zypper}",
}
_BUBBLEWRAP = dict.fromkeys(("apt", "dnf", "apk", "pacman", "zypper"), "bubblewrap")
_LIBSECCOMP = {
    "apt": "libseccomp2",
    "dnf": "libseccomp",
    "apk": "libseccomp",
    "pacman": "libseccomp",
    "zypper": "libseccomp2",
}


@dataclass(frozen=True)
class Machine:
    """What about a machine decides whether rooms can be built."""

    platform: str
    root: bool
    bubblewrap: bool
    installer: str | None
    container: bool
    apparmor_restricts: bool
    namespaces_switched_off: str | None
    """The sysctl assignment that would allow user namespaces, when they are switched off."""

    @classmethod
    def present(cls) -> "Machine":
        """This one."""
        return cls(
            platform=sys.platform,
            root=os.geteuid() == 0,
            bubblewrap=shutil.which("bwrap") is not None,
            installer=next(filter(shutil.which, _INSTALLERS), None),
            container=any(Path(p).exists() for p in ("/.dockerenv", "/run/.containerenv")),
            apparmor_restricts=_sysctl("kernel/apparmor_restrict_unprivileged_userns") == "1",
            namespaces_switched_off=_missing_sysctl(),
        )


def missing_part(machine: Machine) -> str | None:
    """What is missing before a room can be tried at all, with what helps; None when nothing is."""
    if machine.platform != "linux":
        return (
            f"Rooms need Linux, and this is {machine.platform}: "
            "run mntdata in a Linux virtual machine or container."
        )
    if not machine.bubblewrap:
        return f"The program bwrap (bubblewrap) is not installed: {_install(machine, _BUBBLEWRAP)}"
    return None


def missing_libseccomp(machine: Machine) -> str:
    """What to say when the seccomp library cannot be loaded."""
    return f"The library libseccomp is not installed: {_install(machine, _LIBSECCOMP)}"


def advice(machine: Machine, said: str) -> str:
    """Why the room failed, told from what bubblewrap or the kernel start `said`, and what helps."""
    if machine.container:
        capability = _CAPABILITY_OF_ROOT if machine.root else ""
        return (
            "The container forbids namespaces or mounts, which rooms are made of: "
            f"start it with {capability}{_CONTAINER_OPTIONS} ({said})"
        )
    if not machine.root and machine.namespaces_switched_off:
        return (
            "This Linux does not let users make namespaces, which rooms are made of: "
            f"sudo sysctl -w {machine.namespaces_switched_off}"
        )
    if not machine.root and machine.apparmor_restricts:
        return (
            "AppArmor forbids bubblewrap to make user namespaces, which rooms are made of: "
            f"{_APPARMOR_PROFILE}"
        )
    return f"A room could not be built: {said}"


def _install(machine: Machine, package: dict[str, str]) -> str:
    if machine.installer is None:
        return f"install {package['apt']} with the package manager of this system."
    command = _INSTALLERS[machine.installer].format(**package)
    return command if machine.root else f"sudo {command}"


def _missing_sysctl() -> str | None:
    if _sysctl("kernel/unprivileged_userns_clone") == "0":
        return "kernel.unprivileged_userns_clone=1"
    if _sysctl("user/max_user_namespaces") == "0":
        return "user.max_user_namespaces=28633"
    return None


def _sysctl(name: str) -> str | None:
    try:
        return Path("/proc/sys", name).read_text(encoding="ascii").strip()
    except OSError:
        return None
