import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from engine import Engine
from identity import AS_ROOT, needed


@pytest.fixture(scope="session", params=["root", "user"])
def as_root(request):
    """As whom the engine runs."""
    needed(shutil.which("bwrap"), "bubblewrap is not installed")
    if request.param == "root":
        needed(AS_ROOT, "only root can try what root does")
    elif AS_ROOT:
        needed(shutil.which("setpriv") and shutil.which("unshare"), "util-linux is not installed")
    return request.param == "root"


@pytest.fixture(scope="session")
def engine(as_root):
    """One engine for all tests that leave it as they found it."""
    engine = Engine(as_root)
    engine.wait_for_parent()
    yield engine
    engine.remove()


@pytest.fixture
def kernel(engine):
    """A kernel of its own for the test."""
    kernel = engine.kernel()
    yield kernel
    kernel.delete()


@pytest.fixture
def new_engine(as_root):
    """Makes engines that the test may break; `new_engine(**settings)`."""
    engines = []

    def make(**options):
        engines.append(Engine(as_root, **options))
        return engines[-1]

    yield make
    for engine in engines:
        engine.remove()
