"""The seccomp program itself, interpreted: some of what it refuses is refused by Linux as well, for want of a
capability, so that no attempt in a room can tell whether the filter still does.
"""

import errno
import os
import struct

import pyseccomp
import pytest

from mntdata_runtime.rooms.filter import compile_filter

ALLOW, ERROR, ACTION = 0x7FFF0000, 0x00050000, 0xFFFF0000
X86_64 = 0xC000003E
REFUSED = """
    mount umount2 pivot_root move_mount open_tree fsopen fsconfig fsmount fspick mount_setattr chroot
    swapon swapoff quotactl quotactl_fd
    ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd
    setns unshare clone3 bpf perf_event_open userfaultfd keyctl add_key request_key
    io_uring_setup io_uring_enter io_uring_register fanotify_init fanotify_mark
    open_by_handle_at name_to_handle_at lookup_dcookie nfsservctl modify_ldt reboot kexec_load kexec_file_load
    init_module finit_module delete_module acct vhangup iopl ioperm syslog
    settimeofday clock_settime clock_adjtime adjtimex sethostname setdomainname uselib sysfs mknod mknodat
""".split()
NEEDED = (
    "read write openat mmap clone fork execve socket connect ioctl kill setrlimit futex getrandom".split()
)
NAMESPACES = [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000]

pytestmark = pytest.mark.skipif(os.uname().machine != "x86_64", reason="the program of x86_64")


class Program:
    """What seccomp answers for a call: https://www.kernel.org/doc/html/latest/networking/filter.html."""

    def __init__(self, code):
        self.instructions = [struct.unpack("=HBBI", code[at : at + 8]) for at in range(0, len(code), 8)]

    def answer(self, name, *arguments, architecture=X86_64):
        number = name if isinstance(name, int) else pyseccomp.resolve_syscall(pyseccomp.Arch.X86_64, name)
        padded = [*arguments, 0, 0, 0, 0, 0, 0][:6]
        return self._run(struct.pack("=iIQ6Q", number, architecture, 0, *padded))

    def _run(self, data):
        at = accumulator = 0
        while True:
            code, then, otherwise, value = self.instructions[at]
            at += 1
            match code:
                case 0x20:  # load a word
                    accumulator = struct.unpack_from("=I", data, value)[0]
                case 0x54:  # and
                    accumulator &= value
                case 0x05:  # jump
                    at += value
                case 0x15:
                    at += then if accumulator == value else otherwise
                case 0x25:
                    at += then if accumulator > value else otherwise
                case 0x35:
                    at += then if accumulator >= value else otherwise
                case 0x06:
                    return value
                case _:
                    raise AssertionError(f"unknown instruction {code:#x}")


@pytest.fixture(scope="module")
def program():
    return Program(compile_filter())


def is_refused(answer):
    return answer in (ERROR | errno.EPERM, ERROR | errno.ENOSYS)


@pytest.mark.parametrize("name", REFUSED)
def test_refuses(program, name):
    assert is_refused(program.answer(name))


@pytest.mark.parametrize("name", NEEDED)
def test_lets_pass_what_programs_need(program, name):
    assert program.answer(name, 2) == ALLOW


@pytest.mark.parametrize("flag", NAMESPACES)
def test_refuses_each_namespace(program, flag):
    assert is_refused(program.answer("clone", flag | 17))
    assert is_refused(program.answer("clone", flag | 17 | 0xF_0000_0000))
    assert program.answer("clone", 0x3D0F00) == ALLOW  # a thread


def test_opens_four_families_of_sockets_and_no_other(program):
    allowed = [family for family in range(1000) if program.answer("socket", family) == ALLOW]
    assert allowed == [1, 2, 10, 16]


def test_refuses_terminals_and_networks_their_requests(program):
    for request in (0x5412, 0x541C, 0x8912, 0x89FF):
        assert is_refused(program.answer("ioctl", 0, request))
        # Linux takes the lower half alone.
        assert is_refused(program.answer("ioctl", 0, 0x1_0000_0000 | request))
    assert program.answer("ioctl", 0, 0x5401) == ALLOW


def test_never_kills(program):
    answers = {value & ACTION for code, _, _, value in program.instructions if code == 0x06}
    assert answers == {ALLOW, ERROR}
    assert program.answer(20, architecture=0x40000003) == ERROR | errno.ENOSYS
    assert program.answer(0x40000000 | 39) == ERROR | errno.ENOSYS
