#!/usr/bin/env python3
"""The course's one door: `python3 course.py COMMAND`; on Windows `py course.py COMMAND`.

The first run makes the environment `.venv` from requirements.lock, each file checked against its
hash; a stamp in it says which lock and which Python it was made from. Every command then runs in
that environment, in tools/commands.py. This file needs the standard library only, in syntax that
a Python too old for the course can still parse, so that it can say so.
"""

import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

OLDEST, NEWEST = (3, 11), (3, 13)
ROOT = Path(__file__).resolve().parent
COMMANDS = {
    "lab": "open the course in JupyterLab; options of jupyter lab may follow",
    "test": "run lint and every test; options of pytest may follow, and pick: test -k caching",
    "build": "make the notebooks and labs from their sources; --check only compares",
    "lint": "run ruff and mypy over everything; --fix mends what can be mended",
    "bench": "run the benchmarks",
    "topic": "lay the empty rooms of a new topic: topic 04_caching",
    "lock": "remake requirements.lock from pyproject.toml; --upgrade takes the newest versions",
    "help": "show these lines",
}

if not OLDEST <= sys.version_info[:2] <= NEWEST:
    NAMES = [name for name in ("python3.13", "python3.12", "python3.11") if shutil.which(name)]
    sys.exit(
        f"The course needs Python 3.11, 3.12 or 3.13; this is {sys.version.split()[0]}. "
        + (f"Try: {NAMES[0]} course.py lab" if NAMES else "See https://www.python.org/downloads/")
    )


def environment_python(venv: Path) -> Path:
    """Where the environment's own Python is, once it is made."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def wanted_stamp(lock: Path) -> str:
    """What the stamp of an up-to-date environment says: this Python, this lock."""
    version = ".".join(map(str, sys.version_info[:2]))
    return f"python {version}\nlock {hashlib.sha256(lock.read_bytes()).hexdigest()}\n"


def found_stamp(venv: Path) -> str:
    """What the environment's stamp says; nothing where the environment was left half made."""
    stamp = venv / "course.stamp"
    return stamp.read_text() if stamp.exists() and environment_python(venv).exists() else ""


def split_lock(lock: Path, name: str) -> "tuple[str, str]":
    """The lock's lines about one package, and all the others."""
    about: list[str] = []
    others: list[str] = []
    target = others
    for line in lock.read_text(encoding="utf-8").splitlines(keepends=True):
        if not line.startswith((" ", "#")):
            target = about if line.startswith(f"{name}==") else others
        target.append(line)
    return "".join(about), "".join(others)


def install(venv: Path, lock: Path) -> None:
    """Bring the environment to what the lock says: with uv, or with pip where that cannot be."""
    python, part = str(environment_python(venv)), venv / "part.lock"
    env = dict(os.environ, PIP_USER="0", PIP_DISABLE_PIP_VERSION_CHECK="1")
    quiet = [] if sys.stderr.isatty() else ["--quiet"]
    pip = [python, "-I", "-m", "pip", "install", "--require-hashes", "--retries=1", "-r", str(part)]
    uv = [python, "-I", "-m", "uv", "pip", "sync", "--require-hashes", "--python", python]
    only_uv, all_but_uv = split_lock(lock, "uv")
    part.write_text(only_uv, encoding="utf-8")
    if subprocess.call([*pip, "--no-deps", "--quiet"], env=env) or subprocess.call(
        [*uv, *quiet, str(lock)], env=env
    ):
        print("uv cannot be had or cannot do it: pip takes over, slower.", flush=True)
        part.write_text(all_but_uv, encoding="utf-8")
        subprocess.run([*pip, *quiet], env=env, check=True)


def link(venv: Path) -> None:
    """Let `import helpers` work in every folder, by a path relative to the installed packages:
    the course may be moved, and its path may hold spaces and any letters."""
    for packages in [*venv.glob("lib/python*/site-packages"), *venv.glob("Lib/site-packages")]:
        above = os.path.relpath(venv.parent, packages)
        (packages / "architecture_course.pth").write_text(above + "\n", encoding="ascii")


def prepare(venv: Path, lock: Path) -> None:
    """Make the environment, or bring it up to date; do nothing when its stamp is right."""
    wanted, found = wanted_stamp(lock), found_stamp(venv)
    if found == wanted:
        return
    if importlib.util.find_spec("ensurepip") is None:
        package = "python{}.{}-venv".format(*sys.version_info)
        sys.exit(f"This Python lacks ensurepip. On Debian or Ubuntu: sudo apt install {package}")
    print("Setting up .venv from requirements.lock, once ...", flush=True)
    try:
        if found.split("\n")[0] != wanted.split("\n")[0]:  # half made, or made by another Python
            if venv.exists():
                shutil.rmtree(venv)
            base = getattr(sys, "_base_executable", sys.executable)  # never .venv's own
            subprocess.run([base, "-m", "venv", str(venv)], check=True)
        install(venv, lock)
        link(venv)
        (venv / "course.stamp").write_text(wanted)
    except (OSError, subprocess.CalledProcessError) as error:
        why = error if isinstance(error, OSError) else "something could not be fetched or installed"
        sys.exit(
            f"The set-up stopped: {why}; see above. If the network is missing, run the same command"
            " again when it is back: it goes on with what was fetched so far."
        )


def surroundings(venv: Path) -> "dict[str, str]":
    """The variables that every command runs with: this environment first, UTF-8 everywhere, and
    Matplotlib's caches inside the course's folder."""
    programs = str(environment_python(venv).parent)
    return dict(
        os.environ,
        VIRTUAL_ENV=str(venv),
        PATH=programs + os.pathsep + os.environ.get("PATH", ""),
        PYTHONUTF8="1",
        JUPYTER_PREFER_ENV_PATH="1",
        MPLCONFIGDIR=str(venv / "matplotlib"),
    )


def main(arguments: "list[str]") -> int:
    """Set up if need be, then run one command in the environment."""
    command = arguments[0] if arguments else "help"
    if command not in COMMANDS or command == "help":
        print("python3 course.py COMMAND\n")
        print("\n".join(f"  {name:6} {what}" for name, what in COMMANDS.items()))
        return 0 if command in ("help", "-h", "--help") else 2
    venv = ROOT / ".venv"
    prepare(venv, ROOT / "requirements.lock")
    os.chdir(ROOT)
    line = [str(environment_python(venv)), "-m", "tools.commands", *arguments]
    if os.name == "posix":
        os.execve(line[0], line, surroundings(venv))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the command's to answer
    return subprocess.call(line, env=surroundings(venv))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
