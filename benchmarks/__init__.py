"""How fast the course is, side by side with its peers in one run: `python3 course.py bench`.

A topic's contenders are in the file of its name, `benchmarks/<topic>.py`, which exposes

- `SCENARIOS`: jobs, each with what it shall be a multiple of (`paired.Scenario`);
- `CONTENDERS`: who does them, ours and the peers (`paired.Contender`);
- `TIMED`: what exactly the clock sees, a sentence for each scope;
- `STAGES`, where the topic has an explorer: the functions, as named in the topic's
  `explorer.py`, whose time is told apart in one move of a control;
- `PACKAGES`, where peers are installed: their names, so that their versions can be told.

All else is found by looking: no list of topics is kept here.
"""
