"""What every test may use: real services, and the account of them at the end."""

from __future__ import annotations

import signal

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.services.report", "tests.services.fixtures"]

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # As in a background job of a shell: programs that tests start would inherit it, and never notice Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How fast the machine is must not decide a test.
settings.register_profile(
    "streamcore", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("streamcore")
