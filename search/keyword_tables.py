"""The tables of the keyword index in PostgreSQL."""

SCHEMA = "compagnon_search"
TABLES = """
CREATE TABLE meta (key text PRIMARY KEY, value text NOT NULL);
CREATE TABLE manifest (
    pageid bigint PRIMARY KEY, revid bigint NOT NULL, title text NOT NULL, digest text NOT NULL,
    index_version text NOT NULL, namespace integer NOT NULL, language text NOT NULL,
    last_edited text NOT NULL, status text, contacts text NOT NULL
);
CREATE TABLE chunk (
    chunk_id text PRIMARY KEY, pageid bigint NOT NULL REFERENCES manifest,
    heading text NOT NULL, text text NOT NULL, language text NOT NULL, parts text NOT NULL,
    length integer NOT NULL, words tsvector NOT NULL
);
CREATE INDEX chunk_of_page ON chunk (pageid);
CREATE INDEX chunk_words ON chunk USING gin (words) WITH (fastupdate = off);
CREATE TABLE term (term text COLLATE "C" PRIMARY KEY, chunks integer NOT NULL);
CREATE TABLE title (
    pageid bigint NOT NULL REFERENCES manifest, shown text NOT NULL, key text NOT NULL
);
CREATE INDEX title_of_page ON title (pageid);
CREATE TABLE vocabulary (
    form text COLLATE "C" PRIMARY KEY, folded text COLLATE "C" NOT NULL, mirrored text COLLATE "C" NOT NULL,
    count integer NOT NULL
);
CREATE INDEX vocabulary_folded ON vocabulary (folded);
CREATE INDEX vocabulary_mirrored ON vocabulary (mirrored);
"""
"""`term` and `vocabulary` are counted as pages come and go: PostgreSQL itself knows no frequencies."""
NAMES = ("vocabulary", "title", "term", "chunk", "manifest", "meta")
DROP = "DROP TABLE IF EXISTS vocabulary, title, term, chunk, manifest, meta"
