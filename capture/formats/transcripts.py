"""Subtitles and transcripts of calls (WebVTT, SubRip): what was said, by whom and when.

The lines are those of the file; what stands around the text of a cue says nothing. The cues of one turn of
speech go on from one another (`NoteLine.continues`), and what rolling captions repeat is said once. WebVTT is
https://www.w3.org/TR/webvtt1/; SubRip is what its programs write.
"""

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from capture.formats.markup import plain
from capture.lines import LineKind, NoteLine, visible

_TIME = r"(?:(\d{1,3}):)?(\d\d):(\d\d)[.,](\d{3})"
_CUE_TIME = re.compile(rf"^\s*{_TIME}[ \t]+-->[ \t]+{_TIME}\b")
_VOICE = re.compile(r"^\s*(?:[-–]\s*)?<v(?:\.[\w.-]{1,60})?\s+([^<>\n]{1,80})>(.*)$")
_CUE_TAG = re.compile(
    r"</?(?:c|v|i|b|u|ruby|rt|lang|font)\b[^<>\n]{0,120}>|<\d[\d:.]{3,14}>|\{\\[^{}\n]{1,20}\}", re.I
)
_APART = re.compile(r"^(?:WEBVTT\b|NOTE\b|STYLE\s*$|REGION\s*$|Kind:|Language:|X-TIMESTAMP-MAP=)")
_LAST_FIRST = re.compile(r"^([^\W\d_][\w.'’ -]{0,40}), ([^\W\d_][\w.'’ -]{0,40})$")
_ASIDE = re.compile(r"\s*[(\[][^()\[\]]{1,40}[)\]]\s*$")
# What is said while thinking; "uh-huh" is a yes, a hum may be that of a machine, UM a name.
_FILLER = re.compile(
    r"(?<![\w'’-])(?:[Ee]uh+|[Hh]eu+|[Hh]mm+|[Uu](?:h+|m+)|[Ee]rm+|[Hh]um(?=\s?[,.…]))(?![\w'’-])"
    r"[ ]?[,.…]*[ ]?"
)
_SENTENCE_END = re.compile(r"[.!?…][\"'”»)\]]*$")
_LABELLED = re.compile(r"^[^\W\d_][\w '’()·.-]{1,40}\s?: ")
_LONG_PAUSE = 30.0
_SHORT_PAUSE = 2.0
_LONG_TURN = 1_200
"""Characters after which a turn of speech is cut at the end of a sentence, so that it can be pointed to."""
_REPEATED_SHARE = 0.2


@dataclass(slots=True)
class _Cue:
    start: float
    end: float
    lines: list[int]
    """Indices of the lines of its text."""


def is_transcript(texts: list[str]) -> bool:
    """Whether lines of text are those of a subtitle file."""
    first = next((text for text in texts if text.strip()), "")
    cues = sum(1 for text in texts if _CUE_TIME.match(text))
    return cues > 0 and (first.startswith("WEBVTT") or cues >= 0.1 * len(texts))


def read_transcript(texts: list[str], *, drop_fillers: bool = True) -> list[NoteLine]:
    """Read the lines of a subtitle file into note lines; `with_turns` joins them once speakers are known.

    Args:
        texts: The lines of the file, without line ends.
        drop_fillers: Whether "um", "euh" and the like are left out of what was said.

    Returns:
        One note line for each line of the file, with the time of its cue from the start of the recording.
    """
    lines = [NoteLine(number=index + 1, text=text, kind=LineKind.META) for index, text in enumerate(texts)]
    cues = _cues(texts)
    for cue in cues:
        speaker: str | None = None
        for index in cue.lines:
            said = texts[index]
            voice = _VOICE.match(said)
            if voice:
                speaker, said = person_name(voice.group(1)), voice.group(2)
            content = plain(_CUE_TAG.sub("", said))
            content = _without_fillers(content) if drop_fillers else content
            if not content:
                continue
            lines[index] = NoteLine(
                number=index + 1, text=texts[index], content=content, time=_clock(cue.start), speaker=speaker
            )
    _drop_repeated(lines, cues)
    for index, text in enumerate(texts):
        if not visible(text):
            lines[index] = replace(lines[index], kind=LineKind.BLANK)
    return lines


