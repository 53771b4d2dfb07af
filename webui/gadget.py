"""The gadget: the extension's panel and box as two pages of a wiki, for those who cannot install extensions.

It is made of the extension's own files, so that both show the same and are mended together: gadget.js, what
it requires, and styles and messages of the modules of the extension that hold the same. A gadget's script is
one page, sees no files and has no messages of its own: the files are wrapped as CommonJS modules, and the
messages of both languages go with them.
https://www.mediawiki.org/wiki/Extension:Gadgets
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from connector.errors import ConfigError
from connector.model import Site

NAME = "compagnon"
"""The gadget's name, in its definition and in the users' preferences."""
FIRST_LINE = "/* Compagnon’s gadget, made by `compagnon wiki-setup --gadget`."
"""How a page of ours begins; one that begins otherwise is somebody else's."""

_EXTENSION = Path(__file__).parent / "extension" / "Compagnon"
_BEGINNING = "gadget.js"
_REQUIRED = re.compile(r"\brequire\( '\./([\w-]+\.js)' \)")
_LANGUAGES = ("en", "fr")
# What gadget.js itself asks of the wiki.
_OWN_DEPENDENCIES = ("mediawiki.storage", "mediawiki.util")
# A wiki transforms the text of scripts and styles when it saves them, as it does with any page: signatures,
# `subst:` and the pipe trick would be expanded, and links counted. It leaves alone what stands in here.
_PROTECTED, _UNPROTECTED = "<nowiki>", "</nowiki>"
_LOADER = """\
( function ( outside ) {
var files = {
%(files)s
}, loaded = {};
function load( name ) {
	if ( !Object.prototype.hasOwnProperty.call( files, name ) ) {
		return outside( name );
	}
	if ( !loaded[ name ] ) {
		loaded[ name ] = { exports: {} };
		files[ name ]( load, loaded[ name ] );
	}
	return loaded[ name ].exports;
}
// The gadget's line may be an older one, which does not name them all.
mw.loader.using( %(needed)s ).then( function () {
	load( './gadget.js' ).start( %(settings)s );
} );
}( mw.loader.require ) );"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gadget:
    """The texts of a gadget."""

    script: str
    """ECMAScript 5, all that ResourceLoader of MediaWiki 1.39 takes."""
    style: str
    dependencies: tuple[str, ...]
    """Modules of the wiki that the script needs."""

    @property
    def definition(self) -> str:
        """The gadget's line in MediaWiki:Gadgets-definition.

        Not on by default: it makes a reader's browser call another address than the wiki's, and whether that
        is done unasked, for everybody, is the community's to say (`default`, a word more in this line).
        """
        options = f"ResourceLoader|actions=view,edit|dependencies={','.join(self.dependencies)}"
        return f"* {NAME}[{options}]|{NAME}.js|{NAME}.css"


def make_gadget(*, service_url: str | None, site: Site) -> Gadget:
    """Make the gadget of a wiki.

    Args:
        service_url: where browsers reach Compagnon, without a closing slash.
        site: the wiki.

    Raises:
        ConfigError: a gadget could not work there: no such address, one that browsers refuse from this wiki,
            or a wiki that is not public.
    """
    if site.private:
        raise ConfigError(
            f"{site.name} is a private wiki, and a gadget cannot tell Compagnon who asks: "
            "install the extension instead (`compagnon wiki-setup --extension`)"
        )
    if service_url is None:
        raise ConfigError(
            "the gadget needs the address where browsers reach Compagnon: set web.public_url, such as "
            "https://compagnon.example.org"
        )
    if site.server_url.startswith("https:") and not service_url.startswith("https:"):
        raise ConfigError(
            f"web.public_url is {service_url}, and browsers let no page of {site.server_url} ask an address "
            "without https"
        )
    scripts = _scripts()
    modules = _modules_of(_REQUIRED.findall(scripts[_BEGINNING]))
    messages = {name for module in modules for name in module.get("messages", ())}
    needed = {name for module in modules for name in module.get("dependencies", ())}
    settings = {
        "url": service_url,
        "messages": {language: _messages(language, messages) for language in _LANGUAGES},
    }
    files = ",\n".join(
        f"{json.dumps(f'./{name}')}: function ( require, module ) {{\n{text}\n}}"
        for name, text in scripts.items()
    )
    outside = sorted({*_OWN_DEPENDENCIES, *(name for name in needed if not name.startswith("ext."))})
    parts = {"files": files, "needed": json.dumps(outside), "settings": _literal(settings)}
    heading = _heading(service_url)
    return Gadget(
        script=_protect(heading, _LOADER % parts),
        style=_protect(heading, "\n".join(_styles(needed))),
        dependencies=tuple(outside),
    )


def _scripts() -> dict[str, str]:
    """Read the first script and what is required from there, by file name."""
    found: dict[str, str] = {}
    waiting = [_BEGINNING]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _resource(name)
            waiting += _REQUIRED.findall(found[name])
    return dict(sorted(found.items()))


def _modules() -> dict[str, dict[str, Any]]:
    manifest = json.loads((_EXTENSION / "extension.json").read_text(encoding="utf-8"))
    modules: dict[str, dict[str, Any]] = manifest["ResourceModules"]
    return modules


def _modules_of(begun_with: Collection[str]) -> list[dict[str, Any]]:
    """Return the extension's modules that hold one of these files."""
    return [
        module
        for module in _modules().values()
        if any(file in begun_with for file in module.get("packageFiles", ()) if isinstance(file, str))
    ]


def _styles(dependencies: Collection[str]) -> list[str]:
    modules = _modules()
    names = [file for name in sorted(dependencies) for file in modules.get(name, {}).get("styles", ())]
    return [_resource(name) for name in names]


def _heading(service_url: str) -> str:
    return (
        f"{FIRST_LINE}\n"
        f" * Version {version('compagnon')}, for {service_url}\n"
        " * What is changed here is lost the next time that command is run. To switch the gadget off, put\n"
        " * its line in MediaWiki:Gadgets-definition into a comment.\n"
        " */\n"
    )


def _protect(heading: str, text: str) -> str:
    if _UNPROTECTED in text:
        raise AssertionError("a file of the gadget would end its own protection from the wiki's expansions")
    return f"{heading}/* {_PROTECTED} */\n{text}\n/* {_UNPROTECTED} */"


def _literal(value: Mapping[str, Any]) -> str:
    """Write a value as ECMAScript 5 does, without what could mean something to the wiki around it."""
    # JSON allows two line ends in texts that ECMAScript 5 does not.
    text = json.dumps(value, ensure_ascii=False, indent="\t", sort_keys=True)
    for character in ("\u2028", "\u2029", "<"):
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _messages(language: str, names: Collection[str]) -> dict[str, str]:
    path = _EXTENSION / "i18n" / f"{language}.json"
    messages: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return {name: messages[name] for name in names}


def _resource(name: str) -> str:
    return (_EXTENSION / "resources" / name).read_text(encoding="utf-8").strip()
