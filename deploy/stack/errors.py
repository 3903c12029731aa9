"""The one way the stack fails: a sentence for the person who started it."""


class StackError(Exception):
    """What is wrong and what to do about it, in one sentence; shown as it is, without a traceback."""
