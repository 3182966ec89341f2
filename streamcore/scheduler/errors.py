"""The errors of the engine."""

from __future__ import annotations

import pickle

from streamcore.errors import PythonException, StreamcoreError


class JobFailed(PythonException):
    """A job ended because one of its tasks failed as often as `spark.task.maxFailures` allows.

    The message carries the traceback of the user's function as the worker saw it; `__cause__` is the
    user's own exception where it could be sent back.
    """


class JobCancelled(StreamcoreError):
    """A job was cancelled through `cancelJobGroup`, `cancelAllJobs`, Ctrl-C or `stop()`."""


class WorkerLost(StreamcoreError):
    """A worker process died (killed, out of memory, crashed in native code) while it ran a task."""


class WorkerStartFailed(StreamcoreError):
    """A worker process could not be started; the message says what it printed."""


class EngineStopped(StreamcoreError):
    """The context was stopped: make a new one to run another job."""


class UnpicklableValue(StreamcoreError, pickle.PicklingError):
    """A value cannot be sent between the driver and a worker; the message names what is in the way."""
