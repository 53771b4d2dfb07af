"""Loaded by Python itself in each process that a test starts, where the suite runs on PostgreSQL."""

import os

if "COMPAGNON_TEST_POSTGRESQL" in os.environ:
    from tests.store_on_postgresql import install_in_other_process

    install_in_other_process()
