"""A private wiki of which two people may not read the same, its extension, and the service: a test ground.

The people, the association and what they do are invented. `STAFF` may read all; `MEMBER` no page of `HIDDEN`.
Both are coordinators and editors, so that every page opens to both: what one of them does not see is a matter
of what they may read alone.
"""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from connector.store import Account
from tests.community import EVENING, MEETING_PLACE, REGISTER, SHEET, TOOLS, WELCOME, empty_community
from tests.extension_ground import FOLDER
from tests.mediawiki import LocalWiki
from webui.bootstrap import Services

STAFF = "Inès Caradec"
MEMBER = "Paul Kerbrat"
# A practice with a contact of its own, a redirect, a category, a talk page: all that could tell.
VAULT = "Coffre des dons"
RESERVE = "Réserve des pièces rares"
HIDDEN: Mapping[str, str] = {
    VAULT: """{{Practice|statut=testée|contacts=Maëlle Quintin|langue=fr}}
== Problème ==
Les dons en espèces de la soirée réparation traînent dans une boîte en fer.
== Solution ==
Le tournevis cruciforme ouvre le coffre zinzolin derrière l'établi ; deux trésorières comptent les dons.
[[Catégorie:Trésorerie]]
""",
    RESERVE: """Après la [[soirée réparation]] les pièces rares, dont le quartz zinzolin, vont dans la
réserve. On les note dans le [[Registre des objets]]. Ne pas installer six tables, une par métier, et tenir un
registre des objets zinzolin apportés par les visiteurs. [[Catégorie:Trésorerie]]
""",
    "Catégorie:Trésorerie": "Tout ce qui touche au coffre des dons.",
    "Caisse secrète": "#REDIRECTION [[Coffre des dons]]",
    "Discussion:Ranger les outils": "La clé zinzolin manque, qui l'a ? Nolwenn Tanguy la cherche.",
    "MediaWiki:Compagnon-no-links": "* tableau mural",
}
SECRETS = (
    "coffre",
    "zinzolin",
    "quartz",
    "trésor",
    "secrète",
    "pièces rares",
    "Quintin",
    "Tanguy",
    "no-links",
)
"""Of every hidden page a word of its title, of its text, or a person who is known from it alone; none stands
elsewhere."""
OPEN: Mapping[str, tuple[str, str]] = {
    "Accueillir un nouveau bénévole": (WELCOME, STAFF),
    "Soirée réparation": (EVENING, "Marc Le Goff"),
    "Ranger les outils": (TOOLS, "Marc Le Goff"),
    "Atelier": (MEETING_PLACE, STAFF),
    "Fiche de suivi": (SHEET, STAFF),
    "Registre des objets": (REGISTER, STAFF),
}
_AUTHORS = {VAULT: "Maëlle Quintin", "Discussion:Ranger les outils": "Nolwenn Tanguy"}
_RULES = """
$wgGroupPermissions['*']['read'] = false;
$wgGroupPermissions['*']['edit'] = false;
$wgGroupPermissions['staff']['edit'] = true;
$wgGroupPermissions['coordinator']['edit'] = true;
$wgHooks['getUserPermissionsErrors'][] = static function ( $title, $user, $action, &$result ) {
	if ( $action !== 'read' || !in_array( $title->getPrefixedText(), json_decode( '%s' ), true ) ) {
		return true;
	}
	$groups = MediaWiki\\MediaWikiServices::getInstance()->getUserGroupManager()->getUserGroups( $user );
	if ( in_array( 'staff', $groups, true ) ) {
		return true;
	}
	$result = [ 'badaccess-group0' ];
	return false;
};
"""
_SETTINGS = """[wiki]
api_url = "{api_url}"
user = "{user}"

[web]
sign_in = "proxy"
trusted_proxies = ["127.0.0.1"]
editor_groups = ["user"]
coordinator_groups = ["coordinator"]
administrator_groups = ["sysop"]
"""


class PrivateGround:
    """See the module.

    Args:
        wiki: the wiki.
        services: what answers, on a mirror of all of it.
        secret: what the two share.
    """

    def __init__(self, wiki: LocalWiki, services: Services, *, secret: str) -> None:
        self.wiki = wiki
        self.services = services
        self.secret = secret

    def pageid(self, title: str) -> int:
        """The number of a page."""
        found = self.services.store.pages.by_title(title)
        assert found is not None, title
        return found.pageid

    def user_id(self, name: str) -> int:
        """The number of an account."""
        [user] = self.wiki.session().ask("query", list="users", ususers=name)["query"]["users"]
        return int(user["userid"])

    def put_in_groups(self, name: str, *groups: str) -> None:
        """Make these, and no others, the groups of an account."""
        known = self.wiki.session().ask("query", list="users", ususers=name, usprop="groups")
        [user] = known["query"]["users"]
        own = {"staff", "coordinator"}
        fields = {
            "user": name,
            "add": "|".join(groups),
            "remove": "|".join(own.intersection(user["groups"]) - set(groups)),
        }
        token = self.wiki.session().ask("query", meta="tokens", type="userrights")["query"]["tokens"]
        self.wiki.session().ask("userrights", post=True, token=token["userrightstoken"], **fields)

    def account(self, name: str) -> Account:
        """The account of a person, as the wiki has it now."""
        account = self.services.wiki_accounts.named(name)
        assert account is not None, name
        return account


@contextmanager
def private_ground(wiki: LocalWiki, folder: Path) -> Iterator[PrivateGround]:
    """Make the wiki private and fill it, mirror and index it, and enable the extension in it.

    Args:
        wiki: a wiki of the test's own.
        folder: an empty folder for the service.
    """
    for title, (text, author) in OPEN.items():
        wiki.edit(title, text, user=author)
    for title, text in HIDDEN.items():
        wiki.edit(title, text, user=None if ":Compagnon" in title else _AUTHORS.get(title, STAFF))
    secret = secrets.token_hex(32)
    titles = json.dumps([*HIDDEN]).replace("\\", "\\\\")
    wiki.configure(_RULES % titles)
    wiki.enable_extension(FOLDER, f"$wgCompagnonSecret = '{secret}';")
    wiki.create_user(STAFF, groups=["staff", "coordinator"])
    wiki.create_user(MEMBER, groups=["coordinator"])
    wiki.create_user("Lectrice", groups=["staff"])
    login, password = wiki.create_bot_password("Lectrice", "compagnon")
    settings = _SETTINGS.format(api_url=wiki.api_url, user=login)
    (folder / "compagnon.toml").write_text(settings, encoding="utf-8")
    for name, text in (("wiki-password", password), ("extension-secret", secret)):
        kept = folder / name
        kept.write_text(f"{text}\n", encoding="utf-8")
        kept.chmod(0o600)
    services = empty_community(folder)
    try:
        services.sync(services.wiki())
        services.update_index()
        yield PrivateGround(wiki, services, secret=secret)
    finally:
        services.close()
