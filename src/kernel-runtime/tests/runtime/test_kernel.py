"""What code finds in a kernel."""

import time
from pathlib import Path

import pytest

from mntdata_runtime.rooms.environment import room_environment


def test_runs_code_in_its_workspace(kernel):
    assert kernel.value("__import__('os').getcwd()") == "/mnt/data"
    kernel.run("open('out.txt', 'w').write('hello')")
    assert (kernel.workspace / "out.txt").read_text() == "hello"
    (kernel.workspace / "in.txt").write_text("from outside")
    (kernel.workspace / "in.txt").chmod(0o644)
    assert kernel.value("open('in.txt').read()") == "from outside"


def test_keeps_state_between_runs(kernel):
    kernel.run("x = 20")
    assert kernel.run("x + 1").value == "21"


def test_prints_nul_and_lone_surrogates(kernel):
    result = kernel.run(r"print('a\0b\ud800')")
    assert (result.stdout, result.error) == ("a\0b\ud800\n", None)


def test_survives_values_that_json_does_not_have(kernel):
    result = kernel.run("from IPython.display import display, JSON; display(JSON({'x': float('nan')})); 7")
    assert result.value == "7"


@pytest.mark.parametrize("question", ["input()", "input('name? ')", "import getpass; getpass.getpass()"])
def test_fails_at_once_when_asked_for_input(kernel, question):
    began = time.monotonic()
    result = kernel.run(question)
    assert result.error[0] == "EOFError"
    assert "unattended" in result.error[1]
    assert time.monotonic() - began < 5


def test_reads_an_empty_standard_input(kernel):
    assert kernel.value("__import__('sys').stdin.read()") == ""


@pytest.mark.parametrize(
    "command",
    [
        "!pip install x",
        "%pip install x",
        "!python -m pip install x",
        "!pip3 download x",
        "!uv add x",
        "%conda install x",
    ],
)
def test_answers_an_installation_in_one_line(kernel, command):
    lines = kernel.run(command).stdout.strip().splitlines()
    assert len(lines) == 1
    for part in ("no network", "pandas 3", "EXTRA_REQUIREMENTS"):
        assert part in lines[0]


def test_lets_pip_list_what_is_installed(kernel):
    assert "pandas" in kernel.run("!pip list").stdout


def test_shows_plots_inline(kernel):
    result = kernel.run("import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()")
    assert [sorted(data) for data in result.displays] == [["image/png", "text/plain"]]


def test_works_with_tables(kernel):
    result = kernel.run(
        "import pandas as pd\n"
        "pd.DataFrame({'a': [1, 2]}).to_excel('t.xlsx', index=False)\n"
        "int(pd.read_excel('t.xlsx').a.sum())"
    )
    assert result.value == "3"


def test_imports_modules_of_the_workspace(kernel):
    kernel.run("open('mine.py', 'w').write('answer = 42')")
    assert kernel.run("import mine; mine.answer").value == "42"


def test_writes_no_caches_into_the_workspace(kernel):
    kernel.run("open('mine.py', 'w').write('answer = 42')")
    kernel.run("import mine, matplotlib.pyplot, pandas")
    assert [path.name for path in kernel.workspace.iterdir()] == ["mine.py"]


def test_has_an_ordinary_environment(kernel):
    assert kernel.value("__import__('os').path.expanduser('~')") == "/home/user"
    assert kernel.value("__import__('getpass').getuser()") == "user"
    assert kernel.value("__import__('pwd').getpwuid(__import__('os').getuid()).pw_name") == "user"
    assert kernel.value("oct(__import__('os').umask(0o22))") == "0o22"
    assert kernel.value("__import__('os').environ['OPENBLAS_NUM_THREADS']") == "1"
    assert kernel.value("__import__('locale').getpreferredencoding()").lower() == "utf-8"
    assert kernel.value("__import__('socket').gethostname()") == "mntdata"


