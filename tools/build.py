"""Make the notebooks and labs from their sources: `python3 course.py build`."""

import argparse
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

from tools.notebook_build import BuildError
from tools.notebook_build.files import write_atomically
from tools.notebook_build.stamps import is_stale, make_stamp, read_stamps, write_stamps
from tools.notebook_build.targets import Target, choose_targets, find_orphans, find_targets
from tools.readme import check_readme, write_readme

ROOT = Path(__file__).resolve().parents[1]

Job = Callable[[Target, threading.Event], str]


def main(argv: list[str], root: Path = ROOT) -> int:
    """Build what is stale, or with `--check` only compare.

    Parameters
    ----------
    argv : list of str
        What follows `build` on the command line.
    root : Path
        The top of the course.

    Returns
    -------
    int
        0 if all is well; 1 if a cell failed, a notebook was edited by hand, or, with
        `--check`, something differs.
    """
    wish = _read_arguments(argv)
    try:
        targets = choose_targets(find_targets(root), wish.names)
        if wish.check:
            return _check(root, targets, wish)
        return _build(root, targets, wish)
    except BuildError as error:
        print(error)
        return 1


def build_one(target: Target, stop: threading.Event) -> str:
    """Make one notebook and put it in its place, unless somebody wrote in it.

    Returns
    -------
    str
        What was done, in a line.

    Raises
    ------
    BuildError
        If a cell fails or the notebook was edited; the file is then as it was.
    """
    from tools.notebook_build.edits import explain_edits, find_edits
    from tools.notebook_build.links import read_links
    from tools.notebook_build.sources import make_notebook

    start = time.monotonic()
    notebook = make_notebook(target, read_links(target.root))
    edits = find_edits(target.output, notebook.cells) if target.output.exists() else []
    if edits:
        raise BuildError(explain_edits(target, edits))
    write_atomically(target.output, _run(notebook, target, stop))
    return f"{target.output_name}: built in {time.monotonic() - start:.1f} s"


def check_one(target: Target, stop: threading.Event) -> str:
    """Make one notebook in memory and compare it with the one that lies there.

    Raises
    ------
    BuildError
        If they differ; says in which cells and outputs.
    """
    from tools.notebook_build.compare import find_differences
    from tools.notebook_build.links import read_links
    from tools.notebook_build.sources import make_notebook

    if not target.output.exists():
        raise BuildError(f"{target.output_name}: not built yet")
    built = _run(make_notebook(target, read_links(target.root)), target, stop)
    pictures = sys.platform == "linux"
    differences = find_differences(target.output.read_bytes(), built, pictures)
    if differences:
        shown = "\n".join(f"  {line}" for line in differences)
        raise BuildError(f"{target.output_name} is not what its source makes:\n{shown}")
    return f"{target.output_name}: the same{'' if pictures else ', pictures aside'}"


def _run(notebook: object, target: Target, stop: threading.Event) -> bytes:
    from tools.notebook_build.run import run_notebook
    from tools.notebook_build.tidy import tidy_notebook

    run_notebook(notebook, target, stop)
    return tidy_notebook(notebook, target)


def _build(root: Path, targets: tuple[Target, ...], wish: argparse.Namespace) -> int:
    stamps = read_stamps(root)
    stale = [target for target in targets if wish.force or is_stale(target, stamps)]
    failed = 0
    for target, error in _do(build_one, stale, wish.jobs):
        failed += error is not None
        stamp = None if error else make_stamp(target)
        if stamp:
            stamps[target.output_name] = stamp
            write_stamps(root, stamps)
    if write_readme(root):
        print("README.md: links and table of topics brought up to date")
    print(_count(built=len(stale) - failed, up_to_date=len(targets) - len(stale), failed=failed))
    return 1 if failed else 0


def _check(root: Path, targets: tuple[Target, ...], wish: argparse.Namespace) -> int:
    errors = [error for _, error in _do(check_one, list(targets), wish.jobs) if error]
    problems = check_readme(root)
    if not wish.names:
        problems += [f"{name}: no source makes it" for name in find_orphans(root, targets)]
    for problem in problems:
        print(problem)
    print(_count(the_same=len(targets) - len(errors), failed=len(errors)))
    return 1 if errors or problems else 0


def _do(job: Job, targets: list[Target], jobs: int) -> Iterator[tuple[Target, BuildError | None]]:
    """Do the job for every target, a few at a time, saying how each one went."""
    with _threads(jobs) as (pool, stop):
        waiting = {pool.submit(job, target, stop): target for target in targets}
        for done in as_completed(waiting):
            error = done.exception()
            if error is not None and not isinstance(error, BuildError):
                raise error
            print(error or done.result(), flush=True)
            yield waiting[done], error


@contextmanager
def _threads(jobs: int) -> Iterator[tuple[ThreadPoolExecutor, threading.Event]]:
    """Give threads that, when the person at the keyboard has had enough, begin nothing more."""
    stop = threading.Event()
    with ThreadPoolExecutor(jobs) as pool:
        try:
            yield pool, stop
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _count(**counts: int) -> str:
    parts = [f"{n} {what.replace('_', ' ')}" for what, n in counts.items() if n]
    return ", ".join(parts) or "nothing to build"


def _read_arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="course.py build", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="a topic, a source or a notebook")
    parser.add_argument("--check", action="store_true", help="write nothing; fail on a difference")
    parser.add_argument("--force", action="store_true", help="build what is up to date as well")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="how many at a time (2)")
    return parser.parse_args(argv)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
