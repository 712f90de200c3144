"""The stickers a bot may send: LINE lists them, and refuses all others.

Law of this module: the list. Packages 1 to 4 are of an older list.

Source: https://developers.line.biz/en/docs/messaging-api/sticker-list/
"""

from __future__ import annotations

OLDER = range(1, 5)
SENDABLE: dict[int, tuple[range, ...]] = {
    446: (range(1988, 2028),),
    789: (range(10855, 10895),),
    1070: (range(17839, 17879),),
    6136: (range(10551376, 10551400),),
    6325: (range(10979904, 10979928),),
    6359: (range(11069848, 11069872),),
    6362: (range(11087920, 11087944),),
    6370: (range(11088016, 11088040),),
    6632: (range(11825374, 11825398),),
    8515: (range(16581242, 16581266),),
    8522: (range(16581266, 16581290),),
    8525: (range(16581290, 16581314),),
    11537: (range(52002734, 52002774),),
    11538: (range(51626494, 51626534),),
    11539: (range(52114110, 52114150),),
    1: (range(1, 18), range(21, 22), range(100, 140), range(401, 431)),
    2: (range(18, 21), range(22, 48), range(140, 180), range(501, 528)),
    3: (range(180, 260),),
    4: (range(260, 308), range(601, 633)),
}


def can_be_sent(package_id: str, sticker_id: str, *, older: bool = True) -> bool:
    """Whether a bot may send that sticker, `older` ones too; ids are decimal strings."""
    if not _decimal(package_id) or not _decimal(sticker_id):
        return False
    if not older and int(package_id) in OLDER:
        return False
    return any(int(sticker_id) in found for found in SENDABLE.get(int(package_id), ()))


def _decimal(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 12
