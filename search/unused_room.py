"""Room for vectors to come, in the files of Chroma's graphs, emptied.

An empty graph is written with its room for 100 passages, and there stands what this process had in its memory
before. `clean_memory` has memory handed out as zeros, not all of it: blocks of up to 1,032 bytes come from
a thread's own cache as they are (its lengths have 400), and what grows where it stands is not filled.

The files are hnswlib's, in four parts (`persistDirty` of chroma-core/hnswlib, version 1 of its header).
"""

import struct
from pathlib import Path

# Version, offset of level 0, room and number of elements, bytes of an element on level 0.
_HEADER = struct.Struct("<iQQQQ")
_VERSION = 1
_BYTES_OF_A_LENGTH = 4


def empty_unused_room(folder: Path) -> None:
    """Write zeros behind the last passage of each graph below `folder`, which nobody may have open."""
    for header in folder.glob("*/header.bin"):
        start = header.read_bytes()[: _HEADER.size]
        if len(start) < _HEADER.size:
            continue  # cut off while it was written: Chroma will say so
        version, _, _, count, bytes_each = _HEADER.unpack(start)
        if version == _VERSION:
            _empty_behind(header.with_name("length.bin"), count * _BYTES_OF_A_LENGTH)
            _empty_behind(header.with_name("data_level0.bin"), count * bytes_each)


def _empty_behind(path: Path, offset: int) -> None:
    """Write zeros from `offset` to the end of a file, if there is anything else."""
    try:
        file = path.open("r+b")
    except FileNotFoundError:
        return
    with file:
        file.seek(offset)
        rest = file.read()
        if rest.strip(b"\0"):
            file.seek(offset)
            file.write(bytes(len(rest)))
