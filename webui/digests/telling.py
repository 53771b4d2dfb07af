"""A digest in words: which headings, which lines, where they lead."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from community.digest import Digest, DigestPage, DigestQuestion, MeetingAhead, Step, Tried
from connector.model import Site
from webui.digests.letter import Letter, Line, Section
from webui.digests.words import Words

MOST_LINES = 10
"""Of one section: a digest is short."""
_T = TypeVar("_T")


class Telling:
    """Tells digests of one wiki in one language.

    Args:
        words: of that language.
        site: the wiki.
        public_url: where our own pages are, without a slash at its end; empty where nobody has said.
    """

    def __init__(self, words: Words, *, site: Site, public_url: str = "") -> None:
        self._words = words
        self._site = site
        self._root = public_url.rstrip("/")

    def letter(self, digest: Digest, *, footer: Sequence[Line] = ()) -> Letter:
        """Return a digest as a letter.

        Args:
            digest: what is told.
            footer: why the reader gets it, and how they end it.
        """
        words = self._words
        last_day = digest.until - timedelta(days=1)
        return Letter(
            language=words.language,
            subject=words.gettext("%(wiki)s: what the week brought", wiki=self._site.name),
            paragraphs=(
                words.gettext(
                    "From %(first)s to %(last)s.",
                    first=words.day(digest.since.date()),
                    last=words.day(last_day.date()),
                ),
            ),
            sections=tuple(section for section in self._sections(digest) if section is not None),
            footer=footer,
        )

    def _sections(self, digest: Digest) -> Sequence[Section | None]:
        words = self._words
        return (
            self._meeting(digest.meeting),
            self._section(
                words.gettext("New practices"),
                digest.new_practices,
                lambda one: self._page(one.page, note=self._status(one.status)),
            ),
            self._section(words.gettext("Practices whose status changed"), digest.steps, self._step),
            self._section(words.gettext("Practices that were tried"), digest.tried, self._tried),
            self._section(words.gettext("Questions that were answered"), digest.answered, self._answered),
            self._asked(digest),
            self._newcomers(digest),
        )

    def _section(
        self, heading: str, found: Sequence[_T], line: Callable[[_T], Line], *, closing: str = ""
    ) -> Section | None:
        if not found:
            return None
        more = len(found) - MOST_LINES
        if more > 0:
            and_more = self._words.ngettext("And %(num)d more.", "And %(num)d more.", more)
            closing = f"{and_more} {closing}".strip()
        return Section(heading=heading, lines=tuple(line(one) for one in found[:MOST_LINES]), closing=closing)

    def _meeting(self, meeting: MeetingAhead | None) -> Section | None:
        if meeting is None:
            return None
        words = self._words
        when = words.day(meeting.planned_on)
        if meeting.starts_at:
            when = words.gettext("%(day)s at %(time)s", day=when, time=meeting.starts_at)
        note = f"{when} · {meeting.place}" if meeting.place else when
        line = Line(text=meeting.title or words.gettext("Meeting"), language=meeting.language, note=note)
        return Section(heading=words.gettext("The next meeting"), lines=(line,))

    def _step(self, step: Step) -> Line:
        arrow = f"{self._status(step.from_status)} → {self._status(step.to_status)}"
        return self._page(step.page, note=arrow)

    def _tried(self, tried: Tried) -> Line:
        words = self._words
        said = []
        if tried.worked:
            said.append(words.ngettext("it worked %(num)d time", "it worked %(num)d times", tried.worked))
        if tried.partly:
            said.append(words.ngettext("%(num)d time in part", "%(num)d times in part", tried.partly))
        if tried.failed:
            said.append(
                words.ngettext("%(num)d time it did not work", "%(num)d times it did not work", tried.failed)
            )
        return self._page(tried.page, note=", ".join(said))

    def _answered(self, question: DigestQuestion) -> Line:
        line = self._question(question)
        if question.answer is None:
            return line
        note = self._words.gettext("answered by “%(title)s”", title=question.answer.title)
        return Line(text=line.text, language=line.language, url=line.url, note=note)

    def _asked(self, digest: Digest) -> Section | None:
        words = self._words
        closing = ""
        if digest.open_before:
            closing = words.ngettext(
                "%(num)d older question waits for an answer.",
                "%(num)d older questions wait for an answer.",
                digest.open_before,
            )
        heading = words.gettext("Questions without an answer: do you know?")
        return self._section(heading, digest.asked, self._question, closing=closing)

    def _newcomers(self, digest: Digest) -> Section | None:
        if not digest.newcomers:
            return None
        words = self._words
        if digest.named_newcomers:
            said = words.gettext(
                "Say hello to %(names)s.",
                names=words.names([person.name for person in digest.named_newcomers]),
            )
        else:
            said = words.ngettext(
                "%(num)d newcomer was welcomed.", "%(num)d newcomers were welcomed.", digest.newcomers
            )
        return Section(heading=words.gettext("New among us"), closing=said)

    def _page(self, page: DigestPage, *, note: str) -> Line:
        url = f"{self._root}/practices/{page.pageid}" if self._root else self._site.page_url(page.title)
        return Line(text=page.title, language=page.language, url=url, title=page.title, note=note)

    def _question(self, question: DigestQuestion) -> Line:
        url = f"{self._root}/questions/{question.id}" if self._root else ""
        title = question.answer.title if question.answer is not None else ""
        return Line(text=question.text, language=question.language, url=url, title=title)

    def _status(self, status: str) -> str:
        words = self._words
        return {
            "emerging": words.gettext("emerging"),
            "tested": words.gettext("tested"),
            "adopted": words.gettext("adopted"),
            "reference": words.gettext("reference"),
            "retired": words.gettext("retired"),
        }.get(status, status)
