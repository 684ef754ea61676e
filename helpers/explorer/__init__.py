"""Controls that drive a model and a picture of what comes out: turn one, watch the trade-off move.

An explorer is a stage play. `draw` builds the stage once: axes, ticks, labels, all
that stands still. `update` moves the actors, and only they are drawn again, onto a
copy of the empty stage. The browser holds the controls and a picture of the stage;
it sends positions ("the arrival rate stands at its 60th mark") and is sent pictures.
The same values give the same bytes, whatever came before.

Every explorer says in words what it shows, is driven by keyboard alone, and gives its
state as a line of Python. A notebook keeps the last picture and its words, for people
who read without a kernel.
"""

from helpers.explorer.controls import Choice, Control, Slider, Switch
from helpers.explorer.stage import Stage, Update
from helpers.explorer.widget import Explorer, every_corner

__all__ = ["Choice", "Control", "Explorer", "Slider", "Stage", "Switch", "Update", "every_corner"]
