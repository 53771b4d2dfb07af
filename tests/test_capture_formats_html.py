"""HTML as programs put it on the clipboard or export it."""

import pytest

from capture.lines import LineKind
from capture.notes import Notes, read_notes


def read(html: str) -> Notes:
    return read_notes(html, media_type="text/html")


def items(notes: Notes) -> list[tuple[str, int, bool, bool | None]]:
    return [
        (line.content, line.depth, line.ordered, line.checked)
        for line in notes.lines
        if line.kind is LineKind.ITEM
    ]


def test_word_writes_lists_as_paragraphs_with_levels() -> None:
    notes = read(
        """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!--
        @list l0:level1 {mso-level-number-format:bullet;} p.MsoNormal {margin:0cm;} --></style></head>
        <body lang=FR><!--StartFragment-->
        <p class=MsoTitle>Compte rendu</p>
        <h1>La halle<o:p></o:p></h1>
        <p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if
        !supportLists]><span
        style='font-family:Symbol'><span style='mso-list:Ignore'>·<span style='font:7.0pt "Times New
        Roman"'>&nbsp;&nbsp;
        </span></span></span><![endif]>Le toit<o:p></o:p></p>
        <p class=MsoListParagraphCxSpLast style='mso-list:l0 level2 lfo1'><![if !supportLists]><span
        style='mso-list:Ignore'>1.<span>&nbsp;&nbsp;</span></span><![endif]>Louer une nacelle</p>
        <p class=MsoNormal>On <del cite="mailto:L" datetime="2026-03-03T10:00">vend</del><ins
        cite="mailto:L">garde</ins>
        la scie<span style='mso-hide:all'> caché</span>.<o:p></o:p></p>
        <div style='mso-element:comment-list'><div style='mso-element:comment'><p
        class=MsoCommentText>secret</p></div></div>
        <!--[if gte mso 9]><xml><w:WordDocument>rien</w:WordDocument></xml><![endif]--></body></html>"""
    )
    assert items(notes) == [("Le toit", 1, False, None), ("Louer une nacelle", 2, True, None)]
    assert [line.text for line in notes.lines if line.kind is LineKind.TEXT] == ["On garde la scie."]
    assert [line.level for line in notes.lines if line.level] == [1, 1]


def test_google_docs_on_the_clipboard() -> None:
    notes = read(
        """<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-1f"><h2 dir="ltr">
        <span style="font-weight:400;">La halle</span></h2><p dir="ltr"><span style="font-weight:400">On
        ouvre.</span></p>
        <p><span style="font-weight:700">Le toit</span></p>
        <ul><li dir="ltr" aria-level="1" style="list-style-type:disc"><p dir="ltr"><span>un</span></p></li>
        <ul><li dir="ltr" aria-level="2"><p dir="ltr"><span>deux</span></p></li></ul></ul>
        <ul><li dir="ltr" role="checkbox" aria-checked="true" aria-level="1"><img
        src="data:image/png;base64,x" role="presentation">
        <p style="display:inline-block"><span>rendre la clé</span></p></li></ul></b>"""
    )
    assert items(notes) == [
        ("un", 1, False, None),
        ("deux", 2, False, None),
        ("rendre la clé", 1, False, True),
    ]
    assert notes.lines[0].level == 2
    by_text = {line.content: line for line in notes.lines}
    assert not by_text["On ouvre."].bold
    assert notes.lines[2].kind is LineKind.HEADING  # bold on a line of its own


def test_google_docs_exported_with_classes() -> None:
    notes = read(
        """<html><head><style type="text/css">@import url(x);.lst-kix_a-1>li:before{content:"o"} ol{margin:0}
        .c1{font-weight:700;color:#000000}.c2{display:none}.c3{color:#ffffff} /* .c4{display:none} */
        @media print{.c5{display:none}}</style></head><body class="c9 doc-content">
        <ul class="c7 lst-kix_a-0 start"><li class="c0"><span>un</span></li></ul>
        <ul class="c7 lst-kix_a-1 start"><li class="c0"><span>deux</span></li></ul>
        <ol class="c7 lst-kix_a-2 start"><li class="c0"><span>trois</span></li></ol>
        <p><span class="c1">Tout en gras ici, et rien d'autre.</span></p><p class="c2">caché</p><p><span
        class="c3">blanc</span></p>
        <p class="c4">vu</p><p class="c5">vu aussi</p></body></html>"""
    )
    assert items(notes) == [("un", 1, False, None), ("deux", 2, False, None), ("trois", 3, True, None)]
    assert [(line.content, line.bold) for line in notes.lines[3:]] == [
        ("Tout en gras ici, et rien d'autre.", True), ("vu", False), ("vu aussi", False),
    ]  # fmt: skip


