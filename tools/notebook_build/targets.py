"""Which notebook is made from which source."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from tools.notebook_build import BuildError


class Version(Enum):
    """What becomes of a source."""

    NOTEBOOK = "notebook"
    LEARNER = "learner"
    SOLUTION = "solution"


FOLDERS = {
    Version.NOTEBOOK: ("notebooks/source", "notebooks"),
    Version.LEARNER: ("labs/source", "labs"),
    Version.SOLUTION: ("labs/source", "labs/solutions"),
}


@dataclass(frozen=True)
class Target:
    """One notebook to make."""

    root: Path
    version: Version
    name: str

    @property
    def source_name(self) -> str:
        """The source's path from the top of the course, with `/`."""
        return f"{FOLDERS[self.version][0]}/{self.name}.py"

    @property
    def output_name(self) -> str:
        """The notebook's path from the top of the course, with `/`."""
        return f"{FOLDERS[self.version][1]}/{self.name}.ipynb"

    @property
    def source(self) -> Path:
        """What people edit."""
        return self.root / self.source_name

    @property
    def output(self) -> Path:
        """What learners open."""
        return self.root / self.output_name

    @property
    def _names(self) -> set[str]:
        return {self.name, self.name.partition("_")[2], self.source_name, self.output_name}

    def answers_to(self, name: str) -> bool:
        """Tell whether a name typed by a person means this notebook."""
        return name.removeprefix("./").replace("\\", "/") in self._names


def find_targets(root: Path) -> tuple[Target, ...]:
    """Find every notebook that has a source, in the order of the learning path."""
    return tuple(
        Target(root, version, source.stem)
        for version, (folder, _) in FOLDERS.items()
        for source in sorted((root / folder).glob("*.py"))
    )


def choose_targets(targets: tuple[Target, ...], names: list[str]) -> tuple[Target, ...]:
    """Keep the named ones, or all where no name is given.

    Parameters
    ----------
    targets : tuple of Target
        All there are.
    names : list of str
        Topics ("scaling", "02_scaling") or paths of sources or notebooks.

    Raises
    ------
    BuildError
        If a name means none of them.
    """
    for name in names:
        if not any(target.answers_to(name) for target in targets):
            known = ", ".join(sorted({target.name for target in targets})) or "none yet"
            raise BuildError(f"no source is called {name!r}; there are: {known}")
    return tuple(t for t in targets if not names or any(t.answers_to(name) for name in names))


def find_orphans(root: Path, targets: tuple[Target, ...]) -> list[str]:
    """List the notebooks that no source makes."""
    made = {target.output_name for target in targets}
    found = (
        f"{folder}/{path.name}"
        for _, folder in FOLDERS.values()
        for path in sorted((root / folder).glob("*.ipynb"))
    )
    return [name for name in found if name not in made]
