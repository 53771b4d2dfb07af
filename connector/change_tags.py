"""Change tags: which of them an edit may carry, and making one (https://www.mediawiki.org/wiki/Manual:Tags)."""

from collections.abc import Sequence

from connector.api import Api, ApiError


def usable_tags(api: Api, tags: Sequence[str]) -> list[str]:
    """Keep the tags that are active on the wiki and free to give: one that is not fails the edit."""
    if not tags or "applychangetags" not in api.rights:
        return []
    active = _active(api)
    return [tag for tag in tags if tag in active]


def define_tag(api: Api, tag: str, *, reason: str) -> bool:
    """Make a tag that people may give, unless there is one.

    Returns:
        Whether the wiki has it, active. It has not when the account may not make one: no grant of a bot
        password gives the right to (`managechangetags`), so that is a matter for Special:Tags.
    """
    if tag in _active(api):
        return True
    if "managechangetags" not in api.rights:
        return False
    token = str(api.call("query", {"meta": "tokens"})["query"]["tokens"]["csrftoken"])
    fields = {"operation": "create", "tag": tag, "reason": reason, "token": token}
    try:
        api.call("managetags", fields, post=True)
    except ApiError as e:
        # Taken meanwhile, or switched off by somebody who meant it; MediaWiki 1.39 also wants the right to
        # delete tags of who makes one.
        if e.code != "permissiondenied" and not e.code.startswith("tags-create"):
            raise
    return tag in _active(api)


def _active(api: Api) -> set[str]:
    active: set[str] = set()
    for reply in api.query({"list": "tags", "tgprop": "active|source", "tglimit": "max"}):
        listed = reply["query"]["tags"]
        active |= {tag["name"] for tag in listed if tag.get("active") and "manual" in tag.get("source", ())}
    return active
