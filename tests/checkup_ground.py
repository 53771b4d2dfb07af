"""Making one of the checks of `compagnon doctor`, with settings of a test's own."""

from dataclasses import replace

from webui.bootstrap import build_services
from webui.checkup.checks import CHECKS
from webui.checkup.findings import Finding, run_checks
from webui.config import Config


def look(name: str, config: Config) -> list[Finding]:
    """Make one of the checks."""
    services = build_services(config)
    try:
        (checked,), _ = run_checks(services, [check for check in CHECKS if check.name == name])
        return list(checked.findings)
    finally:
        services.close()


def with_settings(config: Config, **changes: object) -> Config:
    """The settings, some of them others: `wiki__user` stands for `wiki.user`."""
    values = {**config.values, **{name.replace("__", "."): value for name, value in changes.items()}}
    return replace(config, values=values)  # type: ignore[arg-type]
