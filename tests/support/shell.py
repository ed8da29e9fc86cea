"""Scripts as bash, ShellCheck and shfmt see them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from manifestgen.rendering.environment import Renderer
from manifestgen.rendering.folders import template_folders

Tool = Callable[[str], Path]


def complaints(scripts: Iterable[Path], tool: Tool) -> str:
    """What ShellCheck at its strictest, shfmt and bash itself have against scripts; "" for nothing."""
    files = [str(script) for script in scripts]
    assert files, "no script to check"
    commands = (
        [tool("shellcheck"), "--norc", "--severity=style", "--enable=all", "--shell=bash", *files],
        [tool("shfmt"), "--language-dialect=bash", "-i", "2", "-ci", "-d", *files],
        *(["bash", "-n", file] for file in files),
    )
    return "".join(map(_complaint, commands))


def _complaint(command: Sequence[str | Path]) -> str:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def script(folder: Path, body: str, values: Mapping[str, object] = {}) -> Path:
    """A program of ``body``, a template that may use ``values``, behind the prelude of all our scripts."""
    own = folder / "templates"
    own.mkdir(exist_ok=True)
    (own / "program.sh.j2").write_text(
        "#!/usr/bin/env bash\n#\n# A program.\n\n{% include 'shell/prelude.sh.j2' %}\n\n" + body,
        encoding="utf-8",
    )
    file = folder / "program.sh"
    file.write_text(Renderer(template_folders(own)).render("program.sh.j2", values), encoding="utf-8")
    return file
