"""For whom a digest is written, and what all of them may read."""

from typing import TYPE_CHECKING

from connector.errors import IndexNotBuiltError, NotAllowedError
from search.language import base_language
from webui.rights.rights import Everything
from webui.sign_in.modes import SignInMode, sign_in_mode

if TYPE_CHECKING:
    from connector.model import Site
    from search.readable import Readable
    from webui.bootstrap import Services


def known_site(services: "Services") -> "Site":
    """Return the mirrored wiki.

    Raises:
        IndexNotBuiltError: there is no mirror yet.
    """
    site = services.site()
    if site is None:
        raise IndexNotBuiltError("there is no copy of the wiki yet: run `compagnon sync`")
    return site


def language_for_all(services: "Services") -> str:
    """Return the language in which all are written to: the wiki's."""
    return base_language(known_site(services).language)


def readable_by_all(services: "Services") -> "tuple[Readable, bool]":
    """Return what everybody may read whom a digest reaches, and whether only members are reached.

    Raises:
        IndexNotBuiltError: there is no mirror yet.
        NotAllowedError: the wiki is private, and each of its readers may read something else.
    """
    site = known_site(services)
    if not site.private:
        # Where nobody signs in, whoever reaches the pages reads all: so has the administrator decided.
        off = sign_in_mode(services.config) is SignInMode.OFF
        return (Everything() if off else services.rights.of_nobody()), False
    if services.config.text("web.rights") != "members":
        raise NotAllowedError(
            "the wiki is private, and each of its readers may read something else: no digest is good for all "
            "of them. Set web.rights to members, or empty community.digest_to; people’s own digests are sent"
        )
    return services.rights.of_every_member(), True
