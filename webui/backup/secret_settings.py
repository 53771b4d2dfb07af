"""Which settings are secret, and a settings file without them."""

import tomllib
from urllib.parse import urlsplit

from connector.errors import ConfigError
from webui.config import as_toml

_SECRET_KEYS = ("_key", "_secret", "password")
_ADDRESSES = ("_url", "database")


def is_secret(key: str, value: object) -> bool:
    """Whether a setting is a key or a password, or an address with a password in it."""
    if key.endswith(_SECRET_KEYS):
        return True
    if not key.endswith(_ADDRESSES) or not isinstance(value, str):
        return False
    try:
        return urlsplit(value).password is not None or "password=" in value
    except ValueError:
        return True  # no address that could be looked into


def without_secret_settings(data: bytes) -> bytes:
    """Return a settings file without what is secret in it.

    Raises:
        ConfigError: it is no file of settings.
    """
    try:
        content = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise ConfigError("the settings are not TOML: with secrets they can be saved as they are") from e
    kept = {
        section: {key: value for key, value in keys.items() if not is_secret(key, value)}
        for section, keys in content.items()
        if isinstance(keys, dict)
    }
    return as_toml(kept).encode()
