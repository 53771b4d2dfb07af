"""The keyword index in PostgreSQL: what its server does to it."""

from collections.abc import Iterator
from itertools import count

import psycopg
import pytest

from connector.errors import SearchError
from search.keyword_database import KeywordDatabase
from search.keyword_postgresql import PostgresqlKeywordIndex
from tests.keyword_pages import ANALYZER, chunk, fill, found, put
from tests.postgresql import LocalPostgresql

_SCHEMAS = count(1)


@pytest.fixture
def schema() -> str:
    return f"server_{next(_SCHEMAS)}"


@pytest.fixture
def index(postgresql: LocalPostgresql, schema: str) -> Iterator[PostgresqlKeywordIndex]:
    made = PostgresqlKeywordIndex(postgresql.url, analyzer=ANALYZER, schema=schema)
    made.create()
    yield made
    made.close()


def cut_all(server: LocalPostgresql) -> None:
    """End every connection, as a restarted server or a firewall does."""
    with psycopg.connect(server.url) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )


def test_a_cut_connection_is_opened_again(index: PostgresqlKeywordIndex, postgresql: LocalPostgresql) -> None:
    put(index, 1, chunk("Soudure", "Le fer."))
    cut_all(postgresql)
    assert found(index, "fer") == [1]
    cut_all(postgresql)
    put(index, 2, chunk("Étain", "Le fil d’étain."))
    assert found(index, "étain") == [2]


def test_a_server_that_is_not_there_is_one_clear_error() -> None:
    nowhere = PostgresqlKeywordIndex("postgresql://nobody:geheim@127.0.0.1:1/none", analyzer=ANALYZER)
    with pytest.raises(SearchError, match=r"search\.database") as caught:
        nowhere.create()
    assert "\n" not in str(caught.value)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "this is no address",
        "mysql://me:geheim@host/name",
        "postgresql://me:p@geheim@host/name",
        "postgresql://me:12/geheim@host/name",
        "postgresql://me:%zzgeheim@host/name",
        "postgresql://me:ge heim@host/name",
        "postgresql://me@host:geheim/name",
    ],
)
def test_an_address_that_is_none_is_one_clear_error_that_shows_no_password(address: str) -> None:
    with pytest.raises(SearchError, match=r"search\.database") as caught:
        PostgresqlKeywordIndex(address, analyzer=ANALYZER).create()
    assert "\n" not in str(caught.value)
    assert "heim" not in str(caught.value)


def test_a_server_that_went_without_a_word_is_found_out(postgresql: LocalPostgresql, schema: str) -> None:
    def parameters(url: str) -> dict[str, str]:
        return KeywordDatabase(url, schema=schema).read(lambda each: each.info.get_parameters())

    assert parameters(postgresql.url)["tcp_user_timeout"] == "60000"
    said = parameters(f"{postgresql.url}&keepalives_idle=7&connect_timeout=3")
    assert (said["keepalives_idle"], said["keepalives_count"], said["connect_timeout"]) == ("7", "3", "3")


def test_tables_of_another_version_are_made_anew(index: PostgresqlKeywordIndex) -> None:
    put(index, 1, chunk("Un", "Un."))
    index.put_meta("schema_version", "999")
    assert not index.exists
    index.create()
    assert index.exists
    assert index.manifest() == {}


def test_other_schemas_of_the_database_are_left_alone(
    index: PostgresqlKeywordIndex, postgresql: LocalPostgresql
) -> None:
    put(index, 1, chunk("Soudure", "Le fer."))
    other = PostgresqlKeywordIndex(postgresql.url, analyzer=ANALYZER, schema='odd "name"')
    other.create()
    put(other, 2, chunk("Soudure", "Le fer."))
    assert found(other, "fer") == [2]
    assert found(index, "fer") == [1]
    other.close()


def test_deleted_rows_leave_the_tables(
    index: PostgresqlKeywordIndex, postgresql: LocalPostgresql, schema: str
) -> None:
    fill(index)
    put(index, 1, chunk("Kryptonite", "Le digicode kryptonite."))
    index.delete_pages([1])
    assert index.wipe()
    with psycopg.connect(postgresql.url) as connection:
        for table in ("manifest", "chunk", "term", "title", "vocabulary"):
            query = psycopg.sql.SQL("SELECT count(*) FROM {0} AS each WHERE each::text ILIKE '%krypton%'")
            name = psycopg.sql.Identifier(schema, table)
            assert connection.execute(query.format(name)).fetchone() == (0,)


def test_a_page_with_a_word_without_end_is_kept_and_leaves(index: PostgresqlKeywordIndex) -> None:
    endless = ["a" * 5_000, "é" * 3_000, "E-" + "4" * 4_000, "字" * 3_000]
    put(index, 1, chunk("x" * 3_000, " ".join(["Soudure", *endless])))
    assert found(index, "soudure") == [1]
    assert found(index, "a" * 5_000) == [1]
    assert index.frequencies(["soudur"]) == {"soudur": 1}
    index.delete_pages([1])
    assert index.frequencies(["a" * 500]) == {}


def test_nul_comes_back_as_a_replacement(index: PostgresqlKeywordIndex) -> None:
    put(index, 1, chunk("Un", "avant\x00après"))
    (stored,) = index.chunks(index.chunk_ids()).values()
    assert stored.chunk.text == "avant\ufffdaprès"
