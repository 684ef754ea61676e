"""C compiled on the spot, so that a peer in C is at its best on the machine it runs on."""

import ctypes
import os
import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

from benchmarks.paired import AbsentError

FOLDER = Path(__file__).parent
COMPILERS = ("gcc", "clang")
OPTIONS = ("-O3", "-march=native", "-ffp-contract=off", "-std=gnu11", "-shared", "-fPIC")
"""No fast-math, and no multiplication fused with an addition: the same bits as Python's."""


@lru_cache(maxsize=64)
def build(source: str, compiler: str, *definitions: str) -> ctypes.CDLL:
    """Compile a file of this folder in a temporary one, and load what comes out.

    Parameters
    ----------
    source
        The file's name.
    compiler
        The program's name.
    definitions
        Such as "SERVERS=8".

    Raises
    ------
    AbsentError
        When the compiler is not there or cannot do it.
    """
    program = find(compiler)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        library = Path(folder) / "peer.so"
        defined = [f"-D{definition}" for definition in definitions]
        command = [program, *OPTIONS, *defined, str(FOLDER / source), "-o", str(library), "-lm"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["it said nothing"])[0]
            raise AbsentError(f"{compiler} could not compile {source}: {reason}")
        return ctypes.CDLL(str(library))


def find(compiler: str) -> str:
    """Give the compiler's path, or say why there is none to use."""
    if os.name == "nt":
        raise AbsentError("C is left out on Windows, where its logarithms round otherwise")
    program = shutil.which(compiler)
    if program is None:
        raise AbsentError(f"no {compiler} here, so C is without it")
    return program


def versions() -> list[str]:
    """Give a line for each compiler that is there."""
    lines = []
    for compiler in COMPILERS:
        if program := shutil.which(compiler):
            said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
            lines.append(f"{compiler} {version_in(said)}")
    return lines


def version_in(text: str) -> str:
    """Find the version in what a compiler says of itself.

    Examples
    --------
    >>> version_in("gcc (Debian 12.2.0-14) 12.2.0")
    '12.2.0'
    >>> version_in("clang version 21.1.0 (somewhere)")
    '21.1.0'
    """
    first = text.splitlines()[0] if text else ""
    words = first.partition("version ")[2].split() or first.split()[-1:]
    return words[0] if words else "?"
