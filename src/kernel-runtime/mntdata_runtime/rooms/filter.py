"""The system calls that a room refuses, as a seccomp program: with an error, never with a kill."""

import errno
import tempfile

DENIED = (
    # mounts and roots
    "mount umount umount2 pivot_root move_mount open_tree fsopen fsconfig fsmount fspick "
    "mount_setattr chroot swapon swapoff quotactl quotactl_fd "
    # other processes
    "ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd "
    # namespaces (clone and clone3 are handled below)
    "setns unshare "
    # large or rarely needed parts of the kernel that have been a way out before
    "bpf perf_event_open userfaultfd keyctl add_key request_key "
    "io_uring_setup io_uring_enter io_uring_register fanotify_init fanotify_mark "
    "open_by_handle_at name_to_handle_at lookup_dcookie modify_ldt vm86 vm86old "
    # the machine
    "reboot kexec_load kexec_file_load init_module finit_module delete_module acct vhangup "
    "iopl ioperm syslog settimeofday clock_settime clock_settime64 clock_adjtime adjtimex stime "
    "sethostname setdomainname uselib sysfs nfsservctl mknod mknodat"
).split()

# CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. CLONE_NEWTIME shares its bit with
# the exit signal in clone() and is only reachable through unshare and clone3, which are refused.
NAMESPACE_FLAGS = tuple(1 << bit for bit in (17, 25, 26, 27, 28, 29, 30))
# AF_UNIX, AF_INET, AF_INET6, AF_NETLINK; all others up to AF_MAX and beyond are refused.
ALLOWED_FAMILIES = (1, 2, 10, 16)
LAST_FAMILY = 63
# TIOCSTI and TIOCLINUX push input into a terminal; 0x89xx are the network ioctls, which on an inherited
# socket would tell about the interfaces outside the room.
DENIED_IOCTLS = (0x5412, 0x541C)
NETWORK_IOCTLS = (0xFFFFFF00, 0x8900)


class FilterUnavailableError(RuntimeError):
    """libseccomp is not there, or cannot make the filter for this machine."""


def compile_filter() -> bytes:
    """The filter as a BPF program (an array of 8-byte `sock_filter`) for this machine.

    Raises FilterUnavailableError when libseccomp cannot be loaded.
    """
    try:
        import pyseccomp as seccomp
    except (ImportError, RuntimeError, OSError) as error:
        raise FilterUnavailableError(f"libseccomp cannot be loaded: {error}") from error
    refuse = seccomp.ERRNO(errno.EPERM)
    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    # Calls of a foreign architecture (32 bit, x32) would be killed by default.
    rules.set_attr(seccomp.Attr.ACT_BADARCH, seccomp.ERRNO(errno.ENOSYS))
    for name in DENIED:
        _refuse_by_name(rules, refuse, name)
    for flag in NAMESPACE_FLAGS:
        rules.add_rule(refuse, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, flag, flag))
    # Its flags lie in memory that a filter cannot see; C libraries fall back to clone.
    rules.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")
    for family in range(LAST_FAMILY + 1):
        if family not in ALLOWED_FAMILIES:
            rules.add_rule(refuse, "socket", seccomp.Arg(0, seccomp.EQ, family))
    rules.add_rule(refuse, "socket", seccomp.Arg(0, seccomp.GT, LAST_FAMILY))
    for request in DENIED_IOCTLS:
        rules.add_rule(refuse, "ioctl", seccomp.Arg(1, seccomp.MASKED_EQ, 0xFFFFFFFF, request))
    rules.add_rule(refuse, "ioctl", seccomp.Arg(1, seccomp.MASKED_EQ, *NETWORK_IOCTLS))
    with tempfile.TemporaryFile() as program:
        rules.export_bpf(program)
        program.seek(0)
        return program.read()


def _refuse_by_name(rules: object, action: int, name: str) -> None:
    try:
        rules.add_rule(action, name)  # type: ignore[attr-defined]
    except (OSError, ValueError):
        # Not a system call of this architecture, or newer than the installed libseccomp.
        return
