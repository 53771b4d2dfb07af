"""What FTS5 is asked, as it wants it written (https://www.sqlite.org/fts5.html#full_text_query_syntax)."""

from itertools import pairwise, product

from search.keyword_rows import encodable
from search.keyword_text import FIELDS
from search.words import Phrase


def quoted(term: str) -> str:
    """Return a term that is text and nothing else."""
    return '"' + term.replace('"', '""') + '"'


def phrase_match(phrase: Phrase) -> str:
    """Return FTS5's words for a phrase; of a longer one, its pairs of neighbours; empty for none."""
    if len(phrase) == 1:
        return "(" + " OR ".join(map(quoted, encodable(phrase[0]))) + ")" if encodable(phrase[0]) else ""
    texts = "{" + " ".join(FIELDS[:-1]) + "}"
    pairs = []
    for one, other in pairwise(phrase):
        both = [f"{a} {b}" for a, b in product(encodable(one), encodable(other))]
        if not both:
            return ""
        pairs.append(f"{texts} : (" + " OR ".join(map(quoted, both)) + ")")
    return "(" + " AND ".join(pairs) + ")"
