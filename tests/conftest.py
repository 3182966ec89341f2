"""What every test may use: real services, and the account of them at the end."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.services.report", "tests.services.fixtures"]

# How fast the machine is must not decide a test.
settings.register_profile(
    "streamcore", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("streamcore")
