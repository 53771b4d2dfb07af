"""The weekly digest: as one may read it, as a page of the wiki, and the links in its mails.

Mail programs and their scanners open every link of a mail. So opening one only shows a button: what confirms
or ends something is sent by pressing it, or by the one click of a mail program (RFC 8058).
"""

import logging
from datetime import UTC, datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from community.digest import Digest
from community.digest_page import digest_summary, placed, week_part
from connector.errors import CaptureError, CompagnonError, ConfigError, NotAllowedError, PageNotFoundError
from connector.titles import normalize_title, split_title
from connector.wiki import MediaWiki, PageEdit
from connector.wikitext import escape, escape_summary
from webui.current import current_services
from webui.digests.joining import GOOD_FOR, ask_for, can_be_sent
from webui.digests.letter import Letter
from webui.digests.links import KEY, LONGEST_KEY
from webui.digests.readers import known_site, language_for_all
from webui.digests.words import Words
from webui.digests.writing import as_wikitext
from webui.errors import Trouble
from webui.language import LANGUAGES, current_language
from webui.pages.me import account_of_reader, me_page
from webui.pages.own_publishing import CREDENTIALS_WANTED, CredentialsWantedError, own_wiki
from webui.rights.readers import check_role, current_reader, require
from webui.rights.roles import Role
from webui.security import csrf

logger = logging.getLogger(__name__)

_TAG = "compagnon"
_Answer = str | tuple[str, int]
_DEAD_LINK = Trouble(
    status=400,
    heading=lazy_gettext("This link is no longer valid"),
    advice=lazy_gettext(
        "It was used, or it is too old. On your own page you can ask for the digest, or end it."
    ),
)
_NO_ADDRESS = Trouble(
    status=400,
    heading=lazy_gettext("This is no address of mail"),
    advice=lazy_gettext("Write it as in name@example.org. Nothing was sent."),
)


def add_to(blueprint: Blueprint) -> None:
    """Register these pages."""
    blueprint.add_url_rule("/digest", "digest", show)
    blueprint.add_url_rule("/digest", "publish_digest", publish, methods=["POST"])
    blueprint.add_url_rule("/digest/confirm", "confirm_digest", ask_to_confirm)
    blueprint.add_url_rule("/digest/confirm", "digest_confirmed", confirm, methods=["POST"])
    blueprint.add_url_rule("/digest/stop", "stop_digest", ask_to_stop)
    blueprint.add_url_rule("/digest/stop", "digest_stopped", stop, methods=["POST"])
    blueprint.add_url_rule("/me/digest", "want_digest", want, methods=["POST"])
    blueprint.add_url_rule("/me/digest/end", "end_digest", end, methods=["POST"])
    blueprint.context_processor(lambda: {"digest_wish": digest_wish})
    # A mail program has no session of ours, and shows the secret of the link instead.
    csrf.exempt(stop)


@require(Role.MEMBER)
def show() -> _Answer:
    """Show the last week as who asks may read it; to coordinators what can be put on the wiki, too."""
    return _page()


@require(Role.COORDINATOR)
def publish() -> _Answer | Response:
    """Put the week on its page of the wiki, under the account of who asks."""
    services = current_services()
    title = services.config.optional_text("community.digest_page")
    if not title:
        raise ConfigError("no page of the wiki is set for the digest: set community.digest_page")
    digest, letter = services.digest_post.for_all(datetime.now(UTC))
    if digest.is_empty:
        raise BadRequest("nothing happened in this week")
    try:
        with own_wiki() as wiki:
            _save(wiki, title, digest, letter)
    except CredentialsWantedError:
        return _page(trouble=CREDENTIALS_WANTED), CREDENTIALS_WANTED.status
    try:
        services.refresh()
    except CompagnonError as e:
        logger.warning("the digest is published, and the mirror not refreshed: %s", e)
    flash(gettext("The digest stands on the wiki."))
    return redirect(url_for("pages.digest"), 303)


def ask_to_confirm() -> str:
    """Show the button that confirms; nothing changes, and nothing is said of the link."""
    return render_template("digest_link.html", kind="confirm", key=_key(), done=False)


def confirm() -> _Answer:
    """Confirm an address, for who has its mail."""
    now = datetime.now(UTC)
    room = current_services().store.subscriptions
    if not room.confirm(_key(), not_before=now - GOOD_FOR, now=now):
        return _dead_link()
    return render_template("digest_link.html", kind="confirm", key="", done=True)


