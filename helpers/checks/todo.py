"""The blank that a lab's stub returns until its body is written.

A blank in a form: whatever is worked out from a blank is blank too, and nobody may
decide anything on it. So an unfinished lab runs to its end, and no half-finished
number is ever taken for an answer.
"""

from typing import Any


class UnfinishedError(TypeError, AttributeError):
    """An unfinished answer was needed as a value."""


class Todo:
    """The type of `TODO`, of which there is one.

    Arithmetic, order, indexing and NumPy's functions on it give `TODO` again, as
    NaN does. A truth value, a float, a length, a loop or an attribute cannot be had
    from it: those raise `UnfinishedError`. Ask with ``answer is TODO``.

    Examples
    --------
    >>> 2 * TODO + 1
    TODO
    >>> bool(TODO < 3)
    Traceback (most recent call last):
    helpers.checks.todo.UnfinishedError: this is still TODO: write the function's body first
    """

    __slots__ = ()

    def _stay(self, *_: Any, **__: Any) -> "Todo":
        return self

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise UnfinishedError("this is still TODO: write the function's body first")

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _stay
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = _stay
    __mod__ = __rmod__ = __divmod__ = __rdivmod__ = __pow__ = __rpow__ = _stay
    __matmul__ = __rmatmul__ = __and__ = __rand__ = __or__ = __ror__ = _stay
    __xor__ = __rxor__ = __lshift__ = __rlshift__ = __rshift__ = __rrshift__ = _stay
    __neg__ = __pos__ = __abs__ = __invert__ = __round__ = _stay
    __lt__ = __le__ = __gt__ = __ge__ = _stay
    __eq__ = __ne__ = _stay  # type: ignore[assignment]
    __getitem__ = __call__ = __array_ufunc__ = __array_function__ = _stay

    __bool__ = __float__ = __int__ = __index__ = __complex__ = _refuse
    __len__ = __iter__ = __contains__ = __setitem__ = __array__ = _refuse
    __hash__ = object.__hash__

    def __getattr__(self, name: str) -> Any:
        return self._refuse(name)

    def __repr__(self) -> str:
        return "TODO"

    def __format__(self, specification: str) -> str:
        return "TODO"

    def __reduce__(self) -> str:
        return "TODO"


TODO = Todo()
