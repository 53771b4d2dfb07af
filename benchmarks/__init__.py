"""Measurements that are run by hand: quality and speed, on data that stays outside the project."""
