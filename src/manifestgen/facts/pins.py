"""What generated pipelines take from elsewhere, each pinned to its bytes.

Tags can be moved, and have been: in March 2025 those of tj-actions/changed-files, in March 2026 those of
aquasecurity/trivy-action and setup-trivy. So actions are named by their commit, and there are few: those of
GitHub, and the one of AWS. Programs are archives of their makers' releases with the SHA-256 published there.

Each hash was found in several public repositories that have nothing to do with each other, beside the
version that stands here: for the actions, in workflows with that comment; for the archives, in scripts and
Dockerfiles that check it. To update one, take the commit that `git ls-remote --tags` says, or the sum in the
release's list of checksums.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Action(NamedTuple):
    """An action of GitHub by its commit; the version is for people."""

    name: str
    commit: str
    version: str

    @property
    def reference(self) -> str:
        """What stands behind ``uses:``, with the version as a comment."""
        return f"{self.name}@{self.commit} # {self.version}"


ACTIONS: Final[Mapping[str, Action]] = {
    "checkout": Action("actions/checkout", "de0fac2e4500dabe0009e67214ff5f5447ce83dd", "v6.0.2"),
    "aws": Action(
        "aws-actions/configure-aws-credentials", "8df5847569e6427dd6c4fb1cf565c83acfa8afa7", "v6.0.0"
    ),
    "upload": Action("actions/upload-artifact", "043fb46d1a93c77aae656e7c1c64a875d1fc6a0a", "v7.0.1"),
}
"""By what the templates call them."""


class Archive(NamedTuple):
    """A release for one kind of machine."""

    file: str
    sha256: str
    member: str
    """Where the program lies in the archive."""


class Program(NamedTuple):
    """A program that runners do not bring along."""

    name: str
    version: str
    release: str
    """Address of the release, to which the name of the archive is added."""
    archives: Mapping[str, Archive]
    """By what `uname -m` calls the machine."""


PROGRAMS: Final[Mapping[str, Program]] = {
    "crane": Program(
        "crane",
        "0.22.1",
        "https://github.com/google/go-containerregistry/releases/download/v0.22.1",
        {
            "x86_64": Archive(
                "go-containerregistry_Linux_x86_64.tar.gz",
                "0ab7a1d6932a213aed964ce97666c3077fe691c8606413674a8b3e0b9ec4cda0",
                "crane",
            ),
            "aarch64": Archive(
                "go-containerregistry_Linux_arm64.tar.gz",
                "898c0cff975f898a33e8c4580bdafb0e7c02c7faa33374e946762f97c4ab7110",
                "crane",
            ),
        },
    ),
    "trivy": Program(
        "trivy",
        "0.70.0",
        "https://github.com/aquasecurity/trivy/releases/download/v0.70.0",
        {
            "x86_64": Archive(
                "trivy_0.70.0_Linux-64bit.tar.gz",
                "8b4376d5d6befe5c24d503f10ff136d9e0c49f9127a4279fd110b727929a5aa9",
                "trivy",
            ),
            "aarch64": Archive(
                "trivy_0.70.0_Linux-ARM64.tar.gz",
                "2f6bb988b553a1bbac6bdd1ce890f5e412439564e17522b88a4541b4f364fc8d",
                "trivy",
            ),
        },
    ),
    "k6": Program(
        "k6",
        "1.3.0",
        "https://github.com/grafana/k6/releases/download/v1.3.0",
        {
            "x86_64": Archive(
                "k6-v1.3.0-linux-amd64.tar.gz",
                "84d26fc1f7bc03e02f2e016b3b1b20c032e05dfe461fca82de4e3a6ebe72ddbd",
                "k6-v1.3.0-linux-amd64/k6",
            ),
        },
    ),
}
"""By name."""