def ask_to_stop() -> str:
    """Show the button that ends the mails; nothing changes, and nothing is said of the link."""
    return render_template("digest_link.html", kind="stop", key=_key(), done=False)


def stop() -> _Answer:
    """End the mails, for who has one of them, by the button or with one click in a mail program."""
    if not current_services().store.subscriptions.stop(_key()):
        return _dead_link()
    return render_template("digest_link.html", kind="stop", key="", done=True)


def want() -> _Answer | Response:
    """Send a link to the address that somebody wants the digest at."""
    account = account_of_reader()
    language = request.form.get("language", current_language())
    if language not in LANGUAGES:
        raise BadRequest("language must be one of those of the pages")
    address = request.form.get("address", "")
    try:
        asked = ask_for(
            current_services(), account, address=address, language=language, now=datetime.now(UTC)
        )
    except ValueError:
        return me_page(account, trouble=_NO_ADDRESS, digest_address=address[:254]), 400
    if asked == "asked":
        flash(gettext("A mail is on its way: open its link, and the digest comes every week."))
    else:
        flash(gettext("Kept. It works from now on."))
    return redirect(url_for("pages.me", _anchor="digest"), 303)


def end() -> Response:
    """End the mails of who asks, and forget their address."""
    current_services().store.subscriptions.end(account_of_reader().id)
    flash(gettext("You get no more digests, and your address is forgotten."))
    return redirect(url_for("pages.me", _anchor="digest"), 303)


def _page(*, trouble: Trouble | None = None) -> str:
    services, reader = current_services(), check_role(Role.MEMBER)
    now = datetime.now(UTC)
    digest, letter = services.digest_post.of_reader(
        now, readable=reader.readable, language=current_language()
    )
    wikitext, refused = "", ""
    if reader.role >= Role.COORDINATOR:
        try:
            for_all, told = services.digest_post.for_all(now)
        except NotAllowedError as e:
            refused = str(e)
        else:
            wikitext = "" if for_all.is_empty else _part(for_all, told)
    return render_template(
        "digest.html",
        digest=digest,
        letter=letter,
        wikitext=wikitext,
        wiki_language=language_for_all(services),
        refused=refused,
        trouble=trouble,
        page_title=services.config.optional_text("community.digest_page") or "",
        can_publish=services.can_publish,
        mails=can_be_sent(services) and reader.account is not None,
    )


def _part(digest: Digest, letter: Letter) -> str:
    words = Words(letter.language)
    last_day = (digest.until - timedelta(days=1)).date()
    heading = words.gettext("Week up to %(day)s", day=words.day(last_day))
    return week_part(escape(heading), as_wikitext(letter), day=digest.until.date())


def _save(wiki: MediaWiki, title: str, digest: Digest, letter: Letter) -> None:
    site = known_site(current_services())
    try:
        name, namespace = normalize_title(title, site=site), split_title(title, site=site)[0]
    except ValueError as e:
        raise ConfigError("community.digest_page is no title that a page can have") from e
    text, base = "", None
    try:
        page = wiki.current(name)
    except PageNotFoundError:
        pass
    else:
        if page.redirect_target is not None:
            raise CaptureError(f"“{page.title}” leads to another page: set community.digest_page to that one")
        text, base = page.wikitext, page.revid
    wikitext = placed(text, _part(digest, letter), day=digest.until.date())
    if wikitext == text:
        return
    summary = digest_summary(person=wiki.user, language=letter.language)
    wiki.save(
        PageEdit(
            title=name,
            namespace=namespace,
            wikitext=wikitext,
            summary=escape_summary(summary),
            base_revid=base,
            tags=(_TAG,),
        )
    )


def _key() -> str:
    key = request.values.get(KEY, "") if request.method == "POST" else request.args.get(KEY, "")
    return key[:LONGEST_KEY]


def _dead_link() -> tuple[str, int]:
    return render_template(
        "error.html", heading=_DEAD_LINK.heading, advice=_DEAD_LINK.advice, detail=""
    ), _DEAD_LINK.status


def digest_wish() -> dict[str, object]:
    """Return what a person's own page says of their digest, for its template."""
    reader, services = current_reader(), current_services()
    account = reader.account
    known = None if account is None else services.store.subscriptions.get(account.id)
    return {"subscription": known, "mails": can_be_sent(services)}
