"""Links to the repository and to Binder, from the one place that states them."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tools.notebook_build import BuildError

PLACEHOLDER = re.compile(r"\{\{(repository|binder)(?::([^{}]+))?\}\}")


@dataclass(frozen=True)
class Links:
    """Where the course lives.

    Examples
    --------
    >>> links = Links("https://code.example/course", "https://binder.example/course/main")
    >>> links.fill("[try it]({{binder:notebooks/02_scaling.ipynb}})")
    '[try it](https://binder.example/course/main?labpath=notebooks%2F02_scaling.ipynb)'
    """

    repository: str
    binder: str

    def to_binder(self, path: str) -> str:
        """Give the link that opens a file of the course on Binder."""
        return f"{self.binder}?labpath={quote(path, safe='')}"

    def fill(self, text: str) -> str:
        """Put the links in the place of `{{repository}}`, `{{binder}}`, `{{binder:PATH}}`."""
        return PLACEHOLDER.sub(self._link, text)

    def _link(self, match: re.Match[str]) -> str:
        name, path = match.groups()
        if name == "repository":
            return f"{self.repository}/{path}" if path else self.repository
        return self.to_binder(path) if path else self.binder


def read_links(root: Path) -> Links:
    """Read the links from `[project.urls]` in pyproject.toml.

    Raises
    ------
    BuildError
        If one of them is not there.
    """
    urls = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    try:
        return Links(*(urls["urls"][name].rstrip("/") for name in ("Repository", "Binder")))
    except KeyError as missing:
        raise BuildError(f"pyproject.toml: [project.urls] lacks {missing}") from None