def test_has_no_more_of_an_environment_than_that(kernel):
    """The parent it is forked from has some of its own."""
    environment = kernel.value("dict(__import__('os').environ)")
    of_ipython = {"CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "GIT_PAGER", "PAGER", "PYDEVD_USE_FRAME_EVAL"}
    assert environment["MPLCONFIGDIR"] == room_environment()["MPLCONFIGDIR"]
    assert environment.keys() - room_environment().keys() <= of_ipython


def test_keeps_no_history_on_disk(kernel):
    kernel.run("1")
    assert kernel.run("!find /home /tmp /mnt/data -name '*.sqlite*'").stdout == ""


def test_runs_processes_of_its_own(kernel):
    assert kernel.run("!echo hello").stdout.strip() == "hello"
    result = kernel.run("import multiprocessing as m\nwith m.Pool(2) as p: print(p.map(abs, [-1, 2]))")
    assert result.stdout == "[1, 2]\n"


# What a shell learns of its process when it is made.
PLACE = """
import os, sys
from pathlib import Path

def place():
    shell = get_ipython()
    return {
        "directories": [*map(str, _dh), shell.starting_dir, shell.home_dir],
        "places of IPython": [shell.ipython_dir, shell.profile_dir.location, *os.listdir(shell.ipython_dir)],
        "environment": [os.environ[name] for name in ("TERM", "PAGER", "GIT_PAGER", "FORCE_COLOR")],
        "main": sys.modules["__main__"].__dict__ is shell.user_ns and get_ipython.__self__ is shell,
        "kernel": [shell.kernel is shell.parent, shell.kernel.shell is shell, shell.log is shell.kernel.log],
        "history": [shell.history_manager.enabled, str(shell.history_manager.hist_file)],
        "magics": {kind: sorted(magics) for kind, magics in shell.magics_manager.magics.items()},
        "who": shell.run_line_magic("who_ls", ""),
    }
"""


def test_a_shell_made_in_the_parent_knows_its_place_like_one_made_there(new_engine):
    engine = new_engine()
    cold = engine.kernel()
    engine.wait_for_parent()
    forked = engine.kernel()
    assert [cold.forked(), forked.forked()] == [False, True]
    of_cold, of_forked = (kernel.run(PLACE) and kernel.value("place()") for kernel in (cold, forked))
    assert of_forked == of_cold
    assert of_forked["directories"] == ["/mnt/data", "/mnt/data", "/home/user"]
    assert of_forked["who"] == ["Path", "os", "place", "sys"]


def test_classes_of_the_code_can_be_pickled(kernel):
    """For which they are looked up in the main module, and that is the parent's own before the fork."""
    kernel.run("import pickle\nclass Point: pass")
    assert kernel.value("type(pickle.loads(pickle.dumps(Point()))) is Point")


def test_the_parent_makes_no_directories_for_ipython(new_engine):
    """The home directory of rooms is somebody else's outside of them, or nobody's."""

    def directories():
        return sorted(Path("/home").glob("user/.ipython*")), sorted(Path("/tmp").glob("*/profile_*"))

    before = directories()
    new_engine().wait_for_parent()
    assert directories() == before


def test_siblings_share_no_secrets_of_the_fork(engine, kernel):
    other = engine.kernel()
    try:
        for expression in (
            "__import__('random').random()",
            "__import__('numpy').random.random()",
            "bytes(__import__('multiprocessing').current_process().authkey)",
            "__import__('tempfile').mktemp()",
        ):
            assert kernel.value(expression) != other.value(expression), expression
    finally:
        other.delete()


def test_leaves_loaded_modules_alone_when_it_starts(kernel):
    """Looking at each would copy the memory that it shares with its siblings."""
    assert kernel.value("get_ipython().kernel._kernel_modules") == []


def test_sleeps_while_nobody_asks_anything(kernel):
    """A hundred idle ones would take a part of the machine that wakes up a few times a second."""
    tasks = Path(f"/proc/{kernel.process()}/task")

    def wakes():
        statuses = (status.read_text() for status in tasks.glob("*/status"))
        lines = (line for status in statuses for line in status.splitlines())
        return sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches"))

    before = wakes()
    time.sleep(2)  # what is measured is this time
    assert wakes() - before < 6
