"""What every `search.embedding.Embedder` must do, as tests. A subclass says which is tested."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from search.embedding import Embedder

TOOLS = "Ranger les outils au mur."
TEXTS = [TOOLS, "x", "", "Réparer un grille-pain.", "y " * 400, TOOLS]


class EmbedderContract:
    """What `search.embedding.Embedder` promises."""

    def make(self) -> Embedder:
        raise NotImplementedError

    def test_one_unit_row_for_each_text_in_order(self) -> None:
        embedder = self.make()
        rows = embedder.embed_passages(TEXTS)
        assert rows.shape == (len(TEXTS), embedder.dimension)
        assert rows.dtype == np.float32
        assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-3)
        assert rows[0] @ rows[5] == pytest.approx(1, abs=1e-3)
        alone = embedder.embed_passages([TEXTS[3]])
        assert rows[3] @ alone[0] == pytest.approx(1, abs=2e-3)

    def test_a_question_is_one_unit_row_near_what_it_asks(self) -> None:
        embedder = self.make()
        row = embedder.embed_query("ranger les outils")
        assert row.shape == (embedder.dimension,)
        assert row.dtype == np.float32
        assert np.linalg.norm(row) == pytest.approx(1, abs=1e-3)
        passages = embedder.embed_passages(TEXTS)
        assert int(np.argmax(passages @ row)) in {0, 5}

    def test_no_text_is_no_row(self) -> None:
        embedder = self.make()
        assert embedder.embed_passages([]).shape == (0, embedder.dimension)

    def test_progress_reaches_the_end(self) -> None:
        told: list[tuple[int, int]] = []
        self.make().embed_passages(TEXTS * 5, progress=lambda done, total, what: told.append((done, total)))
        assert told[-1] == (30, 30)
        assert told == sorted(told)

    def test_threads_share_it(self) -> None:
        embedder = self.make()
        expected = [embedder.embed_query(text) for text in TEXTS[:4]]

        def ask(number: int) -> bool:
            if number % 4 == 3:
                embedder.embed_passages(TEXTS[:3])
            row = embedder.embed_query(TEXTS[number % 4])
            return bool(row @ expected[number % 4] > 0.999)

        with ThreadPoolExecutor(6) as pool:
            assert all(pool.map(ask, range(24)))

    def test_its_name_stays(self) -> None:
        assert self.make().model_id == self.make().model_id != ""

    def test_it_can_be_prepared_at_any_time(self) -> None:
        embedder = self.make()
        embedder.prepare()
        row = embedder.embed_query(TOOLS)
        embedder.prepare()
        assert row @ embedder.embed_query(TOOLS) > 0.999
