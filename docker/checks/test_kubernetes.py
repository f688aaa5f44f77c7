"""What must hold of the manifests, and of the pod in which foreign code runs."""

import jinja2
import kubernetes_validate
import pytest

from kubernetes_files import KUBERNETES, customization, kernel_environment, manifests, rendered, the

# From the oldest that is still looked after to the newest.
VERSIONS = ("1.33", "1.37")
WORKSPACE = "0123456789abcdef0123456789abcdef"


def told(**more: str) -> dict[str, str]:
    """What the launcher finds in its environment: of the service's saying, and of the gateway's own."""
    identity = {"KERNEL_ID": "6c1b0a5e-0f4e-4a5d-8a3e-1f9d4f6c2b11", "KERNEL_POD_NAME": "mntdata-6c1b0a5e"}
    return {**kernel_environment(WORKSPACE), **identity, **more}


class TestManifests:
    @pytest.mark.parametrize("version", VERSIONS)
    def test_hold_the_schemas_of_kubernetes(self, version: str) -> None:
        for _, manifest in [*manifests(), ("", rendered(told()))]:
            kubernetes_validate.validate(manifest, version, strict=True)

    def test_are_all_applied(self) -> None:
        files = {path.name for path in KUBERNETES.glob("*.yaml")} - {"kustomization.yaml"}
        assert set(customization()["resources"]) == files

    def test_name_only_what_is_there(self) -> None:
        """Claims and service accounts that pods use; secrets are made by hand."""
        claims = {
            (m["metadata"]["namespace"], m["metadata"]["name"])
            for _, m in manifests()
            if m["kind"] == "PersistentVolumeClaim"
        }
        accounts = {
            (m["metadata"]["namespace"], m["metadata"]["name"])
            for _, m in manifests()
            if m["kind"] == "ServiceAccount"
        }
        for namespace, pod in pods():
            for volume in pod["volumes"]:
                if claim := volume.get("persistentVolumeClaim"):
                    assert (namespace, claim["claimName"]) in claims
            if account := pod.get("serviceAccountName"):
                assert (namespace, account) in accounts

    def test_give_no_pod_more_than_it_needs(self) -> None:
        for _, pod in pods():
            assert pod["securityContext"]["runAsNonRoot"]
            assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
            for container in pod["containers"]:
                context = container["securityContext"]
                assert not context["allowPrivilegeEscalation"]
                assert context["readOnlyRootFilesystem"]
                assert context["capabilities"] == {"drop": ["ALL"]}
                assert "memory" in container["resources"]["limits"]

    def test_let_the_gateway_make_pods_of_kernels_and_nothing_else(self) -> None:
        roles = [m for _, m in manifests() if m["kind"] in ("Role", "ClusterRole")]
        assert [(r["kind"], r["metadata"]["namespace"]) for r in roles] == [("Role", "mntdata-kernels")]
        assert [rule["resources"] for rule in roles[0]["rules"]] == [["pods"]]


class TestKernelPod:
    def test_sees_its_workspace_and_no_other(self) -> None:
        pod = rendered(told())
        mounts = {m["mountPath"]: m for m in pod["spec"]["containers"][0]["volumeMounts"]}
        assert mounts["/mnt/data"] == {"name": "workspaces", "mountPath": "/mnt/data", "subPath": WORKSPACE}
        volumes = {v["name"]: v for v in pod["spec"]["volumes"]}
        shared = [name for name, volume in volumes.items() if "emptyDir" not in volume]
        assert shared == ["workspaces"]
        assert [path for path, m in mounts.items() if m["name"] in shared] == ["/mnt/data"]

    @pytest.mark.parametrize("name", ["", ".", "..", "a/b", "~", "123", "[a]", '"a\\nb"'])
    def test_is_not_made_with_what_names_no_workspace(self, name: str) -> None:
        with pytest.raises((jinja2.UndefinedError, TypeError)):
            rendered(told(KERNEL_WORKSPACE=name))

    def test_is_not_made_without_a_workspace(self) -> None:
        without = told()
        del without["KERNEL_WORKSPACE"]
        with pytest.raises(jinja2.UndefinedError):
            rendered(without)

    def test_of_a_name_that_reads_as_a_number_is_made(self) -> None:
        pod = rendered({**told(), **kernel_environment("0" * 32)})
        assert pod["spec"]["containers"][0]["volumeMounts"][0]["subPath"] == "0" * 32

    def test_takes_nothing_else_from_whoever_has_the_gateways_token(self) -> None:
        wishes = {
            "KERNEL_IMAGE": "evil",
            "KERNEL_NAMESPACE": "kube-system",
            "KERNEL_SERVICE_ACCOUNT_NAME": "gateway",
            "KERNEL_UID": "0",
            "KERNEL_GID": "0",
            "KERNEL_WORKING_DIR": "/",
            "KERNEL_VOLUMES": '[{"name": "host", "hostPath": {"path": "/"}}]',
            "KERNEL_VOLUME_MOUNTS": '[{"name": "host", "mountPath": "/host"}]',
            "KERNEL_MEMORY_LIMIT": "1Ti",
        }
        assert rendered(told(**wishes)) == rendered(told())

    def test_cannot_be_extended_by_its_own_name(self) -> None:
        pod = rendered(told(KERNEL_POD_NAME='"x\\"\\nspec: {hostNetwork: true}"'))
        assert "hostNetwork" not in pod["spec"]
        assert pod["spec"] == rendered(told())["spec"]

    def test_is_found_by_the_gateway_and_holds_no_token(self) -> None:
        pod = rendered(told())
        assert pod["metadata"]["labels"] == {"kernel_id": told()["KERNEL_ID"], "component": "kernel"}
        assert pod["metadata"]["namespace"] == told()["KERNEL_NAMESPACE"]
        assert not pod["spec"]["automountServiceAccountToken"]
        assert not pod["spec"]["enableServiceLinks"]

    def test_has_the_uid_that_owns_the_workspace(self) -> None:
        ids = ("runAsUser", "runAsGroup")
        api = the("Deployment", "api")["spec"]["template"]["spec"]["securityContext"]
        kernel = rendered(told())["spec"]["securityContext"]
        assert [kernel[i] for i in ids] == [api[i] for i in ids]

    def test_reaches_the_gateway_and_nothing_else(self) -> None:
        policy = the("NetworkPolicy", "kernels", "mntdata-kernels")["spec"]
        assert policy["podSelector"] == {}
        assert policy["policyTypes"] == ["Ingress", "Egress"]
        gateway = {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "mntdata"}},
            "podSelector": {"matchLabels": {"app": "gateway"}},
        }
        assert policy["egress"] == [{"to": [gateway], "ports": [{"port": 8877}]}]
        assert policy["ingress"] == [{"from": [gateway]}]


def pods() -> list[tuple[str, dict]]:
    """Every pod, with its namespace, the kernel's among them."""
    made = [
        (m["metadata"]["namespace"], m["spec"]["template"]["spec"])
        for _, m in manifests()
        if m["kind"] in ("Deployment", "StatefulSet")
    ]
    return [*made, ("mntdata-kernels", rendered(told())["spec"])]
