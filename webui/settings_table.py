"""The settings: where each stands, what it may be, and what it does."""

from collections.abc import Callable
from dataclasses import dataclass

from webui import setting_values as values

Value = str | int | float | bool | tuple[str, ...] | tuple[int, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting: where it stands, what it may be, and what it does."""

    section: str
    key: str
    default: Value
    parse: Callable[[object], Value]
    doc: str

    @property
    def name(self) -> str:
        """`section.key`, as the documentation writes it."""
        return f"{self.section}.{self.key}"

    @property
    def variable(self) -> str:
        """The environment variable that overrides it."""
        return f"COMPAGNON_{self.section}_{self.key}".upper()


SETTINGS = (
    Setting(
        section="wiki",
        key="api_url",
        default=None,
        parse=values.optional_text,
        doc="Address of the wiki's api.php. Without it the mirror is fed from an export only.",
    ),
    Setting(
        section="wiki",
        key="user",
        default=None,
        parse=values.optional_text,
        doc="Account that reads a private wiki, as a bot password: `Name@app`.",
    ),
    Setting(
        section="wiki",
        key="contact",
        default="",
        parse=values.text,
        doc="Address of a person, sent with each request so that the wiki's administrators can reach them.",
    ),
    Setting(
        section="wiki",
        key="namespaces",
        default=None,
        parse=values.namespaces,
        doc="Numbers of the namespaces to mirror. By default: content, Project, Help, User, Category, talks.",
    ),
    Setting(
        section="wiki",
        key="text",
        default="wikitext",
        parse=values.one_of("wikitext", "rendered"),
        doc="What search reads of a page: its `wikitext`, or the page as the wiki has it `rendered`.",
    ),
    Setting(
        section="wiki",
        key="sync_every",
        default=0,
        parse=values.seconds_between_syncs,
        doc="Seconds between two looks at the wiki while `compagnon serve` runs, 5 or more; 0 for none.",
    ),
    Setting(
        section="wiki",
        key="sweep_every",
        default=24,
        parse=values.hours,
        doc="Hours after which a sync compares every page again, and not only what the wiki says changed.",
    ),
    Setting(
        section="store",
        key="database",
        default=None,
        parse=values.optional_text,
        doc="A PostgreSQL database that keeps everything instead of the file: `postgresql://user@host/name`.",
    ),
    Setting(
        section="search",
        key="model",
        default=None,
        parse=values.optional_text,
        doc="A sentence-transformers model, by name or folder. After a change, run `compagnon index` once.",
    ),
    Setting(
        section="search",
        key="embedding_url",
        default=None,
        parse=values.optional_text,
        doc="Server with OpenAI’s `/v1/embeddings` that has the model instead: all passages are sent to it.",
    ),
    Setting(
        section="search",
        key="embedding_key",
        default=None,
        parse=values.optional_key,
        doc="What that server wants to see, if anything. Better in the environment than in a file.",
    ),
    Setting(
        section="search",
        key="reranker",
        default=None,
        parse=values.optional_text,
        doc="A sentence-transformers CrossEncoder, by name or folder, that reads the best hits once more.",
    ),
    Setting(
        section="search",
        key="language_model_url",
        default=None,
        parse=values.optional_text,
        doc="Server with OpenAI’s `/v1/chat/completions` that writes answers: passages are sent to it.",
    ),
    Setting(
        section="search",
        key="language_model",
        default=None,
        parse=values.optional_text,
        doc="Which model writes them, by its name there. Each sentence is checked before it is shown.",
    ),
    Setting(
        section="search",
        key="language_model_key",
        default=None,
        parse=values.optional_key,
        doc="What its server wants to see, if anything. Better in the environment than in a file.",
    ),
    Setting(
        section="search",
        key="query_prefix",
        default=None,
        parse=values.optional_text,
        doc="Text put before each question for models that want one; known for the e5 and bge families.",
    ),
    Setting(
        section="search",
        key="passage_prefix",
        default=None,
        parse=values.optional_text,
        doc="The same for passages.",
    ),
    Setting(
        section="search",
        key="no_answer_below",
        default=None,
        parse=values.optional_chance,
        doc="Chance (0 to 1) below which no page is said to answer. By default fitted to the wiki.",
    ),
    Setting(
        section="search",
        key="chroma_url",
        default=None,
        parse=values.optional_text,
        doc="A Chroma server that keeps the vectors instead of the index folder: `http://127.0.0.1:8000`.",
    ),
    Setting(
        section="search",
        key="database",
        default=None,
        parse=values.optional_text,
        doc="A PostgreSQL database that keeps the keyword index, where that is to be another one than "
        "`store.database`.",
    ),
    Setting(
        section="search",
        key="bots",
        default=(),
        parse=values.texts,
        doc="Accounts that are programs and never experts. Known already: names in “bot”, MediaWiki’s own.",
    ),
    Setting(
        section="search",
        key="opt_out",
        default=(),
        parse=values.texts,
        doc="People who do not want to be found: they are in no result.",
    ),
    Setting(
        section="search",
        key="half_life_years",
        default=6,
        parse=values.years,
        doc="After how many years work on a page says half as much of who knows about it.",
    ),
    Setting(
        section="capture",
        key="extractor",
        default="local",
        parse=values.one_of("local", "llm"),
        doc="What reads notes: rules in this process (`local`), or the language model of `search` (`llm`).",
    ),
    Setting(
        section="capture",
        key="queue_url",
        default="",
        parse=values.text,
        doc="A Redis server that has the queue of long notes instead of a file: `redis://127.0.0.1:6379/0`.",
    ),
    Setting(
        section="web",
        key="host",
        default="127.0.0.1",
        parse=values.text,
        doc="Address to serve on. Anything but this machine needs a proxy in front that knows the members.",
    ),
    Setting(section="web", key="port", default=8642, parse=values.port, doc="Port to serve on."),
    Setting(
        section="web",
        key="public_url",
        default=None,
        parse=values.optional_address,
        doc="Address under which browsers reach these pages: `https://compagnon.example.org`.",
    ),
    Setting(
        section="web",
        key="trusted_hosts",
        default=(),
        parse=values.texts,
        doc="Host names under which the pages may be asked for, besides the local ones.",
    ),
    Setting(
        section="web",
        key="secure_cookies",
        default=False,
        parse=values.flag,
        doc="Send cookies over https only; for a server behind an https proxy.",
    ),
    Setting(
        section="web",
        key="sign_in",
        default="wiki",
        parse=values.one_of("wiki", "proxy", "off"),
        doc="Members sign in with the `wiki`, the `proxy` says who they are, or `off`: all may do all.",
    ),
    Setting(
        section="web",
        key="public_reading",
        default=True,
        parse=values.flag,
        doc="Whether anybody may read and search without signing in, where the wiki itself is public.",
    ),
    Setting(
        section="web",
        key="rights",
        default="wiki",
        parse=values.one_of("wiki", "members"),
        doc="Of each page ask the `wiki` whether who asks may read it, or let `members` read all.",
    ),
    Setting(
        section="web",
        key="restricted_namespaces",
        default=(),
        parse=values.restricted_namespaces,
        doc="Namespaces that only some groups of the wiki read here, whatever it says: `3000=staff`.",
    ),
    Setting(
        section="web",
        key="oauth_client",
        default=None,
        parse=values.optional_key,
        doc="The key of Compagnon as an OAuth 2 client of the wiki; without, people give a bot password.",
    ),
    Setting(
        section="web",
        key="oauth_secret",
        default=None,
        parse=values.optional_key,
        doc="The secret of that client, if it has one. Better in the environment than in a file.",
    ),
    Setting(
        section="web",
        key="proxy_header",
        default="X-Remote-User",
        parse=values.text,
        doc="The header in which the proxy says the name of the wiki account, with `web.sign_in = proxy`.",
    ),
    Setting(
        section="web",
        key="trusted_proxies",
        default=("127.0.0.1",),
        parse=values.texts,
        doc="Addresses of the proxies whose headers are believed; from others they are ignored.",
    ),
    Setting(
        section="web",
        key="editor_groups",
        default=("user",),
        parse=values.texts,
        doc="Groups of the wiki whose people tend its links here; `user` is everybody with an account.",
    ),
    Setting(
        section="web",
        key="coordinator_groups",
        default=("coordinator", "sysop"),
        parse=values.texts,
        doc="Groups of the wiki whose people give notes, review drafts and close questions.",
    ),
    Setting(
        section="web",
        key="administrator_groups",
        default=("sysop", "bureaucrat"),
        parse=values.texts,
        doc="Groups of the wiki whose people see how the service is, and may have somebody erased.",
    ),
    Setting(
        section="web",
        key="sign_in_days",
        default=30,
        parse=values.days,
        doc="Days after which a browser that was not used has to sign in again.",
    ),
    Setting(
        section="web",
        key="rate_limits_url",
        default="memory://",
        parse=values.text,
        doc="Where requests are counted; several web processes share `redis://127.0.0.1:6379/1`.",
    ),
)
