"""The Python libraries that code can use, by name and version."""

import re
from importlib.metadata import distributions

# What models reach for, in the order worth telling.
_WELL_KNOWN = (
    "pandas numpy scipy matplotlib seaborn openpyxl xlsxwriter xlrd python-docx python-pptx reportlab "
    "fpdf2 pypdf pillow lxml tabulate"
).split()
# Ours, and the tools around it.
_MACHINERY = set(
    "mntdata-runtime jupyter-server jupyter-client ipykernel pyseccomp setuptools wheel pip uv "
    "pytest pytest-timeout ruff".split()
)


def installed_libraries() -> dict[str, str]:
    """Version by distribution name: the well-known ones, then what an administrator added.

    Added is what no other distribution asked for and what is no part of the machinery.
    """
    versions: dict[str, str] = {}
    asked_for: set[str] = set()
    for found in distributions():
        versions[_normal(found.name)] = found.version
        asked_for.update(_name_of(requirement) for requirement in found.requires or ())
    added = sorted(versions.keys() - asked_for - _MACHINERY - set(_WELL_KNOWN))
    return {name: versions[name] for name in [*_WELL_KNOWN, *added] if name in versions}


def _name_of(requirement: str) -> str:
    """The name at the front of a requirement such as `lxml>=3.1; extra == "x"`."""
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    return _normal(match.group()) if match else ""


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
