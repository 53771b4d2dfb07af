"""Tests of the whole project, against real parts (see conftest.py)."""
