"""What people write to a bot, as webhooks: short texts, long Japanese ones, stickers, a follow.

Law of this module: the mixture is a choice, and stands here alone. Each person's events are
`ROUND` of a kind after the other, again and again, so that the averages of one round are those of
all rounds.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import work

ROUND = 30
"""Events of a round: 23 short texts, 3 long ones, 3 stickers, 1 follow."""

SHORT = (
    "こんにちは",
    "明日の予約を二名でお願いします。",
    "OK, thank you! 🙏",
    "営業時間を教えてください",
    "สวัสดีค่ะ ร้านเปิดกี่โมงคะ",
    "What time do you open tomorrow?",
    "請問還有位子嗎?",
    "はい",
    "ありがとうございます!また来ます 😊",
    "駐車場はありますか?",
)
LONG = (
    "先日はありがとうございました。家族でうかがうのは初めてでしたが、とても楽しい時間でした。",
    "来月の土曜日に友人の誕生日があり、夕方から八名ほどで席を取りたいと考えています。",
    "卵と小麦を食べられない子どもが一人いますので、別のお料理があるかも知りたいです。",
)
TIMES = (3, 5, 8)
"""How often a long text's sentences are repeated: 120 to 330 letters, 350 to 1,000 bytes."""


def webhooks(people: int, rounds: int, start: int = 0) -> Iterator[tuple[bytes, str]]:
    """Bodies and signatures of that many rounds of each person, an event each.

    Events of different `start`, the number of a round, have different ids.
    """
    for number in range(start * ROUND, (start + rounds) * ROUND):
        for person in range(people):
            yield work.signed([_event(number, person)])


def _event(number: int, person: int) -> dict[str, object]:
    event = work.event(number, person)
    place = number % ROUND
    if place == ROUND - 1:
        del event["message"]
        return {**event, "type": "follow", "follow": {"isUnblocked": False}}
    message = event["message"]
    assert isinstance(message, dict)
    if place % 10 == 5:
        del message["text"]
        sticker = {"packageId": "446", "stickerId": "1988", "stickerResourceType": "ANIMATION"}
        message |= {"type": "sticker", **sticker, "keywords": ["Happy", "Yay", "Love", "Hi"]}
    elif place % 10 == 8:
        which = place // 10
        message["text"] = LONG[which] * TIMES[which]
    else:
        message["text"] = SHORT[place % len(SHORT)]
    return event
