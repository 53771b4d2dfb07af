"""The map: what the community writes about, who knows it, and how alive it is."""

from dataclasses import replace
from datetime import UTC, datetime

from flask import Blueprint, render_template

from community.model import Person
from community.topic_life import TopicLife
from connector.errors import PageNotFoundError
from search.topic_map import Map, MapTopic
from webui.community_list import told_people
from webui.current import current_services
from webui.language import current_language
from webui.pages.evidence_links import person_url
from webui.pictures.topic_map import DESK_WIDTH, topic_picture
from webui.rights.readers import current_reader

FIRST_PAGES = 3
FIRST_PEOPLE = 3
"""What is shown of a topic on the map; its own page shows all."""


def add_to(blueprint: Blueprint) -> None:
    """Register these pages."""
    blueprint.add_url_rule("/map", "topic_map", topic_map)
    blueprint.add_url_rule("/map/<int(max=999999999):pageid>", "map_topic", topic)


def topic_map() -> str:
    """Show the map, as a picture and as a list that says the same."""
    drawn, lives = drawn_map()
    language = current_language()
    told = [
        (each.place, len(each.pages), (*each.words(language)[1], str(len(each.pages))))
        for each in drawn.topics
    ]
    return render_template(
        "topic_map.html",
        drawn=drawn,
        topics=list(zip(drawn.topics, lives, strict=True)),
        pictures={"phone": topic_picture(told), "desk": topic_picture(told, width=DESK_WIDTH)},
        first_pages=FIRST_PAGES,
        first_people=FIRST_PEOPLE,
        people_of=people_of,
    )


def topic(pageid: int) -> str:
    """Show the topic that a page is in.

    Raises:
        PageNotFoundError: it is in none, or who asks may not read it: both are told alike.
    """
    drawn, lives = drawn_map()
    found = drawn.topic_of(pageid)
    if found is None:
        raise PageNotFoundError(f"no page {pageid} on the map", pageid=pageid)
    return render_template(
        "map_topic.html",
        topic=found,
        life=lives[drawn.topics.index(found)],
        near=nearest(drawn, found),
        people_of=people_of,
    )


def drawn_map() -> tuple[Map, list[TopicLife]]:
    """Return the map of who asks, and the life of its topics.

    Raises:
        SearchError: there is no index, or it cannot be used.
    """
    services = current_services()
    readable = current_reader().readable
    drawn = services.topic_map.draw(readable=readable)
    topics = tuple(replace(each, people=told_people(each.people)) for each in drawn.topics)
    drawn = replace(drawn, topics=topics)
    return drawn, services.topic_lives.of(drawn.topics, now=datetime.now(UTC), readable=readable)


def people_of(topic: MapTopic) -> list[tuple[str, str | None]]:
    """Return the names of who knows a topic best, and where they are written to."""
    site = current_services().site()
    known = []
    for expert in topic.people:
        url = None
        if expert.user is not None and site is not None:
            # Any number says that there is an account.
            url = person_url(Person(name=expert.user, user_id=0), site)
        known.append((expert.name, url))
    return known


def nearest(drawn: Map, topic: MapTopic, *, most: int = 3) -> list[MapTopic]:
    """Return the topics that lie nearest to one."""

    def apart(other: MapTopic) -> float:
        return (other.place[0] - topic.place[0]) ** 2 + (other.place[1] - topic.place[1]) ** 2

    return sorted((each for each in drawn.topics if each is not topic), key=apart)[:most]
