"""Makes the parts of search that the settings name: models, databases and servers. Nothing is loaded here."""

from dataclasses import replace
from typing import TYPE_CHECKING

from connector.errors import ConfigError
from webui.config import Config

if TYPE_CHECKING:
    from search.embedding import Embedder
    from search.keyword_index import KeywordIndex
    from search.language_model import LanguageModel
    from search.reranking import Reranker
    from search.settings import SearchSettings


def search_settings(config: Config) -> "SearchSettings":
    """Return how questions are answered."""
    from search.settings import ExpertSettings, SearchSettings

    return SearchSettings(
        bots=config.texts("search.bots"),
        opt_out=config.texts("search.opt_out"),
        experts=ExpertSettings(half_life_years=config.number("search.half_life_years")),
        rendered=config.text("wiki.text") == "rendered",
        no_answer_below=config.optional_number("search.no_answer_below"),
        chroma_url=config.optional_text("search.chroma_url"),
    )


def make_embedder(config: Config) -> "Embedder":
    """Return the embedding model: the one in this process, or the one of a server.

    Raises:
        ConfigError: a server has an address, and the model no name there.
    """
    from search.embedding import open_embedder
    from search.settings import DEFAULT_MODEL, EmbeddingSettings

    model = config.optional_text("search.model")
    url = config.optional_text("search.embedding_url")
    if url is not None and model is None:
        raise ConfigError("search.embedding_url needs search.model: what its server calls the model")
    return open_embedder(
        EmbeddingSettings(
            model=model or DEFAULT_MODEL,
            query_prefix=config.optional_text("search.query_prefix"),
            passage_prefix=config.optional_text("search.passage_prefix"),
            url=url,
            api_key=config.optional_text("search.embedding_key"),
        ),
        folder=config.index_folder,
    )


def make_reranker(config: Config) -> "Reranker | None":
    """Return the cross-encoder, when one is configured."""
    from search.reranking import CrossEncoderReranker

    model = config.optional_text("search.reranker")
    return None if model is None else CrossEncoderReranker(model)


def make_keywords(config: Config) -> "KeywordIndex | None":
    """Return the keyword index in a database, when one is configured; else it is a file by the others."""
    url = config.optional_text("search.database") or config.optional_text("store.database")
    if url is None:
        return None
    from search.keyword_postgresql import PostgresqlKeywordIndex
    from search.words import WordAnalyzer

    return PostgresqlKeywordIndex(url, analyzer=WordAnalyzer())


def make_language_model(config: Config, *, answer_seconds: float | None = None) -> "LanguageModel | None":
    """Return the language model, when one is configured.

    Args:
        config: where it is.
        answer_seconds: for one answer; None for what somebody waits who looks at a page.

    Raises:
        ConfigError: its address cannot be used, or it has an address and no name.
    """
    url = config.optional_text("search.language_model_url")
    if url is None:
        return None
    model = config.optional_text("search.language_model")
    if model is None:
        raise ConfigError("search.language_model_url needs search.language_model: the model's name there")
    from search.language_model import ChatCompletionsModel
    from search.settings import LanguageModelSettings

    key = config.optional_text("search.language_model_key")
    settings = LanguageModelSettings(url=url, model=model, api_key=key)
    if answer_seconds is not None:
        settings = replace(settings, answer_seconds=answer_seconds)
    return ChatCompletionsModel(settings)
