"""Predict, check and compare: what a learner answers, and what the course answers back.

- `predict` and `reveal`: commit to an interval before the run, and see whether it held;
  `calibration` scores them all.
- `quiz`: a question with options that explain themselves.
- `check`: a lab's question, answered by the learner's own function, in a process of its
  own; `TODO` is what a stub returns.
- `agreement`: simulation, formula and published figure in one table, or an error.
- `progress`: what has been done so far, kept in one small file on the learner's machine.
"""

from helpers.checks.agreement import Agreement, Row, agreement
from helpers.checks.calibration import Calibration, calibration
from helpers.checks.judging import Mistake
from helpers.checks.labs import Case, Check, check, examine
from helpers.checks.predictions import predict, reveal
from helpers.checks.progress import Progress, progress, record
from helpers.checks.quizzes import Option, Question, quiz
from helpers.checks.todo import TODO, UnfinishedError
from helpers.checks.verdicts import Verdict

__all__ = [
    "TODO",
    "Agreement",
    "Calibration",
    "Case",
    "Check",
    "Mistake",
    "Option",
    "Progress",
    "Question",
    "Row",
    "UnfinishedError",
    "Verdict",
    "agreement",
    "calibration",
    "check",
    "examine",
    "predict",
    "progress",
    "quiz",
    "record",
    "reveal",
]