def test_confluence_tasks() -> None:
    page = read(
        """<ul class="inline-task-list" data-inline-tasks-content-id="1"><li class="checked"
        data-inline-task-id="1">
        <a class="confluence-userlink user-mention">Léa Martin</a> rend la clé</li><li
        data-inline-task-id="2">
        <span class="placeholder-inline-tasks">Marc loue la benne</span></li></ul>"""
    )
    assert items(page) == [
        ("Léa Martin rend la clé", 1, False, True),
        ("Marc loue la benne", 1, False, False),
    ]
    stored = read(
        """<ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-status>complete</ac:task-status>
        <ac:task-body><span>Rendre la clé</span></ac:task-body></ac:task><ac:task><ac:task-id>2</ac:task-id>
        <ac:task-status>incomplete</ac:task-status><ac:task-body>Louer la
        benne</ac:task-body></ac:task></ac:task-list>
        <p>Fin.</p>"""
    )
    assert [(line.content, line.checked) for line in stored.lines] == [
        ("Rendre la clé", True), ("Louer la benne", False), ("Fin.", None),
    ]  # fmt: skip
    pasted = read(
        """<div data-node-type="actionList"><div data-task-local-id="a" data-task-state="DONE">Rendre la
        clé</div>
        <div data-task-local-id="b" data-task-state="TODO">Louer la benne</div></div><p>Fin.</p>"""
    )
    assert [(line.content, line.checked) for line in pasted.lines] == [
        ("Rendre la clé", True), ("Louer la benne", False), ("Fin.", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "html",
    [
        '<ul class="bullet"><li>un<ul class="bullet"><li>deux</li></ul></li></ul>',
        '<ul class="list-bullet1"><li>un</li></ul><ul class="list-bullet2"><li>deux</li></ul>',
        "<ul><li>un</li><ul><li>deux</li></ul></ul>",
        '<ul><li data-list="bullet">un</li><li data-list="bullet" class="ql-indent-1">deux</li></ul>',
        '<ul class="bulleted-list"><li style="list-style-type:disc">un<ul class="bulleted-list"><li>'
        "deux</li></ul></li></ul>",
    ],
)
def test_lists_of_pads_and_editors(html: str) -> None:
    assert items(read(html)) == [("un", 1, False, None), ("deux", 2, False, None)]


def test_boxes_of_pads_and_editors() -> None:
    for done, todo in (
        ('<ul class="tasklist-done"><li>un</li></ul>', '<ul class="tasklist-not-done"><li>deux</li></ul>'),
        (
            '<ul class="to-do-list"><li><div class="checkbox checkbox-on"></div> <span '
            'class="to-do-children-checked">un</span></li></ul>',
            '<ul class="to-do-list"><li><div class="checkbox checkbox-off"></div> <span>deux</span>'
            '</li></ul>',
        ),
        ('<ol><li data-list="checked">un</li>', '<li data-list="unchecked">deux</li></ol>'),
        ('<ul><li data-checked="true"><label><input type="checkbox" checked></label><div><p>un</p>'
         '</div></li>',
         '<li data-checked="false"><label><input type="checkbox"></label><div><p>deux</p></div></li></ul>'),
    ):  # fmt: skip
        notes = read(done + todo + "<p>trois</p>")
        assert [(line.content, line.checked) for line in notes.lines] == [
            ("un", True), ("deux", False), ("trois", None),
        ]  # fmt: skip


@pytest.mark.parametrize(
    "hidden",
    [
        '<p style="display:none !important">caché</p>',
        '<div style="visibility:hidden"><span>caché</span></div>',
        '<span style="font-size:0px">caché</span>',
        '<div style="font-size:1px;color:#eee">caché</div>',
        '<p style="color:#FFF">caché</p>',
        '<p style="color:rgb(255, 255, 255); background:white">caché</p>',
        '<font color="#ffffff">caché</font>',
        '<span style="color:transparent">caché</span>',
        '<div style="max-height:0;overflow:hidden">caché</div>',
        '<div style="position:absolute;left:-9999px">caché</div>',
        '<p style="opacity:0">caché</p>',
        "<template>caché</template>",
        '<input type="hidden" value="caché">',
        '<table><tr><td>a</td><td style="display:none">caché</td><td>b</td></tr></table>',
        '<table><tr><td>a</td><td><span style="color:white">caché</span></td></tr></table>',
    ],
)
def test_what_a_browser_does_not_show_is_gone(hidden: str) -> None:
    assert "caché" not in " ".join(line.text for line in read(hidden + "<p>vu</p>").lines)


@pytest.mark.parametrize(
    "shown",
    [
        '<td style="font-size:0"><div style="font-size:14px">vu</div></td>',
        '<div style="visibility:hidden"><p style="visibility:visible">vu</p></div>',
        '<table><tr style="background:#003366"><td style="color:white">vu</td><td>b</td></tr></table>',
        '<p style="color:white;background-color:black">vu</p>',
        '<div style="color:white"><span style="color:black">vu</span></div>',
        '<p style="font-size:0.9em">vu</p>',
        "<p><del>vu</del></p>",
        '<p style="height:0">vu</p>',
    ],
)
def test_what_a_browser_shows_is_kept(shown: str) -> None:
    assert "vu" in read(shown).lines[0].text


def test_a_chat_of_teams_pasted() -> None:
    notes = read(
        "<div>[10:31] Ferrand, Nadia</div><div>Bonjour à tous.</div><div>[10:32] Omar Haddad (Guest)</div>"
        "<div>Bonjour.</div><div>[10:33] Ferrand, Nadia</div><div>On commence.</div>"
    )
    said = [(line.speaker, line.time, line.content) for line in notes.lines if line.kind is LineKind.TEXT]
    assert said == [
        ("Nadia Ferrand", "10:31", "Bonjour à tous."),
        ("Omar Haddad", "10:32", "Bonjour."),
        ("Nadia Ferrand", "10:33", "On commence."),
    ]


def test_styles_without_end_are_read_in_no_time() -> None:
    sheet = "<style>" + "/* .a{" * 40_000 + "</style>"
    assert read(sheet + "<p>vu</p>").lines[0].text == "vu"
    assert read('<p style="' + "color:" * 40_000 + '">vu</p>').lines[0].text == "vu"
