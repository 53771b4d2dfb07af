"""Words that say nothing about a subject, by language: a question is asked without them."""

from typing import Final

_FRENCH_TEXT = """
a ai aie ait as au aucun aucune aurait aussi autre autres aux avait avec avez avoir avons ayant bien c ca
car ce ceci cela celle celles celui cependant ces cet cette ceux chez ci comme comment connaissez connait
connaît d dans de deja depuis des dois doit doivent donc dont du elle elles en entre es est et etaient
etait etant ete etre eu eux existe faire fait faut font furent fut ici il ils j je jusque l la laquelle le
lequel les lesquelles lesquels leur leurs lors lui là m ma mais me meme mes mien moi mon même mêmes n ne
ni non nos notre nous on ont or ou où par parce pas peut peux plus pour pourquoi pourrait pouvez pouvoir
puis puisque qu quand que quel quelle quelles quels quelqu'un qui quoi s sa sait sans savez se sera serait
seront ses si sien soit sommes son sont sous suis sur t ta te tes toi ton tous tout toute toutes tres très
tu un une va vers veut veux voici voila voilà vont vos votre vous y à ça étaient était étant étions été
être
"""

_ENGLISH_TEXT = """
a about after again all also am an and any anybody anyone are aren't as at be because been before being
between both but by can can't could did didn't do does doesn't doing don't down during each for from
further get had has have having he her here hers herself him himself his how i i'd i'll i'm i've if in
into is isn't it it's its itself just know knows let's me more most my myself no nor not of off on once
one only or other ought our ours out over own same shall she should so some somebody someone such than
that that's the their theirs them themselves then there these they this those through to too under until
up us very was wasn't we we're we've were weren't what what's when where which while who who's whom why
will with won't would you you're you've your yours yourself
"""

# Some stand twice, with and without accents: people leave them out.
FRENCH: Final = frozenset(_FRENCH_TEXT.split())
ENGLISH: Final = frozenset(_ENGLISH_TEXT.split())
