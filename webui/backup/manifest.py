"""What stands in a backup: a list of its members with their checksums, which is its first member.

A backup is a tar file in gzip. It is read as anybody's: names, sizes and kinds are held against rules before
a byte of it is written (https://docs.python.org/3/library/tarfile.html#tarfile-further-verification).
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from connector.errors import ConfigError

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "compagnon.sqlite3"
POSTGRESQL_DUMP = "compagnon.pgdump"
SETTINGS = "compagnon.toml"
SECRETS = ("wiki-password", "secret-key", "extension-secret")
"""Files of the data directory that only its owner may read."""
INDEX = "index/"
_PLAIN = frozenset({DATABASE, POSTGRESQL_DUMP, SETTINGS, *SECRETS})
LONGEST_MANIFEST = 4 << 20
_MOST_MEMBERS = 500
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
# A file of the index, in its folder or one or two below: no step up, no hidden name, no control character.
_INDEX_FILE = re.compile(r"index(?:/[A-Za-z0-9_-][A-Za-z0-9._@ +-]{0,120}){1,4}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file in a backup."""

    name: str
    size: int
    """In bytes."""
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says of itself."""

    compagnon: str
    """The version that wrote it."""
    schema: str
    """Revision of the database's schema; empty where PostgreSQL's own dump says it."""
    created_at: datetime
    wiki: str | None
    """Address of the wiki's API, when there is one."""
    secrets: bool
    """Whether passwords and keys are in it."""
    members: tuple[Member, ...]

    @property
    def size(self) -> int:
        """How many bytes its members are, unpacked."""
        return sum(member.size for member in self.members)

    def has(self, name: str) -> bool:
        """Whether there is such a member."""
        return any(member.name == name for member in self.members)

    def to_json(self) -> bytes:
        """Write it down."""
        members = [{"name": each.name, "bytes": each.size, "sha256": each.sha256} for each in self.members]
        content = {
            "format": FORMAT,
            "compagnon": self.compagnon,
            "schema": self.schema,
            "created_at": self.created_at.isoformat(),
            "wiki": self.wiki,
            "secrets": self.secrets,
            "members": members,
        }
        return json.dumps(content, indent=1, ensure_ascii=False).encode()

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Read one that anybody may have written.

        Raises:
            ConfigError: it is none, is of a newer Compagnon, or names what no backup of ours holds.
        """
        try:
            content: dict[str, Any] = json.loads(data)
            if content["format"] != FORMAT:
                raise ConfigError("this backup was written by a newer Compagnon: update this one first")
            manifest = cls(
                compagnon=_text(content["compagnon"]),
                schema=_text(content["schema"]),
                created_at=datetime.fromisoformat(content["created_at"]),
                wiki=None if content["wiki"] is None else _text(content["wiki"]),
                secrets=bool(content["secrets"]),
                members=tuple(_member(each) for each in content["members"]),
            )
        except (ValueError, KeyError, TypeError, RecursionError) as e:
            raise ConfigError("this is no backup of Compagnon: its list of contents cannot be read") from e
        names = [member.name for member in manifest.members]
        if len(set(names)) != len(names) or len(names) > _MOST_MEMBERS:
            raise ConfigError("this is no backup of Compagnon: its list of contents repeats itself")
        if manifest.created_at.tzinfo is None:
            raise ConfigError("this is no backup of Compagnon: its date has no time zone")
        if not {DATABASE, POSTGRESQL_DUMP} & set(names):
            raise ConfigError("this backup holds no database")
        return manifest


def may_hold(name: str) -> bool:
    """Whether a backup may have a member of that name: nothing that leads out of the data directory."""
    return name in _PLAIN or _INDEX_FILE.match(name) is not None


def _member(entry: dict[str, Any]) -> Member:
    name, size, sha256 = entry["name"], entry["bytes"], entry["sha256"]
    if not isinstance(name, str) or not may_hold(name):
        raise ConfigError("this backup holds a file that no backup of Compagnon has: nothing was unpacked")
    if isinstance(size, bool) or not isinstance(size, int) or size < 0:
        raise ValueError("a size")
    if not _SHA256.match(_text(sha256)):
        raise ValueError("a checksum")
    return Member(name=name, size=size, sha256=sha256)


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > 1_000:
        raise ValueError("a text")
    return value
