import re
from pathlib import Path

from mntdata_runtime.libraries import installed_libraries


def test_names_what_code_can_use_and_none_of_the_machinery():
    libraries = installed_libraries()
    assert next(iter(libraries)) == "pandas"
    assert re.fullmatch(r"\d+\.\d+.*", libraries["numpy"])
    assert libraries.keys().isdisjoint({"pip", "jupyter-server", "ipykernel", "mntdata-runtime", "pytest"})


def test_names_every_library_that_is_required_for_users():
    requirements = Path(__file__).parents[2] / "requirements.in"
    _, _, for_users = requirements.read_text().partition("# Libraries for the code")
    names = [line.lower() for line in for_users.splitlines()[1:] if line]
    assert len(names) > 10
    assert installed_libraries().keys() >= set(names)
