"""What every test may use: real services, and the account of them at the end."""

from __future__ import annotations

pytest_plugins = ["tests.services.report", "tests.services.fixtures"]
