"""Every operation that LINE documents: served here, or honestly not.

Law of this module: one table. A row without a handler is answered 501 with a sentence, a path that
stands in no row 404. The rows are those of LINE's OpenAPI files of 2026-07-01; all hosts
(api.line.me, api-data.line.me) share the simulator's one port.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from penniless.simulator import channel, content, lookups, sending
from penniless.simulator.exchange import Answer, Asked

Handler = Callable[[Asked], Answer]


class Operation(Struct, frozen=True):
    """`template` has `{name}` where the path carries a value."""

    name: str
    method: str
    template: str
    handler: Handler | None = None
    retry_key: bool = False
    """Whether `X-Line-Retry-Key` may be given."""
    body: bool = True
    """Whether a JSON body is read."""


def _sending() -> tuple[Operation, ...]:
    post, get, message = "POST", "GET", "/v2/bot/message"
    return (
        Operation("reply", post, f"{message}/reply", sending.reply),
        Operation("push", post, f"{message}/push", sending.push, retry_key=True),
        Operation("multicast", post, f"{message}/multicast", sending.multicast, retry_key=True),
        Operation("narrowcast", post, f"{message}/narrowcast", sending.narrowcast, retry_key=True),
        Operation("broadcast", post, f"{message}/broadcast", sending.broadcast, retry_key=True),
        Operation(
            "narrowcastProgress", get, f"{message}/progress/narrowcast", sending.narrowcast_progress
        ),
        *(
            Operation(
                f"validate{via.title()}", post, f"{message}/validate/{via}", sending.validate(via)
            )
            for via in ("reply", "push", "multicast", "narrowcast", "broadcast")
        ),
    )


def _all_else() -> tuple[Operation, ...]:
    post, get, message = "POST", "GET", "/v2/bot/message"
    group, room = "/v2/bot/group/{groupId}", "/v2/bot/room/{roomId}"
    endpoint, item = "/v2/bot/channel/webhook/endpoint", f"{message}/{{messageId}}/content"
    return (
        Operation("quota", get, f"{message}/quota", lookups.quota),
        Operation("quotaConsumption", get, f"{message}/quota/consumption", lookups.consumption),
        Operation("content", get, item, content.content),
        Operation("contentPreview", get, f"{item}/preview", content.preview),
        Operation("contentTranscoding", get, f"{item}/transcoding", content.transcoding),
        Operation("profile", get, "/v2/bot/profile/{userId}", lookups.profile),
        Operation("followers", get, "/v2/bot/followers/ids", lookups.only_for_verified_accounts),
        Operation("botInfo", get, "/v2/bot/info", lookups.bot_info),
        Operation("groupSummary", get, f"{group}/summary", lookups.group_summary),
        Operation("groupMembersCount", get, f"{group}/members/count", lookups.members_count),
        Operation("groupMembers", get, f"{group}/members/ids", lookups.only_for_verified_accounts),
        Operation("groupMemberProfile", get, f"{group}/member/{{userId}}", lookups.member_profile),
        Operation("leaveGroup", post, f"{group}/leave", lookups.leave_group, body=False),
        Operation("roomMembersCount", get, f"{room}/members/count", lookups.members_count),
        Operation("roomMembers", get, f"{room}/members/ids", lookups.only_for_verified_accounts),
        Operation("roomMemberProfile", get, f"{room}/member/{{userId}}", lookups.member_profile),
        Operation("leaveRoom", post, f"{room}/leave", lookups.leave_room, body=False),
        Operation("loading", post, "/v2/bot/chat/loading/start", channel.start_loading),
        Operation("markAsRead", post, "/v2/bot/chat/markAsRead", channel.mark_as_read),
        Operation("getWebhookEndpoint", get, endpoint, channel.get_endpoint),
        Operation("setWebhookEndpoint", "PUT", endpoint, channel.put_endpoint),
        Operation(
            "testWebhookEndpoint", post, "/v2/bot/channel/webhook/test", channel.test_endpoint
        ),
    )


NOT_SERVED = """
getNumberOfSentReplyMessages GET /v2/bot/message/delivery/reply
getNumberOfSentPushMessages GET /v2/bot/message/delivery/push
getNumberOfSentMulticastMessages GET /v2/bot/message/delivery/multicast
getNumberOfSentBroadcastMessages GET /v2/bot/message/delivery/broadcast
getPNPMessageStatistics GET /v2/bot/message/delivery/pnp
getAggregationUnitUsage GET /v2/bot/message/aggregation/info
getAggregationUnitNameList GET /v2/bot/message/aggregation/list
markMessagesAsRead POST /v2/bot/message/markAsRead
pushMessagesByPhone POST /bot/pnp/push
issueLinkToken POST /v2/bot/user/{userId}/linkToken
createRichMenu POST /v2/bot/richmenu
validateRichMenuObject POST /v2/bot/richmenu/validate
getRichMenuImage GET /v2/bot/richmenu/{richMenuId}/content
setRichMenuImage POST /v2/bot/richmenu/{richMenuId}/content
getRichMenu GET /v2/bot/richmenu/{richMenuId}
deleteRichMenu DELETE /v2/bot/richmenu/{richMenuId}
getRichMenuList GET /v2/bot/richmenu/list
setDefaultRichMenu POST /v2/bot/user/all/richmenu/{richMenuId}
getDefaultRichMenuId GET /v2/bot/user/all/richmenu
cancelDefaultRichMenu DELETE /v2/bot/user/all/richmenu
createRichMenuAlias POST /v2/bot/richmenu/alias
getRichMenuAlias GET /v2/bot/richmenu/alias/{richMenuAliasId}
updateRichMenuAlias POST /v2/bot/richmenu/alias/{richMenuAliasId}
deleteRichMenuAlias DELETE /v2/bot/richmenu/alias/{richMenuAliasId}
getRichMenuAliasList GET /v2/bot/richmenu/alias/list
getRichMenuIdOfUser GET /v2/bot/user/{userId}/richmenu
unlinkRichMenuIdFromUser DELETE /v2/bot/user/{userId}/richmenu
linkRichMenuIdToUser POST /v2/bot/user/{userId}/richmenu/{richMenuId}
linkRichMenuIdToUsers POST /v2/bot/richmenu/bulk/link
unlinkRichMenuIdFromUsers POST /v2/bot/richmenu/bulk/unlink
richMenuBatch POST /v2/bot/richmenu/batch
validateRichMenuBatchRequest POST /v2/bot/richmenu/validate/batch
getRichMenuBatchProgress GET /v2/bot/richmenu/progress/batch
getMembershipSubscription GET /v2/bot/membership/subscription/{userId}
getMembershipList GET /v2/bot/membership/list
getJoinedMembershipUsers GET /v2/bot/membership/{membershipId}/users/ids
listCoupon GET /v2/bot/coupon
createCoupon POST /v2/bot/coupon
getCouponDetail GET /v2/bot/coupon/{couponId}
closeCoupon PUT /v2/bot/coupon/{couponId}/close
issueStatelessChannelToken POST /oauth2/v3/token
getsAllValidChannelAccessTokenKeyIds GET /oauth2/v2.1/tokens/kid
issueChannelTokenByJWT POST /oauth2/v2.1/token
verifyChannelTokenByJWT GET /oauth2/v2.1/verify
revokeChannelTokenByJWT POST /oauth2/v2.1/revoke
issueChannelToken POST /v2/oauth/accessToken
verifyChannelToken POST /v2/oauth/verify
revokeChannelToken POST /v2/oauth/revoke
detachModule POST /v2/bot/channel/detach
acquireChatControl POST /v2/bot/chat/{chatId}/control/acquire
releaseChatControl POST /v2/bot/chat/{chatId}/control/release
getModules GET /v2/bot/list
getFriendsDemographics GET /v2/bot/insight/demographic
getNumberOfMessageDeliveries GET /v2/bot/insight/message/delivery
getNumberOfFollowers GET /v2/bot/insight/followers
getMessageEvent GET /v2/bot/insight/message/event
getStatisticsPerUnit GET /v2/bot/insight/message/event/aggregation
getRichMenuInsightSummary GET /v2/bot/insight/richmenu/{richMenuId}/summary
getRichMenuInsightDaily GET /v2/bot/insight/richmenu/{richMenuId}/daily
createAudienceGroup POST /v2/bot/audienceGroup/upload
addAudienceToAudienceGroup PUT /v2/bot/audienceGroup/upload
createAudienceForUploadingUserIds POST /v2/bot/audienceGroup/upload/byFile
addUserIdsToAudience PUT /v2/bot/audienceGroup/upload/byFile
createClickBasedAudienceGroup POST /v2/bot/audienceGroup/click
createImpBasedAudienceGroup POST /v2/bot/audienceGroup/imp
updateAudienceGroupDescription PUT /v2/bot/audienceGroup/{audienceGroupId}/updateDescription
deleteAudienceGroup DELETE /v2/bot/audienceGroup/{audienceGroupId}
getAudienceData GET /v2/bot/audienceGroup/{audienceGroupId}
getAudienceGroups GET /v2/bot/audienceGroup/list
getSharedAudienceData GET /v2/bot/audienceGroup/shared/{audienceGroupId}
getSharedAudienceGroups GET /v2/bot/audienceGroup/shared/list
"""


def _not_served(name: str, method: str, template: str) -> Operation:
    return Operation(name, method, template)


OPERATIONS: tuple[Operation, ...] = (
    *_sending(),
    *_all_else(),
    *(_not_served(*line.split()) for line in NOT_SERVED.split("\n") if line),
)


class _Node:
    """One segment of the paths: the segments that may follow, and what ends here."""

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        self.ends: dict[str, Operation] = {}


def _tree() -> _Node:
    root = _Node()
    for operation in OPERATIONS:
        node = root
        for segment in operation.template.split("/"):
            key = "*" if segment.startswith("{") else segment
            node = node.next.setdefault(key, _Node())
        node.ends[operation.method] = operation
    return root


_ROOT = _tree()


class Found(Struct):
    """What a method and path lead to; `methods` are those that the path knows."""

    operation: Operation | None
    params: dict[str, str]
    methods: tuple[str, ...] = ()


def find(method: str, path: str) -> Found:
    """Look a call up. A fixed segment wins over a value; `methods` is empty for unknown paths."""
    segments = path.split("/")
    node = _walk(_ROOT, segments, 0)
    if node is None:
        return Found(None, {})
    operation = node.ends.get(method)
    if operation is None:
        return Found(None, {}, tuple(node.ends))
    names = operation.template.split("/")
    params = {
        name[1:-1]: value
        for name, value in zip(names, segments, strict=True)
        if name.startswith("{")
    }
    return Found(operation, params, tuple(node.ends))


def _walk(node: _Node, segments: list[str], at: int) -> _Node | None:
    if at == len(segments):
        return node if node.ends else None
    for key in (segments[at], "*"):
        following = node.next.get(key)
        if following is not None and segments[at]:
            found = _walk(following, segments, at + 1)
            if found is not None:
                return found
        elif following is not None and at == 0:
            return _walk(following, segments, 1)
    return None
