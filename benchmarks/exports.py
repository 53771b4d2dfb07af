"""XML exports of any size, of a wiki that nobody wrote: for what must not grow with the wiki."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

_START = datetime(2015, 1, 1, tzinfo=UTC)
_SYLLABLES = ("ba", "ré", "mo", "ti", "sel", "co", "vra", "lu", "né", "pan", "dor", "fi", "gra", "ous", "er")
_HEAD = """<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="fr">
<siteinfo><sitename>Wiki inventé</sitename><dbname>wiki</dbname>
<base>https://wiki.example.org/wiki/Accueil</base>
<generator>MediaWiki 1.39.17</generator><case>first-letter</case>
<namespaces><namespace key="0" case="first-letter" />
<namespace key="1" case="first-letter">Discussion</namespace>
<namespace key="14" case="first-letter">Catégorie</namespace></namespaces></siteinfo>
"""


def write_export(path: Path, *, pages: int, revisions: int, characters: int = 2_500, seed: int = 1) -> None:
    """Write an export; the same arguments write the same file.

    Args:
        path: the file.
        pages: how many pages.
        revisions: how many revisions each of them has; each has its text, as dumpBackup.php writes it.
        characters: about how long a text is.
        seed: makes another wiki.
    """
    chance = random.Random(seed)  # noqa: S311 - texts, not secrets
    words = ["".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))) for _ in range(20_000)]
    revid = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(_HEAD)
        for pageid in range(1, pages + 1):
            file.write(f"<page><title>Page {pageid}</title><ns>0</ns><id>{pageid}</id>")
            text = _text(chance, words, pages=pages, characters=characters)
            for number in range(revisions):
                revid += 1
                moment = (_START + timedelta(minutes=revid)).strftime("%Y-%m-%dT%H:%M:%SZ")
                parent = f"<parentid>{revid - 1}</parentid>" if number else ""
                user = revid % 97 + 1
                file.write(
                    f"<revision><id>{revid}</id>{parent}<timestamp>{moment}</timestamp>"
                    f"<contributor><username>Personne {user}</username><id>{user}</id></contributor>"
                    "<comment>suite</comment><model>wikitext</model><format>text/x-wiki</format>"
                    f'<text xml:space="preserve">{text} {number}</text></revision>'
                )
            file.write("</page>\n")
        file.write("</mediawiki>\n")


def _text(chance: random.Random, words: list[str], *, pages: int, characters: int) -> str:
    """Return a few sections of words, with links to other pages and a category."""
    parts: list[str] = []
    length = 0
    while length < characters:
        sentence = " ".join(chance.choices(words, k=60))
        parts.append(
            f"== {chance.choice(words)} ==\n{sentence}, [[Page {chance.randint(1, pages)}|voir]].\n\n"
        )
        length += len(parts[-1])
    parts.append(f"[[Catégorie:Groupe {chance.randint(1, 50)}]]")
    return "".join(parts)
