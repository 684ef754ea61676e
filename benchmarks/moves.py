"""What one move of a control costs, stage by stage: model, statistics, drawing, encoding."""

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from benchmarks.clock import now

Floats = NDArray[np.float64]

MARKS = 12
"""At how many positions each slider is stopped."""
MODEL_TARGET, PICTURE_TARGET = 0.040, 0.040
"""Seconds at a million requests: for model and statistics, and for drawing and encoding."""


@dataclass
class StopWatch:
    """Adds up the time spent in functions, under the names of stages."""

    clock: Callable[[], float] = now
    spent: dict[str, float] = field(default_factory=dict)

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap a function so that its time counts for a stage."""

        def run(*args: Any, **kwargs: Any) -> Any:
            start = self.clock()
            try:
                return function(*args, **kwargs)
            finally:
                self.spent[stage] = self.spent.get(stage, 0.0) + self.clock() - start

        return run


@dataclass(frozen=True, eq=False)
class Moves:
    """Seconds of each move, in all and by stage; shape (moves,)."""

    whole: Floats
    stages: Mapping[str, Floats]

    def together(self, *names: str) -> Floats:
        """Add stages up, move by move."""
        return np.sum([self.stages[name] for name in names], axis=0)


def time_moves(
    slug: str,
    stages: Mapping[str, Sequence[str]],
    rounds: int,
    clock: Callable[[], float] = now,
) -> Moves:
    """Drive a topic's explorer through a sweep of its controls and time each move.

    Parameters
    ----------
    slug
        The topic.
    stages
        The functions of each stage, as named in the topic's `explorer.py`.
    rounds
        How often the sweep is done. Once more before, untimed.
    """
    from helpers.explorer import Stage

    module = importlib.import_module(f"helpers.{slug}.explorer")
    watch = StopWatch(clock)
    with ExitStack() as patches:
        for stage, names in stages.items():
            for name in names:
                timed = watch.timed(stage, getattr(module, name))
                patches.enter_context(patch.object(module, name, timed))
        for name, method in (("picture", "show"), ("encoding", "_encode")):
            timed = with_self(watch.timed(name, getattr(Stage, method)))
            patches.enter_context(patch.object(Stage, method, timed))
        explorer = module.explore()
        sweep = list(sweep_of(explorer.controls))
        for positions in sweep:
            explorer.positions = positions
        return moves_of([move(explorer, positions, watch) for positions in sweep * rounds])


def with_self(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a wrapped method be bound to its object again."""
    return lambda self, *args: function(self, *args)


def sweep_of(controls: Sequence[Any]) -> Iterator[dict[str, int]]:
    """Move each control through its range while the others stand where they stood at first."""
    start = {control.name: control.start for control in controls}
    for control in controls:
        last = len(control.values) - 1
        for position in np.unique(np.linspace(0, last, MARKS).round().astype(int)):
            if position != control.start:
                yield {**start, control.name: int(position)}


def move(explorer: Any, positions: dict[str, int], watch: StopWatch) -> dict[str, float]:
    """Make one move; give the seconds of its stages and of the whole."""
    watch.spent = {}
    start = watch.clock()
    explorer.positions = positions
    whole = watch.clock() - start
    if explorer.error is not None:
        raise explorer.error
    return {**watch.spent, "whole": whole}


def moves_of(rows: Sequence[Mapping[str, float]]) -> Moves:
    """Put moves side by side; what is left of the picture without encoding is drawing."""
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: np.array([row.get(name, 0.0) for row in rows]) for name in names}
    whole, picture = columns.pop("whole"), columns.pop("picture")
    encoding = columns.pop("encoding")
    stages = {**columns, "drawing": picture - encoding, "encoding": encoding}
    stages["the rest"] = whole - np.sum(list(stages.values()), axis=0)
    return Moves(whole, stages)
