"""Change tags: which of them an edit may carry, and making one (https://www.mediawiki.org/wiki/Manual:Tags)."""

from collections.abc import Sequence

from connector.api import Api, ApiError


def usable_tags(api: Api, tags: Sequence[str]) -> list[str]:
    """Keep the tags that are active on the wiki and free to give: one that is not fails the edit."""
    if not tags or "applychangetags" not in api.rights:
        return []
    listed = _listed(api)
    return [tag for tag in tags if listed.get(tag)]


def define_tag(api: Api, tag: str, *, reason: str) -> bool:
    """Make a tag that people may give, unless there is one.

    Returns:
        Whether the wiki has it, active. It has not when somebody switched it off, or when the account may not
        make one: no grant of a bot password gives the right to (`managechangetags`), so that is a matter for
        Special:Tags.
    """
    # For some seconds the wiki's list of tags shows a new one as unknown or switched off; its log does not.
    if _listed(api).get(tag) or _logged_as_made(api, tag):
        return True
    if "managechangetags" not in api.rights:
        return False
    token = str(api.call("query", {"meta": "tokens"})["query"]["tokens"]["csrftoken"])
    fields = {"operation": "create", "tag": tag, "reason": reason, "token": token}
    try:
        api.call("managetags", fields, post=True)
    except ApiError as e:
        if e.code == "permissiondenied":  # MediaWiki 1.39 wants the right to delete tags of who makes one
            return False
        if e.code != "tags-create-already-exists":
            raise
        return _logged_as_made(api, tag)  # by somebody at the same time
    return True


def _listed(api: Api) -> dict[str, bool]:
    """The wiki's tags, and whether an edit may carry each."""
    usable: dict[str, bool] = {}
    for reply in api.query({"list": "tags", "tgprop": "active|source", "tglimit": "max"}):
        for tag in reply["query"]["tags"]:
            usable[tag["name"]] = bool(tag.get("active")) and "manual" in tag.get("source", ())
    return usable


def _logged_as_made(api: Api, tag: str) -> bool:
    """Whether the last thing done with a tag was to make it, or to switch it on."""
    for reply in api.query({"list": "logevents", "letype": "managetags", "lelimit": "max"}):
        for event in reply["query"]["logevents"]:  # newest first
            if event.get("params", {}).get("tag") == tag:
                return event["action"] in ("create", "activate")
    return False
