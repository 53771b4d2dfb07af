"""What search stands on: the embedding model, and the servers that the settings name."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connector.errors import ConfigError
from webui.checkup.findings import Finding, ok, problem
from webui.search_parts import make_language_model

if TYPE_CHECKING:
    from webui.bootstrap import Services

_PROBE = "Sharpen a chisel on a wet stone."
# The first numbers of the bundled model's vector of it: weights that are damaged, or another tokenizer, or a
# library that computes something else, move all of them. In bfloat16 they differ by less than this.
_BUNDLED_BEGINS = (0.00277, -0.00013, 0.07958, 0.01295, -0.11353, -0.05728, 0.05862, -0.04056)
_TOLERANCE = 0.004
_ANSWER_SECONDS = 20.0
_TOKENS = 16


def check_model(services: "Services") -> Iterator[Finding]:
    """Whether the embedding model, here or on its server, gives vectors; the bundled one, its own."""
    config = services.config
    vector = services.embedder.embed_query(_PROBE)
    length = float(vector @ vector) ** 0.5
    name = config.optional_text("search.model")
    if not abs(length - 1.0) < 0.01:
        yield problem(f"the model gives vectors of length {length:.3f}, not 1", "choose another search.model")
    elif config.optional_text("search.embedding_url") is not None:
        yield ok(f"{name} answers at its server, with {len(vector)} numbers a vector")
    elif name is not None:
        yield ok(f"{name} gives vectors of {len(vector)} numbers")
    elif any(
        abs(float(found) - known) > _TOLERANCE for found, known in zip(vector, _BUNDLED_BEGINS, strict=False)
    ):
        yield problem(
            "the bundled model gives other vectors than it should",
            "install Compagnon anew with -c constraints.txt; delete index/encoder-*",
        )
    else:
        yield ok("the bundled model gives the vectors that it should")


def check_language_model(services: "Services") -> Iterator[Finding]:
    """Whether the server that writes answers, or reads notes, answers."""
    config = services.config
    model = make_language_model(config, answer_seconds=_ANSWER_SECONDS)
    if model is None:
        if config.text("capture.extractor") == "llm":
            yield problem(
                "capture.extractor is llm, and there is no language model",
                "set search.language_model_url and search.language_model",
            )
        return
    model.complete("Answer with one word.", "Say yes.", max_tokens=_TOKENS)
    yield ok(f"{model.name} answers")


def check_chroma(services: "Services") -> Iterator[Finding]:
    """Whether the Chroma server answers, where the vectors are kept by one."""
    url = services.config.optional_text("search.chroma_url")
    if url is None:
        return
    import requests

    parts = urlsplit(url)
    place = f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
    advice = "see that the Chroma server runs, and look at search.chroma_url"
    try:
        with requests.Session() as session:
            session.trust_env = False
            account = (parts.username, parts.password or "") if parts.username is not None else None
            reply = session.get(f"{place}/api/v2/heartbeat", auth=account, timeout=5, allow_redirects=False)
            beats = reply.ok and "nanosecond heartbeat" in reply.json()
    except requests.ConnectionError:
        yield problem(f"nothing answers at {place}", advice)
        return
    except (requests.RequestException, ValueError):
        beats = False
    yield ok(f"Chroma answers at {place}") if beats else problem(f"{place} is no Chroma server", advice)


def check_keywords(services: "Services") -> Iterator[Finding]:
    """Whether PostgreSQL answers, where the keyword index is kept by it."""
    url = services.config.optional_text("search.database")
    if url is None:
        return
    from search.keyword_database import KeywordDatabase

    database = KeywordDatabase(url, schema="public")
    try:
        row = database.read(lambda connection: connection.execute("SHOW server_version_num").fetchone())
    finally:
        database.close()
    version = int(row[0]) // 10_000 if row else 0
    yield ok(f"PostgreSQL {version} answers")


def check_redis(services: "Services") -> Iterator[Finding]:
    """Whether the Redis servers of the settings answer."""
    config = services.config
    named = {
        setting: url
        for setting in ("capture.queue_url", "web.rate_limits_url")
        if (url := config.text(setting)).startswith(("redis://", "rediss://"))
    }
    if not named:
        return
    try:
        import redis
    except ImportError as e:
        raise ConfigError("the package redis is missing: pip install 'compagnon[redis]'") from e
    for setting, url in named.items():
        place = urlsplit(url).hostname or "127.0.0.1"
        try:
            with redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5) as server:
                server.ping()
        except (redis.RedisError, ValueError):
            yield problem(
                f"{setting}: Redis at {place} does not answer", "see that it runs, and its password"
            )
        else:
            yield ok(f"{setting}: Redis at {place} answers")
