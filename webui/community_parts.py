"""The parts of the services that keep a community alive."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from community.settings import CommunitySettings, EvidenceRules
from connector.errors import IndexNotBuiltError
from webui.built_once import built_once
from webui.config import Config

if TYPE_CHECKING:
    from capture.follow_ups import FollowUps
    from community.activity import Activity
    from community.agenda import Agendas
    from community.asking import Asking
    from community.calls import Calls
    from community.digest import Digests
    from community.evidence import Experiences, PracticePages
    from community.handover import HandOvers
    from community.life_cycle import LifeCycle
    from community.load import Loads
    from community.newcomers import NewcomerPaths
    from community.overview import Overviews
    from community.risk import Risks
    from community.settled import Settling
    from community.thanks import Thanks
    from community.topic_life import TopicLives
    from connector.store import Store
    from search.contradictions import Contradictions
    from search.gardening import Gardening
    from search.indexer import Index
    from search.query import Searcher
    from search.topic_map import TopicMap
    from search.topics import Topics
    from search.twins import Twins
    from webui.looking_behind import LookingBehind


class CommunityParts:
    """What `webui.bootstrap.Services` has for it; the rest of it is named here, and made there."""

    config: Config
    building: threading.RLock
    if TYPE_CHECKING:

        @property
        def store(self) -> Store: ...  # noqa: D102 - see `Services`

        @property
        def index(self) -> Index: ...  # noqa: D102

        @property
        def searcher(self) -> Searcher: ...  # noqa: D102

        @property
        def topics(self) -> Topics: ...  # noqa: D102

        @property
        def follow_ups(self) -> FollowUps: ...  # noqa: D102

        @property
        def gardening(self) -> Gardening: ...  # noqa: D102

    @built_once
    def community_settings(self) -> CommunitySettings:
        """How the community is looked at, as the settings say."""
        number = self.config.number
        return CommunitySettings(
            rules=EvidenceRules(
                tested_experiences=number("community.tested_experiences"),
                tested_people=number("community.tested_people"),
                adopted_experiences=number("community.adopted_experiences"),
                adopted_people=number("community.adopted_people"),
                adopted_contexts=number("community.adopted_contexts"),
                review_months=number("community.review_months"),
            ),
            asks_a_month=number("community.asks_a_month"),
            newcomer_days=number("community.newcomer_days"),
            quiet_days=number("community.quiet_days"),
            keep_searches=bool(self.config.values["community.keep_searches"]),
            digest_to=self.config.texts("community.digest_to"),
            digest_day=number("community.digest_day"),
        )

    @built_once
    def overviews(self) -> "Overviews":
        """The five questions of the coordinator's page."""
        from community.moved import Moved
        from community.next_meeting import NextMeeting
        from community.overview import Overviews
        from community.red_links import RedLinks

        people = self.index.people
        return Overviews(
            next_meeting=NextMeeting(store=self.store, people=people, red_links=RedLinks(store=self.store)),
            calls=self.calls,
            risks=self.risks,
            moved=Moved(store=self.store, people=people),
            loads=self.loads,
            life_cycle=self.life_cycle,
            experiences=self.experiences,
            contradictions=self.contradictions,
        )

    def warm_community(self, *, stop: Callable[[], bool] = lambda: False) -> None:
        """Work out what the community's pages take longest for, so that whoever opens one does not wait.

        Where there is no index yet there is nothing to work out.

        Args:
            stop: asked between two parts whether to stop.
        """
        try:
            self.overviews.warm_up(now=datetime.now(UTC), stop=stop)
            for part in (self.twins.all, self.topic_map.draw):
                if stop():
                    return
                part()
        except IndexNotBuiltError:
            return

    @built_once
    def contradictions(self) -> "Contradictions":
        """Pages that give opposite advice."""
        from search.contradictions import Contradictions

        return Contradictions(store=self.store, index=self.index)

    @built_once
    def looking_behind(self) -> "LookingBehind":
        """Looks for these behind the pages."""
        from webui.looking_behind import LookingBehind

        return LookingBehind(self.contradictions)

    @built_once
    def twins(self) -> "Twins":
        """French and English pages that say the same."""
        from search.twins import Twins

        return Twins(store=self.store, index=self.index)

    @built_once
    def topic_map(self) -> "TopicMap":
        """What the community writes about, drawn."""
        from search.topic_map import TopicMap

        return TopicMap(store=self.store, index=self.index, finder=self.topics.finder)

    @built_once
    def topic_lives(self) -> "TopicLives":
        """How alive topics are."""
        from community.topic_life import TopicLives

        return TopicLives(activity=self.activity, experiences=self.experiences)

    @built_once
    def practice_pages(self) -> "PracticePages":
        """The practices of the mirror, with their statuses and what their pages say that was tried."""
        from community.evidence import PracticePages

        return PracticePages(self.store)

    @built_once
    def experiences(self) -> "Experiences":
        """What was tried of each practice."""
        from community.evidence import Experiences

        return Experiences(self.store, self.index.people, pages=self.practice_pages)

    @built_once
    def life_cycle(self) -> "LifeCycle":
        """Which status the evidence speaks for."""
        from community.life_cycle import LifeCycle

        rules = self.community_settings.rules
        return LifeCycle(self.store, self.experiences, self.index.people, rules=rules)

    @built_once
    def asking(self) -> "Asking":
        """Whom to ask a question."""
        from community.asking import Asking

        return Asking(
            store=self.store,
            searcher=self.searcher,
            people=self.index.people,
            activity=self.activity,
            settings=self.community_settings,
        )

    @built_once
    def activity(self) -> "Activity":
        """What people did in the wiki."""
        from community.activity import Activity

        return Activity(store=self.store, people=self.index.people)

    @built_once
    def loads(self) -> "Loads":
        """How contributions are shared."""
        from community.load import Loads

        return Loads(self.activity)

    @built_once
    def calls(self) -> "Calls":
        """Whom to call."""
        from community.calls import Calls

        return Calls(
            store=self.store,
            people=self.index.people,
            activity=self.activity,
            settings=self.community_settings,
        )

    @built_once
    def risks(self) -> "Risks":
        """What is at risk."""
        from community.risk import Risks

        return Risks(
            store=self.store,
            topics=self.topics,
            activity=self.activity,
            settings=self.community_settings,
        )

    @built_once
    def digests(self) -> "Digests":
        """What a week brought."""
        from community.digest import Digests
        from community.moved import Moved

        people = self.index.people
        return Digests(
            self.store,
            people=people,
            moved=Moved(store=self.store, people=people),
            experiences=self.experiences,
            life_cycle=self.life_cycle,
        )

    @built_once
    def agendas(self) -> "Agendas":
        """What meetings are to talk about."""
        from community.agenda import Agendas

        return Agendas(store=self.store, people=self.index.people, follow_ups=self.follow_ups)

    @built_once
    def settling(self) -> "Settling":
        """What notes settle of an agenda."""
        from community.settled import Settling

        return Settling(follow_ups=self.follow_ups)

    @built_once
    def hand_overs(self) -> "HandOvers":
        """What the next coordinator needs."""
        from community.handover import HandOvers

        return HandOvers(
            store=self.store,
            people=self.index.people,
            follow_ups=self.follow_ups,
            calls=self.calls,
            overviews=self.overviews,
        )

    def forget_what_is_old(self, *, now: datetime) -> None:
        """Forget searches that nobody makes any more, and addresses that nobody has confirmed in time.

        Args:
            now: aware.
        """
        from webui.digests.joining import GOOD_FOR

        self.store.unanswered_searches.forget(now=now)
        self.store.subscriptions.forget_unconfirmed(before=now - GOOD_FOR)

    @built_once
    def newcomer_paths(self) -> "NewcomerPaths":
        """What newcomers begin with."""
        from community.newcomers import NewcomerPaths

        return NewcomerPaths(
            store=self.store,
            index=self.index,
            searcher=self.searcher,
            gardening=self.gardening,
            activity=self.activity,
            calls=self.calls,
        )

    @built_once
    def thanks(self) -> "Thanks":
        """Whom to thank, and for what."""
        from community.thanks import Thanks

        return Thanks(store=self.store, people=self.index.people)
