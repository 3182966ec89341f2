"""Keys of AWS's shared profiles (~/.aws), by botocore where it is installed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from streamcore.storage.errors import StorageRefused

if TYPE_CHECKING:
    from obstore.store import S3Credential

_OTHER_WAYS: Final = (
    "AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)  # fmt: skip
_ASK_AGAIN: Final = timedelta(minutes=5)


class ProfileCredentials:
    """The keys of a profile, asked for again before they run out; called by obstore."""

    def __init__(self, session: Any, credentials: Any) -> None:
        self._credentials = credentials
        self.region: str | None = session.get_config_variable("region")

    def __repr__(self) -> str:
        return "ProfileCredentials()"

    def __call__(self) -> S3Credential:
        """The keys as they are now; botocore renews those that are lent."""
        now = self._credentials.get_frozen_credentials()
        return {
            "access_key_id": now.access_key,
            "secret_access_key": now.secret_key,
            "token": now.token,
            "expires_at": datetime.now(UTC) + _ASK_AGAIN,
        }


def profile_credentials(environment: Mapping[str, str], home: Path) -> ProfileCredentials | None:
    """The keys of the profile in use; None when the environment has others, or there are no profiles.

    Raises StorageRefused when AWS_PROFILE names one and botocore is not installed.
    """
    named = environment.get("AWS_PROFILE")
    if any(environment.get(name) for name in _OTHER_WAYS):
        return None
    if not named and not _files(environment, home):
        return None
    try:
        import botocore.session
    except ImportError:
        if named:
            raise StorageRefused(
                "AWS_PROFILE is set, and profiles are read by botocore: pip install botocore, or give the "
                "keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            ) from None
        return None
    session = botocore.session.get_session()
    credentials = session.get_credentials()
    return None if credentials is None else ProfileCredentials(session, credentials)


def _files(environment: Mapping[str, str], home: Path) -> bool:
    places = (
        environment.get("AWS_SHARED_CREDENTIALS_FILE") or home / ".aws" / "credentials",
        environment.get("AWS_CONFIG_FILE") or home / ".aws" / "config",
    )
    return any(Path(place).is_file() for place in places)
