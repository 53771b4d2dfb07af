"""One setting: where it stands, what it may be, what it does."""

from collections.abc import Callable
from dataclasses import dataclass

Value = str | int | float | bool | tuple[str, ...] | tuple[int, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting: where it stands, what it may be, and what it does."""

    section: str
    key: str
    default: Value
    parse: Callable[[object], Value]
    doc: str

    @property
    def name(self) -> str:
        """`section.key`, as the documentation writes it."""
        return f"{self.section}.{self.key}"

    @property
    def variable(self) -> str:
        """The environment variable that overrides it."""
        return f"COMPAGNON_{self.section}_{self.key}".upper()
