"""The manifests beside, and the pod of a kernel as Enterprise Gateway's launcher makes it of our template."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
import yaml

KUBERNETES = Path(__file__).parent.parent / "kubernetes"
_TEMPLATE = "kernel-pod.yaml.j2"
Manifest = dict[str, Any]


def manifests() -> Iterator[tuple[str, Manifest]]:
    """Each object of each file that kustomize takes, with the name of the file."""
    for name in customization()["resources"]:
        for manifest in yaml.safe_load_all((KUBERNETES / name).read_text(encoding="utf-8")):
            yield name, manifest


def customization() -> Manifest:
    """What `kubectl apply --kustomize` reads."""
    return yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text(encoding="utf-8"))


def the(kind: str, name: str, namespace: str = "mntdata") -> Manifest:
    """The one manifest of this kind and name."""
    [found] = [
        manifest
        for _, manifest in manifests()
        if manifest["kind"] == kind
        and manifest["metadata"]["name"] == name
        and manifest["metadata"].get("namespace") == namespace
    ]
    return found


def kernel_environment(workspace: str) -> dict[str, str]:
    """The variables that the service sends with the settings of the manifests, see KERNEL_ENV."""
    configured = json.loads(the("ConfigMap", "settings")["data"]["KERNEL_ENV"])
    return {name: value.replace("{workspace}", workspace) for name, value in configured.items()}


def rendered(variables: dict[str, str]) -> Manifest:
    """The kernel's pod.

    As `launch_kubernetes.py` of Enterprise Gateway 3.3 does it: every variable whose name begins with
    KERNEL_ is read as YAML and given to the template under its name in lower case.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(KUBERNETES), trim_blocks=True, lstrip_blocks=True
    )
    told = {
        name.lower(): yaml.safe_load(value) for name, value in variables.items() if name.startswith("KERNEL_")
    }
    return yaml.safe_load(environment.get_template(_TEMPLATE).render(**told))
