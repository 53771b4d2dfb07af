"""Where MediaWiki is on this machine, and how a wiki's folder is filled and copied."""

import contextlib
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.mediawiki_api import Account, LocalWikiError

MEDIAWIKI = Path("/usr/share/mediawiki")
SITE_NAMES = {"fr": "Savoirs communs", "en": "Shared Practices"}
_SCRIPT_PATIENCE = 300.0  # seconds
_SETTINGS = r"""
# The tests' own settings. Paths are relative to this file and the address stands in `server_url`: a copy of
# this folder is a wiki.
$wgServer = trim( file_get_contents( __DIR__ . '/server_url' ) );
# A browser sends the cookies of 127.0.0.1 to every port: two wikis must not share their names.
$wgCookiePrefix = 'wiki' . parse_url( $wgServer, PHP_URL_PORT );
$wgUploadDirectory = __DIR__ . '/images';
$wgCacheDirectory = __DIR__ . '/cache';
$wgTmpDirectory = __DIR__ . '/tmp';
$wgLocalisationCacheConf['store'] = 'array';
# Not APCu: the maintenance scripts could not see it, and it would be empty at each start.
$wgMainCacheType = $wgSessionCacheType = $wgParserCacheType = $wgMessageCacheType = CACHE_DB;
$wgPageRights = [ 'edit', 'createpage', 'createtalk', 'move', 'delete', 'undelete', 'import', 'protect' ];
foreach ( is_file( __DIR__ . '/read_only' ) ? $wgPageRights : [] as $right ) {
	$wgRevokePermissions['*'][$right] = true;
}
$wgFavicon = "$wgResourceBasePath/resources/assets/mediawiki.png"; # a 404 would be an error in every page
$wgEnableUploads = false;
$wgEnableEmail = false;
$wgUseInstantCommons = false;
$wgPingback = false;
$wgJobRunRate = 2;
$wgRunJobsAsync = false;
$wgEnableBotPasswords = true;
$wgRateLimits = [];
$wgPasswordAttemptThrottle = [];
$wgShowExceptionDetails = true;
$wgDebugLogFile = '';
"""


class LocalWikiMissingError(LocalWikiError):
    """This machine lacks a package that the wiki needs."""


def find_missing_packages() -> list[str]:
    """The Debian packages that a wiki needs and this machine lacks, judged by what they install."""
    if shutil.which("php") is None:
        return ["php-cli", "mediawiki"]
    modules = subprocess.run(["php", "-m"], capture_output=True, text=True, timeout=30, check=False)
    present = set(modules.stdout.lower().split())
    needed = {"pdo_sqlite": "php-sqlite3", "mbstring": "php-mbstring", "xml": "php-xml", "intl": "php-intl"}
    missing = [package for module, package in needed.items() if module not in present]
    return missing if (MEDIAWIKI / "api.php").is_file() else [*missing, "mediawiki"]


def install_wiki(folder: Path, *, language: str, admin: Account) -> None:
    """Fill an absent or empty folder with a new wiki; its address is missing yet.

    Raises:
        LocalWikiMissingError: PHP or MediaWiki is not installed.
        LocalWikiError: the installer failed.
    """
    if missing := find_missing_packages():
        names = " ".join(missing)
        raise LocalWikiMissingError(
            f"packages missing: {names} (scripts/install-test-packages installs them)"
        )
    for name in ("data", "images", "cache", "tmp"):
        (folder / name).mkdir(parents=True)
    options = ["--dbtype=sqlite", f"--dbpath={folder / 'data'}", "--dbname=wiki", f"--confpath={folder}"]
    options += [
        f"--lang={language}",
        "--server=http://127.0.0.1",
        "--scriptpath=",
        f"--pass={admin.password}",
    ]
    run_maintenance(None, "install.php", *options, SITE_NAMES[language], admin.name)
    path = folder / "LocalSettings.php"
    data = "$wgSQLiteDataDir = __DIR__ . '/data';"
    settings, found = re.subn(r"(?m)^\$wgSQLiteDataDir = .*$", data, path.read_text(encoding="utf-8"))
    if found != 1:
        raise LocalWikiError("the installer's settings have no $wgSQLiteDataDir line")
    path.write_text(settings + _SETTINGS, encoding="utf-8")
    for database in _databases(folder):
        with contextlib.closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")  # this is permanent
            connection.execute("ANALYZE")


def copy_wiki(source: Path, target: Path) -> None:
    """Copy a wiki's folder, whether it is served at this moment or not, without its server's log."""

    uncopied = ("server.log", "server_url", "read_only")

    def ignored(_folder: str, names: list[str]) -> list[str]:
        return [name for name in names if ".sqlite" in name or name in uncopied]

    shutil.copytree(source, target, ignore=ignored)
    for database in _databases(source):
        # SQLite's own backup is consistent, whatever the server is writing.
        with (
            contextlib.closing(sqlite3.connect(database)) as original,
            contextlib.closing(sqlite3.connect(target / "data" / database.name)) as copy,
        ):
            original.backup(copy)


def run_maintenance(settings: Path | None, script: str, *arguments: str, stdin: bytes = b"") -> str:
    """Run one of MediaWiki's maintenance scripts and return what it printed.

    Args:
        settings: the wiki's LocalSettings.php; None for the installer, which must not find any.
        script: its file name.
        arguments: its options and arguments.
        stdin: what it reads.

    Raises:
        LocalWikiError: it failed; the message holds what it printed.
    """
    finished = subprocess.run(
        ["php", str(MEDIAWIKI / "maintenance" / script), *arguments],
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=make_environment(settings),
        timeout=_SCRIPT_PATIENCE,
        check=False,
    )
    output = finished.stdout.decode(errors="replace")
    if finished.returncode != 0:
        raise LocalWikiError(f"{script} failed ({finished.returncode}): {output[-4000:]}")
    return output


def make_server_command(port: int, *, opcode_cache: Path) -> Sequence[str]:
    """The command that serves a wiki on 127.0.0.1; which wiki is said by the environment."""
    settings = {
        "opcache.file_cache": opcode_cache,  # compiled once for all copies: 0.3 s less per start
        "opcache.revalidate_freq": 0,  # new settings hold from the next request on
        # Both caches crash their processes when they are full and begin anew, as in a long run of tests.
        "opcache.memory_consumption": 512,
        "opcache.interned_strings_buffer": 64,
        "opcache.max_accelerated_files": 32_531,
        "apc.shm_size": "512M",
        "display_errors": 0,
        "log_errors": 1,
        "memory_limit": "512M",
    }
    options = [part for name, value in settings.items() for part in ("-d", f"{name}={value}")]
    router = MEDIAWIKI / "maintenance" / "dev" / "includes" / "router.php"
    return ["php", *options, "-S", f"127.0.0.1:{port}", "-t", str(MEDIAWIKI), str(router)]


def make_environment(settings: Path | None, *, workers: int = 4) -> dict[str, str]:
    """This process's environment, with the wiki's settings."""
    environment = {name: value for name, value in os.environ.items() if name != "MW_CONFIG_FILE"}
    environment["PHP_CLI_SERVER_WORKERS"] = str(workers)
    return environment if settings is None else environment | {"MW_CONFIG_FILE": str(settings)}


def _databases(folder: Path) -> list[Path]:
    return sorted((folder / "data").glob("*.sqlite"))