def with_turns(lines: list[NoteLine], texts: list[str]) -> list[NoteLine]:
    """Join the cues of one speaker into turns: each goes on from the one before.

    Args:
        lines: The lines of a subtitle file, with their speakers.
        texts: The same lines as they stand in the file.
    """
    result = list(lines)
    cues = _cues(texts)
    said = [index for cue in cues for index in cue.lines if result[index].content]
    named = sum(1 for index in said if result[index].speaker)
    # Where a name is written only when the speaker changes, what has none is said by the same person.
    kept = 0 < named < 0.8 * len(said)
    last: NoteLine | None = None
    end = 0.0
    length = 0
    for cue in cues:
        within = False  # whether a line of this cue came before
        for index in cue.lines:
            line = result[index]
            if not line.content:
                continue
            pause = 0.0 if within else cue.start - end
            if line.speaker is None and last is not None and (within or kept) and pause <= _LONG_PAUSE:
                line = replace(line, speaker=last.speaker)
            joined = last is not None and _goes_on(last, line, pause=pause, length=length, within=within)
            length = length + len(line.content) if joined else len(line.content)
            last = result[index] = replace(line, continues=joined)
            within = True
        end = cue.end
    return result


def _goes_on(last: NoteLine, line: NoteLine, *, pause: float, length: int, within: bool) -> bool:
    if last.speaker != line.speaker or line.text.lstrip().startswith(("- ", "– ")):
        return False
    if _LABELLED.match(line.content):
        return False  # "Action: ..." is said by itself
    ended = bool(_SENTENCE_END.search(last.content))
    if length >= _LONG_TURN and (ended or length >= 3 * _LONG_TURN):
        return False
    if line.speaker is None:
        return within or (not ended and pause <= _SHORT_PAUSE)
    return pause <= _LONG_PAUSE


def person_name(name: str) -> str:
    """Return a speaker's name as people say it: "Doe, Jane (Guest)" and "Jane Doe | Halle" are Jane Doe."""
    shown = visible(name)
    bare = _ASIDE.sub("", shown.split(" | ")[0]) or shown
    turned = _LAST_FIRST.match(bare)
    return f"{turned.group(2)} {turned.group(1)}" if turned else bare


def _cues(texts: list[str]) -> list[_Cue]:
    times = [(index, met) for index, text in enumerate(texts) if (met := _CUE_TIME.match(text))]
    cues: list[_Cue] = []
    for position, (index, met) in enumerate(times):
        following = times[position + 1][0] if position + 1 < len(times) else len(texts)
        stop = following
        # The identifier of the next cue: whatever stands between an empty line and its time.
        if following < len(texts) and texts[following - 1].strip() and not texts[following - 2].strip():
            stop = following - 1
        body: list[int] = []
        for line in range(index + 1, stop):
            if _APART.match(texts[line]) and not texts[line - 1].strip():
                break  # a comment between two cues
            if texts[line].strip():
                body.append(line)
        cues.append(_Cue(start=_seconds(met, 1), end=_seconds(met, 5), lines=body))
    return cues


def _seconds(met: re.Match[str], group: int) -> float:
    hours, minutes, seconds, thousandths = (int(met.group(group + offset) or 0) for offset in range(4))
    return hours * 3600 + minutes * 60 + seconds + thousandths / 1000


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _without_fillers(content: str) -> str:
    bare = visible(_FILLER.sub("", content))
    if bare == content or not bare:
        return bare
    return bare[0].upper() + bare[1:] if content[:1].isupper() else bare


def _drop_repeated(lines: list[NoteLine], cues: list[_Cue]) -> None:
    """Say once what rolling captions show again: the line that scrolled up, or a line that grows.

    People repeat themselves too, so a file is taken for rolling captions only when many of its cues do it.
    """
    said = [index for cue in cues for index in cue.lines if lines[index].content]
    repeated = sum(
        1
        for earlier, later in pairwise(said)
        if len(lines[later].content.split()) >= 2 and _overlap(lines[earlier].content, lines[later].content)
    )
    if repeated < 3 or repeated < _REPEATED_SHARE * len(said):
        return
    recent: list[int] = []
    for index in said:
        content, time = lines[index].content, lines[index].time
        if any(lines[other].content.casefold() == content.casefold() for other in recent):
            lines[index] = _silent(lines[index])
            continue
        if recent:
            last = lines[recent[-1]]
            shared = _overlap(last.content, content)
            if shared == len(last.content.split()) and shared:
                time = last.time  # the line grows: its whole stands here, its beginning there
                lines[recent[-1]] = _silent(last)
                recent.pop()
            elif shared:
                content = " ".join(content.split()[shared:])
        lines[index] = replace(lines[index], content=content, time=time)
        recent = [*recent[-2:], index]


def _silent(line: NoteLine) -> NoteLine:
    return replace(line, content="", kind=LineKind.META, speaker=None, time=None)


def _overlap(earlier: str, later: str) -> int:
    """Return how many words at the start of the later text are the end, or the whole, of the earlier."""
    before, after = earlier.casefold().split(), later.casefold().split()
    if after[: len(before)] == before:
        return len(before)
    for shared in range(min(len(before), len(after), 30), 2, -1):
        if before[-shared:] == after[:shared]:
            return shared
    return 0
