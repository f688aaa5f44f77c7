"""What must hold of compose.yaml beside its schema."""

import json
from pathlib import Path

import pytest
import yaml

DOCKER = Path(__file__).parent.parent
SERVICES = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))["services"]


class TestCompose:
    def test_opens_for_rooms_what_they_need_in_the_engine_alone(self) -> None:
        opened = {
            name: set(s.get("security_opt", [])) - {"no-new-privileges"} for name, s in SERVICES.items()
        }
        rooms = {"seccomp=seccomp.json", "apparmor=unconfined", "${PROC_OPTION:-systempaths=unconfined}"}
        assert {name: options for name, options in opened.items() if options} == {"engine": rooms}

    @pytest.mark.parametrize("name", ["api", "engine", "secrets"])
    def test_gives_no_program_of_ours_capabilities_or_a_writable_root(self, name: str) -> None:
        assert SERVICES[name]["cap_drop"] == ["ALL"]
        assert "cap_add" not in SERVICES[name]
        assert "privileged" not in SERVICES[name]
        assert SERVICES[name]["read_only"]

    def test_lets_the_engine_reach_nothing_and_only_the_api_reach_it(self) -> None:
        networks = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))["networks"]
        assert SERVICES["engine"]["networks"] == ["engine"]
        assert networks["engine"]["internal"]
        assert [n for n, s in SERVICES.items() if "engine" in s.get("networks", [])] == ["api", "engine"]
        assert "ports" not in SERVICES["engine"]

    def test_keeps_stored_files_and_the_database_from_the_engine(self) -> None:
        volumes = {v.split(":")[0] for v in SERVICES["engine"]["volumes"]}
        assert volumes == {"workspaces", "engine-state", "engine-secrets"}

    def test_the_seccomp_profile_allows_what_rooms_are_built_with_and_not_what_was_a_way_out_before(
        self,
    ) -> None:
        profile = json.loads((DOCKER / "seccomp.json").read_text(encoding="utf-8"))
        assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
        allowed = {name for rule in profile["syscalls"] for name in rule["names"]}
        assert {"clone", "unshare", "setns", "mount", "umount2", "pivot_root", "sethostname"} <= allowed
        dangerous = {"bpf", "io_uring_setup", "keyctl", "kexec_load", "init_module", "ptrace", "userfaultfd"}
        assert not (dangerous | {"perf_event_open", "open_by_handle_at", "move_mount"}) & allowed
