"""Finding a wiki's api.php from whatever address of it somebody has at hand."""

from collections.abc import Iterator
from html.parser import HTMLParser
from posixpath import dirname
from urllib.parse import SplitResult, urljoin, urlsplit

from connector.errors import WikiUnavailableError
from connector.transport import ApiAddress, ReplyFault, WikiSession

_SECONDS = 15.0
_USUAL_FOLDERS = ("/w/", "/mediawiki/", "/wiki/", "/")
_DENIED = "readapidenied"
_LONGEST_PAGE = 4 << 20


def find_api(address: str) -> ApiAddress:
    """Find the API of a wiki: by the address of its api.php, of its main page, or of any other page.

    Every page of a MediaWiki names its API (`<link rel="EditURI">`,
    https://www.mediawiki.org/wiki/Manual:Api.php#The_address); where that does not help, the usual places are
    tried. An address that is found is on the host that was given: passwords go there.

    Args:
        address: with or without its scheme; without, https is tried first.

    Raises:
        WikiUnavailableError: nothing answers there, or it is no MediaWiki.
    """
    given = address.strip()
    if not given:
        raise WikiUnavailableError("give the address of the wiki, such as https://wiki.example.org")
    addresses = [given]
    if "://" not in given:
        name = given.partition("/")[0].partition(":")[0]
        # A bare word is rather a slip than a machine's name; that one can be given with its scheme.
        if "." not in name and name != "localhost":
            raise WikiUnavailableError(
                f"“{given}” is no address of a wiki: it looks like https://wiki.example.org, and that of its "
                "API ends with /api.php"
            )
        addresses = [f"https://{given}", f"http://{given}"]
    with WikiSession(user_agent="Compagnon", timeout_seconds=_SECONDS, body_seconds=_SECONDS) as session:
        trouble: WikiUnavailableError | None = None
        for each in addresses:
            try:
                return _find(session, each)
            except WikiUnavailableError as e:
                trouble = trouble or e
    assert trouble is not None  # noqa: S101 - there was at least one address
    raise trouble


def _find(session: WikiSession, address: str) -> ApiAddress:
    parts = _parts(address)
    reason, elsewhere = "", ""
    if parts.path.endswith("/api.php"):
        candidates = [f"{parts.scheme}://{parts.netloc}{parts.path}"]
    else:
        candidates = list(_usual_places(address))
        try:
            page = session.get(address)
        except ReplyFault as e:
            # A wiki may refuse the page and answer at its API; what answers nothing does not.
            reason = e.reason
            if not reason.startswith("answers "):
                raise WikiUnavailableError(f"{address} {reason}", url=address) from e
        else:
            named = _named_api(page.text[:_LONGEST_PAGE], base=page.url)
            if named is not None and urlsplit(named).hostname == parts.hostname:
                candidates.insert(0, named)
            elif named is not None:
                elsewhere = named
    for candidate in dict.fromkeys(candidates):
        try:
            if _answers(session, candidate):
                # Where it sent us: http to https, say.
                return ApiAddress.parse(session.answered_from.partition("?")[0])
        except ReplyFault as e:
            if len(candidates) == 1 and not e.reason.startswith("answers "):
                raise WikiUnavailableError(f"{candidate} {e.reason}", url=candidate) from e
            reason = reason or e.reason
    if elsewhere:
        raise WikiUnavailableError(
            f"{address} names another machine for its API: give {elsewhere} if that is your wiki's",
            url=address,
        )
    said = f" ({reason.partition(':')[0]})" if reason else ""
    raise WikiUnavailableError(
        f"no MediaWiki was found at {address}{said}: give the address of its api.php, as its page "
        "Special:Version shows it",
        url=address,
    )


def _parts(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        hostname, _ = parts.hostname, parts.port
    except ValueError as e:
        raise WikiUnavailableError("the wiki's address cannot be read") from e
    if parts.username is not None or parts.password is not None:
        raise WikiUnavailableError("the wiki's address must not hold a name or a password")
    if parts.scheme not in {"http", "https"} or not hostname:
        raise WikiUnavailableError(f"“{address}” is no address of a wiki, such as https://wiki.example.org")
    return parts


def _usual_places(address: str) -> Iterator[str]:
    """Yield where api.php may be: beside index.php, in the folders above, in those that wikis have."""
    parts = urlsplit(address)
    root = f"{parts.scheme}://{parts.netloc}"
    folder = parts.path.partition("/index.php")[0] if "/index.php" in parts.path else dirname(parts.path)
    while folder not in ("", "/"):
        yield f"{root}{folder}/api.php"
        folder = dirname(folder)
    for usual in _USUAL_FOLDERS:
        yield f"{root}{usual}api.php"


def _answers(session: WikiSession, api: str) -> bool:
    """Whether a MediaWiki's API answers at an address, be it that only its members may read."""
    reply = session.get(
        api, params={"action": "query", "meta": "siteinfo", "format": "json", "formatversion": "2"}
    )
    try:
        told = reply.json()
    except ValueError:
        return False
    if not isinstance(told, dict):
        return False
    query, error = told.get("query"), told.get("error")
    if isinstance(query, dict):
        return "general" in query
    return isinstance(error, dict) and error.get("code") == _DENIED


def _named_api(page: str, *, base: str) -> str | None:
    """Return the address of the API that a page names, without what is asked of it."""
    finder = _EditUri()
    finder.feed(page)
    if finder.href is None:
        return None
    try:
        api = urljoin(base, finder.href).partition("?")[0]
        return ApiAddress.parse(api).url
    except (ValueError, WikiUnavailableError):
        return None


class _EditUri(HTMLParser):
    """Finds the first `<link rel="EditURI" href>` (Really Simple Discovery)."""

    def __init__(self) -> None:
        super().__init__()
        self.href: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See `HTMLParser`."""
        said = dict(attrs)
        if tag == "link" and (said.get("rel") or "").lower() == "edituri" and self.href is None:
            self.href = said.get("href")
