"""What people may do here, by the groups that they are in on the wiki."""

from collections.abc import Collection
from enum import IntEnum

from webui.config import Config


class Role(IntEnum):
    """What somebody may do; each role may do what those before it may."""

    VISITOR = 0
    """Has not signed in: reads what anybody may read."""
    MEMBER = 1
    """Asks the community, says whether a page helped, has a page of their own."""
    EDITOR = 2
    """Tends the wiki's pages: links, gardening."""
    COORDINATOR = 3
    """Gives meeting notes, reviews and publishes drafts, closes questions and follow-ups."""
    ADMINISTRATOR = 4
    """Sees how the service is, and erases people."""


def role_in(groups: Collection[str], config: Config) -> Role:
    """Return the role of somebody who is signed in, by the groups that the wiki says they are in."""
    own = frozenset(groups)
    for role, setting in (
        (Role.ADMINISTRATOR, "web.administrator_groups"),
        (Role.COORDINATOR, "web.coordinator_groups"),
        (Role.EDITOR, "web.editor_groups"),
    ):
        if own.intersection(config.texts(setting)):
            return role
    return Role.MEMBER
