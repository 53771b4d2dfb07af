"""What stops a sync before it does harm."""

from urllib.parse import urlsplit

from connector.errors import ConfigError, SuspiciousShrinkError
from connector.model import Site
from connector.store import Store
from connector.wiki import Wiki


def check_same_wiki(site: Site, wiki: Wiki, store: Store) -> None:
    """Refuse to turn the mirror of one wiki into that of another: all of it would be purged.

    Raises:
        ConfigError: the mirror is of another wiki.
    """
    mirrored = store.site.get()
    if mirrored is not None and _identity(mirrored) != _identity(site):
        raise ConfigError(
            f"the mirror is of {mirrored.server_url}{mirrored.article_path}, and {wiki.source} is of "
            f"{site.server_url}{site.article_path}: give each wiki a data folder of its own"
        )


def check_not_older(wiki: Wiki, store: Store) -> None:
    """Refuse an export that is older than the mirror: what was deleted since would be back.

    Raises:
        ConfigError: it is older.
    """
    last = store.site.last_sync()
    if last is not None and not is_live(wiki) and wiki.now() < last:
        raise ConfigError(
            f"{wiki.source} is of {wiki.now():%Y-%m-%d %H:%M} UTC, the mirror of {last:%Y-%m-%d %H:%M}: "
            "an older export would bring back what was deleted since"
        )


def check_shrink(gone: int, known: int, *, limit: float) -> None:
    """Stop before more than a part of the mirror is purged.

    Raises:
        SuspiciousShrinkError: `gone` of `known` pages are more than `limit`.
    """
    # One page is never suspicious: a mirror of three would stop at every deletion.
    if gone > 1 and gone > limit * known:
        raise SuspiciousShrinkError(
            f"{gone} of {known} pages seem to have gone from the wiki, more than {limit:.0%}: nothing was "
            "purged; if it is right, sync again with --allow-shrink",
            missing=gone,
            known=known,
        )


def is_live(wiki: Wiki) -> bool:
    """Whether this is a wiki that goes on changing, and not a file."""
    return wiki.source.startswith(("http://", "https://"))


def _identity(site: Site) -> tuple[str, str]:
    """What tells wikis apart, and stays when one goes from http to https."""
    return urlsplit(site.server_url).netloc.casefold(), site.article_path
