"""Makes .venv with the Python that runs this, and says what to install when that does not work.

Debian and Ubuntu ship Python without what `python -m venv` needs. As root, as in a container, the missing
package is installed; a user is told its name.

This file runs on old Pythons too, so that they get an answer and not a syntax error.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import venv

OLDEST = (3, 11)


def main() -> None:
    """Make the virtual environment, or exit with what is missing."""
    if sys.version_info < OLDEST:
        found = f"{sys.executable} is {sys.version.split()[0]}"
        sys.exit(f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed, {found}: make PYTHON=python3.12")
    if importlib.util.find_spec("ensurepip") is None:
        install(f"python{sys.version_info[0]}.{sys.version_info[1]}-venv")
    venv.create(".venv", with_pip=True, clear=True, symlinks=True)


def install(package: str) -> None:
    """Install a Debian package when we may."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        sys.exit("Python cannot make virtual environments here; first run: sudo apt-get install " + package)
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for words in (["update"], ["install", "--yes", "--no-install-recommends", package]):
        done = subprocess.run(["apt-get", "--quiet", *words], env=environment, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            sys.exit(f"could not install {package}; see the lines above")


if __name__ == "__main__":
    main()
