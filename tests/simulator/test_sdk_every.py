"""Every operation that the official SDK knows answers it: once with success, once with an error.

The SDK parses each answer into its own types, so a property that is missing or of another type
shows here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from linebot.v3 import audience, insight, messaging, module, oauth
from linebot.v3.audience import models as audience_models
from linebot.v3.messaging import models

from penniless.simulator import Simulator
from penniless.simulator.account import Account
from penniless.simulator.audiences import Audiences
from penniless.simulator.deliveries import DAY, Deliveries, Delivery, day_of
from tests.simulator.assertions import JWK, assertion, claims
from tests.simulator.conftest import SECRET, TOKEN
from tests.simulator.pictures import png

CHANNEL = "1234567890"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TEXT = models.TextMessage(text="สวัสดี")
STRANGER = "U" + "0" * 32
NO_MENU = "richmenu-" + "0" * 32
NOBODY = hashlib.sha256(b"+819000000000").hexdigest()
PHONE = "+819012345678"

# ruff: noqa: ARG005 - each row of the table takes the same two, whether it needs them or not

Apis = dict[str, Any]
Scene = dict[str, Any]

CLASSES = {
    "messaging": (messaging, messaging.MessagingApi),
    "blob": (messaging, messaging.MessagingApiBlob),
    "tokens": (oauth, oauth.ChannelAccessToken),
    "insight": (insight, insight.Insight),
    "audience": (audience, audience.ManageAudience),
    "audience blob": (audience, audience.ManageAudienceBlob),
    "module": (module, module.LineModule),
}


def methods(kind: Any) -> list[str]:
    """The operations of one of the SDK's classes."""
    names = [name for name in vars(kind) if not name.startswith("_")]
    ours = [name for name in names if not name.endswith("_with_http_info")]
    return [name for name in ours if f"{name}_with_http_info" in names]


EVERY = [(where, name) for where, (_, kind) in CLASSES.items() for name in methods(kind)]


@contextmanager
def clients(hosts: Mapping[str, str]) -> Iterator[Apis]:
    """One client of each class, for the address of each."""
    opened, made = [], {}
    for name, (package, kind) in CLASSES.items():
        client = package.ApiClient(package.Configuration(access_token=TOKEN, host=hosts[name]))
        opened.append(client)
        made[name] = kind(client)
    try:
        yield made
    finally:
        for client in opened:
            client.rest_client.pool_manager.clear()


@contextmanager
def scene_of(simulator: Simulator, sim: httpx.Client, folder: Path) -> Iterator[Scene]:
    """A world where every operation has something to work on, of an account that may do all."""
    world = simulator.world
    before = world.account
    world.account = Account(channel_id=CHANNEL, verified=True, partner=True, module=True)
    set_up = {"keys": [JWK], "memberships": [{"membershipId": 7}], "rateLimits": False}
    assert sim.post("/sim/channel", json=set_up).status_code == 200
    sim.post("/sim/people/alice", json={"phone": PHONE})
    scene: Scene = {"alice": world.people["alice"].user_id, "simulator": simulator, "sim": sim}
    for name, line in (("users", scene["alice"]), ("nobody", "nobody")):
        scene[name] = str(folder / f"{name}.txt")
        Path(scene[name]).write_text(f"{line}\r\n")
    for kind in ("group", "room"):
        asked = {"name": kind, "members": ["alice"], "kind": kind}
        scene[kind] = sim.post("/sim/groups", json=asked).json()["id"]
    scene["video"] = said(sim, video={})["message"]["id"]
    scene["joined"] = said(sim, membership={"type": "joined", "membershipId": 7})
    try:
        yield scene
    finally:
        world.account = before


@pytest.fixture(scope="module")
def apis(served: tuple[Simulator, str]) -> Iterator[Apis]:
    with clients(dict.fromkeys(CLASSES, served[1])) as made:
        yield made


@pytest.fixture
def scene(simulator: Simulator, sim: httpx.Client, tmp_path: Path) -> Iterator[Scene]:
    with scene_of(simulator, sim, tmp_path) as scene:
        yield scene


def said(sim: httpx.Client, **request: Any) -> dict[str, Any]:
    """Alice acts; gives the event."""
    answer = sim.post("/sim/message", json={"from": "alice", **request}).json()
    event: dict[str, Any] = answer["webhook"]["body"]["events"][0]
    return event


# What the operations are asked for


def menu_request(name: str = "menu") -> Any:
    bounds = models.RichMenuBounds(x=0, y=0, width=800, height=250)
    action = models.RichMenuSwitchAction(richMenuAliasId="tab-a", data="tab", label="a")
    return models.RichMenuRequest(
        size=models.RichMenuSize(width=800, height=250),
        selected=True,
        name=name,
        chatBarText="เมนู",
        areas=[models.RichMenuArea(bounds=bounds, action=action)],
    )


def menu(apis: Apis, *, picture: bool = True) -> str:
    """A new rich menu."""
    made: str = apis["messaging"].create_rich_menu(menu_request()).rich_menu_id
    if picture:
        headers = {"Content-Type": "image/png"}
        apis["blob"].set_rich_menu_image(made, bytearray(png(800, 250)), _headers=headers)
    return made


def alias(apis: Apis, name: str = "tab-a") -> str:
    request = models.CreateRichMenuAliasRequest(richMenuAliasId=name, richMenuId=menu(apis))
    apis["messaging"].create_rich_menu_alias(request)
    return name


def batch(to: str | None = None, start: str | None = None) -> Any:
    if start is None:
        operations = [models.RichMenuBatchUnlinkAllOperation()]
    else:
        operations = [models.RichMenuBatchLinkOperation(**{"from": start, "to": to})]
    return models.RichMenuBatchRequest(operations=operations)


def coupon_request(**changed: Any) -> Any:
    return models.CouponCreateRequest(
        **{
            "acquisitionCondition": models.NormalAcquisitionConditionRequest(),
            "endTimestamp": 4_000_000_000,
            "maxUseCountPerTicket": 1,
            "startTimestamp": 0,
            "title": "10% 引き",
            "visibility": "UNLISTED",
            "timezone": "ASIA_TOKYO",
            "reward": models.CouponDiscountRewardRequest(
                priceInfo=models.DiscountFixedPriceInfoRequest(fixedAmount=100)
            ),
            **changed,
        }
    )


def coupon(apis: Apis) -> str:
    made: str = apis["messaging"].create_coupon(coupon_request()).coupon_id
    return made


def request_id(apis: Apis, call: str, request: Any) -> str:
    answer = getattr(apis["messaging"], f"{call}_with_http_info")(request)
    found: str = answer.headers["x-line-request-id"]
    return found


def broadcast_id(apis: Apis) -> str:
    return request_id(apis, "broadcast", models.BroadcastRequest(messages=[TEXT]))


def users(scene: Scene, *, bad: bool = False) -> list[Any]:
    return [audience_models.Audience(id="x" if bad else scene["alice"])]


def audience_of(apis: Apis, scene: Scene, name: str = "people") -> int:
    request = audience_models.CreateAudienceGroupRequest(description=name, audiences=users(scene))
    made: int = apis["audience"].create_audience_group(request).audience_group_id
    return made


def signed(scene: Scene, **changed: Any) -> str:
    return assertion(claims(scene["simulator"].world.now(), **changed))


def jwt_token(apis: Apis, scene: Scene) -> str:
    made: str = (
        apis["tokens"]
        .issue_channel_token_by_jwt("client_credentials", ASSERTION, signed(scene))
        .access_token
    )
    return made


def short_token(apis: Apis) -> str:
    made: str = (
        apis["tokens"].issue_channel_token("client_credentials", CHANNEL, SECRET).access_token
    )
    return made


def yesterday(scene: Scene) -> str:
    return day_of(scene["simulator"].world.now() - DAY)


def with_unit(scene: Scene) -> str:
    """Something was pushed under a unit."""
    world = scene["simulator"].world
    delivery = Delivery("push", world.now(), (scene["alice"],), (), 1, "promotion_a")
    world.part(Deliveries).keep("some-request", delivery)
    return delivery.unit


def validated(name: str) -> Any:
    good = models.ValidateMessageRequest(messages=[TEXT])
    bad = models.ValidateMessageRequest(messages=[models.TextMessage(text="a" * 5001)])
    return (
        lambda a, s: getattr(a["messaging"], name)(good),
        400,
        lambda a, s: getattr(a["messaging"], name)(bad),
    )


def counted(name: str) -> Any:
    return (
        lambda a, s: getattr(a["messaging"], name)(yesterday(s)),
        400,
        lambda a, s: getattr(a["messaging"], name)("2026"),
    )


Row = tuple[Callable[[Apis, Scene], Any], int, Callable[[Apis, Scene], Any]]


def as_stranger(name: str) -> Callable[[Apis, Scene], Any]:
    """The call with a token that is none."""
    where = next(place for place, method in EVERY if method == name)

    def call(a: Apis, _s: Scene) -> Any:
        configuration = a[where].api_client.configuration
        try:
            configuration.access_token = "x"
            return getattr(a[where], name)()
        finally:
            configuration.access_token = TOKEN

    return call


def m(call: Callable[[Any, Scene], Any]) -> Callable[[Apis, Scene], Any]:
    return lambda a, s: call(a["messaging"], s)


def unverified(name: str, *keys: str) -> Callable[[Apis, Scene], Any]:
    """The call of an account that has nothing."""

    def call(a: Apis, s: Scene) -> Any:
        s["simulator"].world.account = Account(channel_id=CHANNEL)
        where = next(place for place, method in EVERY if method == name)
        return getattr(a[where], name)(*(s[key] for key in keys))

    return call


ROWS: dict[str, Row] = {
    # Messages
    "reply_message": (
        m(lambda a, s: a.reply_message(reply_with(said(s["sim"], text="hi")["replyToken"]))),
        400,
        m(lambda a, s: a.reply_message(reply_with("0" * 32))),
    ),
    "push_message": (
        m(lambda a, s: a.push_message(push_to(s["alice"]))),
        400,
        m(lambda a, s: a.push_message(push_to(STRANGER))),
    ),
    "multicast": (
        m(lambda a, s: a.multicast(models.MulticastRequest(to=[s["alice"]], messages=[TEXT]))),
        400,
        m(lambda a, s: a.multicast(models.MulticastRequest(to=[STRANGER], messages=[TEXT]))),
    ),
    "broadcast": (
        m(lambda a, s: a.broadcast(models.BroadcastRequest(messages=[TEXT]))),
        400,
        m(
            lambda a, s: a.broadcast(
                models.BroadcastRequest(messages=[models.TextMessage(text="a" * 5001)])
            )
        ),
    ),
    "narrowcast": (
        lambda a, s: a["messaging"].narrowcast(narrowcast_to(audience_of_ready(a, s))),
        400,
        lambda a, s: a["messaging"].narrowcast(narrowcast_to(1)),
    ),
    "get_narrowcast_progress": (
        lambda a, s: a["messaging"].get_narrowcast_progress(
            request_id(a, "narrowcast", models.NarrowcastRequest(messages=[TEXT]))
        ),
        404,
        m(lambda a, s: a.get_narrowcast_progress("x")),
    ),
    "validate_reply": validated("validate_reply"),
    "validate_push": validated("validate_push"),
    "validate_multicast": validated("validate_multicast"),
    "validate_narrowcast": validated("validate_narrowcast"),
    "validate_broadcast": validated("validate_broadcast"),
    "get_number_of_sent_reply_messages": counted("get_number_of_sent_reply_messages"),
    "get_number_of_sent_push_messages": counted("get_number_of_sent_push_messages"),
    "get_number_of_sent_multicast_messages": counted("get_number_of_sent_multicast_messages"),
    "get_number_of_sent_broadcast_messages": counted("get_number_of_sent_broadcast_messages"),
    "get_aggregation_unit_usage": (
        m(lambda a, s: a.get_aggregation_unit_usage()),
        401,
        as_stranger("get_aggregation_unit_usage"),
    ),
    "get_aggregation_unit_name_list": (
        m(lambda a, s: (with_unit(s), a.get_aggregation_unit_name_list(limit="10"))[1]),
        400,
        m(lambda a, s: a.get_aggregation_unit_name_list(start="x")),
    ),
    "get_message_quota": (
        m(lambda a, s: a.get_message_quota()),
        401,
        as_stranger("get_message_quota"),
    ),
    "get_message_quota_consumption": (
        m(lambda a, s: a.get_message_quota_consumption()),
        401,
        as_stranger("get_message_quota_consumption"),
    ),
    "push_messages_by_phone": (
        m(lambda a, s: a.push_messages_by_phone(pnp_to(PHONE), x_line_delivery_tag="t" * 16)),
        422,
        m(lambda a, s: a.push_messages_by_phone(pnp_to("+819000000000"))),
    ),
    "push_templated_messages_by_phone": (
        m(lambda a, s: a.push_templated_messages_by_phone(template_to(PHONE))),
        422,
        m(lambda a, s: a.push_templated_messages_by_phone(template_to("+819000000000"))),
    ),
    "get_pnp_message_statistics": counted("get_pnp_message_statistics"),
    "get_pnp_templated_message_statistics": counted("get_pnp_templated_message_statistics"),
    # People, groups and the account
    "get_profile": (
        m(lambda a, s: a.get_profile(s["alice"])),
        404,
        m(lambda a, s: a.get_profile(STRANGER)),
    ),
    "get_followers": (
        m(lambda a, s: a.get_followers(limit=1)),
        403,
        unverified("get_followers"),
    ),
    "get_bot_info": (m(lambda a, s: a.get_bot_info()), 401, as_stranger("get_bot_info")),
    "get_group_summary": (
        m(lambda a, s: a.get_group_summary(s["group"])),
        404,
        m(lambda a, s: a.get_group_summary("C" + "0" * 32)),
    ),
    "get_group_member_count": (
        m(lambda a, s: a.get_group_member_count(s["group"])),
        400,
        m(lambda a, s: a.get_group_member_count(s["room"])),
    ),
    "get_group_members_ids": (
        m(lambda a, s: a.get_group_members_ids(s["group"])),
        403,
        unverified("get_group_members_ids", "group"),
    ),
    "get_group_member_profile": (
        m(lambda a, s: a.get_group_member_profile(s["group"], s["alice"])),
        404,
        m(lambda a, s: a.get_group_member_profile(s["group"], STRANGER)),
    ),
    "leave_group": (
        m(lambda a, s: a.leave_group(s["group"])),
        404,
        m(lambda a, s: a.leave_group("C" + "0" * 32)),
    ),
    "get_room_member_count": (
        m(lambda a, s: a.get_room_member_count(s["room"])),
        404,
        m(lambda a, s: a.get_room_member_count("R" + "0" * 32)),
    ),
    "get_room_members_ids": (
        m(lambda a, s: a.get_room_members_ids(s["room"])),
        403,
        unverified("get_room_members_ids", "room"),
    ),
    "get_room_member_profile": (
        m(lambda a, s: a.get_room_member_profile(s["room"], s["alice"])),
        404,
        m(lambda a, s: a.get_room_member_profile(s["room"], STRANGER)),
    ),
    "leave_room": (
        m(lambda a, s: a.leave_room(s["room"])),
        400,
        m(lambda a, s: a.leave_room("x")),
    ),
    "issue_link_token": (
        m(lambda a, s: a.issue_link_token(s["alice"])),
        404,
        m(lambda a, s: a.issue_link_token(STRANGER)),
    ),
    # The channel
    "show_loading_animation": (
        m(lambda a, s: a.show_loading_animation(loading_in(s["alice"]))),
        400,
        m(lambda a, s: a.show_loading_animation(loading_in(s["group"]))),
    ),
    "mark_messages_as_read": (
        m(lambda a, s: a.mark_messages_as_read(read_of(s["alice"]))),
        400,
        m(lambda a, s: a.mark_messages_as_read(read_of("x"))),
    ),
    "mark_messages_as_read_by_token": (
        m(
            lambda a, s: a.mark_messages_as_read_by_token(
                read_by(said(s["sim"], text="hi")["message"]["markAsReadToken"])
            )
        ),
        400,
        m(lambda a, s: a.mark_messages_as_read_by_token(read_by("x"))),
    ),
    "get_webhook_endpoint": (
        m(lambda a, s: a.get_webhook_endpoint()),
        404,
        m(lambda a, s: (s["simulator"].set_webhook(None), a.get_webhook_endpoint())[1]),
    ),
    "set_webhook_endpoint": (
        m(lambda a, s: a.set_webhook_endpoint(endpoint_at("https://127.0.0.1:9/"))),
        400,
        m(lambda a, s: a.set_webhook_endpoint(endpoint_at("http://example.com/"))),
    ),
    "test_webhook_endpoint": (
        m(lambda a, s: a.test_webhook_endpoint()),
        404,
        m(lambda a, s: (s["simulator"].set_webhook(None), a.test_webhook_endpoint())[1]),
    ),
    # Rich menus
    "create_rich_menu": (
        m(lambda a, s: a.create_rich_menu(menu_request())),
        400,
        m(lambda a, s: a.create_rich_menu(models.RichMenuRequest(name="x"))),
    ),
    "validate_rich_menu_object": (
        m(lambda a, s: a.validate_rich_menu_object(menu_request())),
        400,
        m(lambda a, s: a.validate_rich_menu_object(models.RichMenuRequest())),
    ),
    "get_rich_menu": (
        lambda a, s: a["messaging"].get_rich_menu(menu(a)),
        404,
        m(lambda a, s: a.get_rich_menu(NO_MENU)),
    ),
    "get_rich_menu_list": (
        lambda a, s: (menu(a), a["messaging"].get_rich_menu_list())[1],
        401,
        as_stranger("get_rich_menu_list"),
    ),
    "delete_rich_menu": (
        lambda a, s: a["messaging"].delete_rich_menu(menu(a)),
        404,
        m(lambda a, s: a.delete_rich_menu(NO_MENU)),
    ),
    "set_default_rich_menu": (
        lambda a, s: a["messaging"].set_default_rich_menu(menu(a)),
        400,
        lambda a, s: a["messaging"].set_default_rich_menu(menu(a, picture=False)),
    ),
    "get_default_rich_menu_id": (
        lambda a, s: (
            a["messaging"].set_default_rich_menu(menu(a)),
            a["messaging"].get_default_rich_menu_id(),
        )[1],
        404,
        m(lambda a, s: a.get_default_rich_menu_id()),
    ),
    "cancel_default_rich_menu": (
        m(lambda a, s: a.cancel_default_rich_menu()),
        401,
        as_stranger("cancel_default_rich_menu"),
    ),
    "link_rich_menu_id_to_user": (
        lambda a, s: a["messaging"].link_rich_menu_id_to_user(s["alice"], menu(a)),
        404,
        m(lambda a, s: a.link_rich_menu_id_to_user(s["alice"], NO_MENU)),
    ),
    "get_rich_menu_id_of_user": (
        lambda a, s: (
            a["messaging"].link_rich_menu_id_to_user(s["alice"], menu(a)),
            a["messaging"].get_rich_menu_id_of_user(s["alice"]),
        )[1],
        404,
        m(lambda a, s: a.get_rich_menu_id_of_user(s["alice"])),
    ),
    "unlink_rich_menu_id_from_user": (
        m(lambda a, s: a.unlink_rich_menu_id_from_user(s["alice"])),
        400,
        m(lambda a, s: a.unlink_rich_menu_id_from_user("x")),
    ),
    "link_rich_menu_id_to_users": (
        lambda a, s: a["messaging"].link_rich_menu_id_to_users(linked(menu(a), s["alice"])),
        404,
        m(lambda a, s: a.link_rich_menu_id_to_users(linked(NO_MENU, s["alice"]))),
    ),
    "unlink_rich_menu_id_from_users": (
        m(
            lambda a, s: a.unlink_rich_menu_id_from_users(
                models.RichMenuBulkUnlinkRequest(userIds=[s["alice"]])
            )
        ),
        400,
        m(
            lambda a, s: a.unlink_rich_menu_id_from_users(
                models.RichMenuBulkUnlinkRequest(userIds=["x"])
            )
        ),
    ),
    "create_rich_menu_alias": (
        lambda a, s: alias(a),
        400,
        lambda a, s: (alias(a), alias(a)),
    ),
    "get_rich_menu_alias": (
        lambda a, s: a["messaging"].get_rich_menu_alias(alias(a)),
        404,
        m(lambda a, s: a.get_rich_menu_alias("none")),
    ),
    "get_rich_menu_alias_list": (
        lambda a, s: (alias(a), a["messaging"].get_rich_menu_alias_list())[1],
        401,
        as_stranger("get_rich_menu_alias_list"),
    ),
    "update_rich_menu_alias": (
        lambda a, s: a["messaging"].update_rich_menu_alias(
            alias(a), models.UpdateRichMenuAliasRequest(richMenuId=menu(a))
        ),
        400,
        lambda a, s: a["messaging"].update_rich_menu_alias(
            alias(a), models.UpdateRichMenuAliasRequest(richMenuId=NO_MENU)
        ),
    ),
    "delete_rich_menu_alias": (
        lambda a, s: a["messaging"].delete_rich_menu_alias(alias(a)),
        404,
        m(lambda a, s: a.delete_rich_menu_alias("none")),
    ),
    "rich_menu_batch": (
        m(lambda a, s: a.rich_menu_batch(batch())),
        404,
        m(lambda a, s: a.rich_menu_batch(batch(NO_MENU, NO_MENU))),
    ),
    "validate_rich_menu_batch_request": (
        m(lambda a, s: a.validate_rich_menu_batch_request(batch())),
        400,
        lambda a, s: a["messaging"].validate_rich_menu_batch_request(
            batch(menu(a, picture=False), menu(a))
        ),
    ),
    "get_rich_menu_batch_progress": (
        lambda a, s: a["messaging"].get_rich_menu_batch_progress(
            request_id(a, "rich_menu_batch", batch())
        ),
        404,
        m(lambda a, s: a.get_rich_menu_batch_progress("x")),
    ),
    # Coupons and memberships
    "create_coupon": (
        m(lambda a, s: a.create_coupon(coupon_request())),
        400,
        m(lambda a, s: a.create_coupon(coupon_request(endTimestamp=1))),
    ),
    "get_coupon_detail": (
        lambda a, s: a["messaging"].get_coupon_detail(coupon(a)),
        404,
        m(lambda a, s: a.get_coupon_detail("x")),
    ),
    "list_coupon": (
        lambda a, s: (coupon(a), a["messaging"].list_coupon(status=["RUNNING", "CLOSED"]))[1],
        400,
        m(lambda a, s: a.list_coupon(start="x")),
    ),
    "close_coupon": (
        lambda a, s: a["messaging"].close_coupon(coupon(a)),
        404,
        m(lambda a, s: a.close_coupon("x")),
    ),
    "get_membership_list": (
        m(lambda a, s: a.get_membership_list()),
        404,
        unverified("get_membership_list"),
    ),
    "get_membership_subscription": (
        m(lambda a, s: a.get_membership_subscription(s["alice"])),
        404,
        m(lambda a, s: a.get_membership_subscription(STRANGER)),
    ),
    "get_joined_membership_users": (
        m(lambda a, s: a.get_joined_membership_users(7)),
        404,
        m(lambda a, s: a.get_joined_membership_users(8)),
    ),
    # Content
    "get_message_content": (
        lambda a, s: a["blob"].get_message_content(s["video"]),
        404,
        lambda a, s: a["blob"].get_message_content("1"),
    ),
    "get_message_content_preview": (
        lambda a, s: a["blob"].get_message_content_preview(s["video"]),
        404,
        lambda a, s: a["blob"].get_message_content_preview("1"),
    ),
    "get_message_content_transcoding_by_message_id": (
        lambda a, s: a["blob"].get_message_content_transcoding_by_message_id(s["video"]),
        404,
        lambda a, s: a["blob"].get_message_content_transcoding_by_message_id("1"),
    ),
    "set_rich_menu_image": (
        lambda a, s: menu(a),
        415,
        lambda a, s: a["blob"].set_rich_menu_image(
            menu(a), bytearray(b"GIF89a"), _headers={"Content-Type": "image/gif"}
        ),
    ),
    "get_rich_menu_image": (
        lambda a, s: a["blob"].get_rich_menu_image(menu(a)),
        404,
        lambda a, s: a["blob"].get_rich_menu_image(menu(a, picture=False)),
    ),
    # Channel access tokens
    "issue_channel_token": (
        lambda a, s: short_token(a),
        400,
        lambda a, s: a["tokens"].issue_channel_token("client_credentials", CHANNEL, "x"),
    ),
    "issue_channel_token_by_jwt": (
        jwt_token,
        400,
        lambda a, s: a["tokens"].issue_channel_token_by_jwt(
            "client_credentials", ASSERTION, signed(s, aud="https://example.com/")
        ),
    ),
    "issue_stateless_channel_token": (
        lambda a, s: a["tokens"].issue_stateless_channel_token_by_client_secret(CHANNEL, SECRET),
        400,
        lambda a, s: a["tokens"].issue_stateless_channel_token_by_client_secret(CHANNEL, "x"),
    ),
    "verify_channel_token": (
        lambda a, s: a["tokens"].verify_channel_token(short_token(a)),
        400,
        lambda a, s: a["tokens"].verify_channel_token("x"),
    ),
    "verify_channel_token_by_jwt": (
        lambda a, s: a["tokens"].verify_channel_token_by_jwt(jwt_token(a, s)),
        400,
        lambda a, s: a["tokens"].verify_channel_token_by_jwt("x"),
    ),
    "revoke_channel_token": (
        lambda a, s: a["tokens"].revoke_channel_token(short_token(a)),
        400,
        lambda a, s: a["tokens"].revoke_channel_token(""),
    ),
    "revoke_channel_token_by_jwt": (
        lambda a, s: a["tokens"].revoke_channel_token_by_jwt(CHANNEL, SECRET, jwt_token(a, s)),
        400,
        lambda a, s: a["tokens"].revoke_channel_token_by_jwt(CHANNEL, "x", "y"),
    ),
    "gets_all_valid_channel_access_token_key_ids": (
        lambda a, s: a["tokens"].gets_all_valid_channel_access_token_key_ids(ASSERTION, signed(s)),
        400,
        lambda a, s: a["tokens"].gets_all_valid_channel_access_token_key_ids(
            ASSERTION, signed(s, exp=1)
        ),
    ),
    # Insight
    "get_friends_demographics": (
        lambda a, s: a["insight"].get_friends_demographics(),
        401,
        as_stranger("get_friends_demographics"),
    ),
    "get_message_event": (
        lambda a, s: a["insight"].get_message_event(broadcast_id(a)),
        404,
        lambda a, s: a["insight"].get_message_event("x"),
    ),
    "get_number_of_followers": (
        lambda a, s: a["insight"].get_number_of_followers(var_date=yesterday(s)),
        400,
        lambda a, s: a["insight"].get_number_of_followers(),
    ),
    "get_number_of_message_deliveries": (
        lambda a, s: a["insight"].get_number_of_message_deliveries(yesterday(s)),
        400,
        lambda a, s: a["insight"].get_number_of_message_deliveries("2026ffff"),
    ),
    "get_statistics_per_unit": (
        lambda a, s: (
            with_unit(s),
            a["insight"].get_statistics_per_unit("promotion_a", yesterday(s), yesterday(s)),
        )[1],
        400,
        lambda a, s: a["insight"].get_statistics_per_unit("p", "20260101", "20260301"),
    ),
    "get_rich_menu_insight_summary": (
        lambda a, s: a["insight"].get_rich_menu_insight_summary(
            menu(a), yesterday(s), yesterday(s)
        ),
        404,
        lambda a, s: a["insight"].get_rich_menu_insight_summary(
            NO_MENU, yesterday(s), yesterday(s)
        ),
    ),
    "get_rich_menu_insight_daily": (
        lambda a, s: a["insight"].get_rich_menu_insight_daily(menu(a), yesterday(s), yesterday(s)),
        400,
        lambda a, s: a["insight"].get_rich_menu_insight_daily(menu(a), "20200101", "20260101"),
    ),
    # Audiences
    "create_audience_group": (
        audience_of,
        400,
        lambda a, s: audience_of(a, s, " "),
    ),
    "add_audience_to_audience_group": (
        lambda a, s: a["audience"].add_audience_to_audience_group(
            audience_models.AddAudienceToAudienceGroupRequest(
                audienceGroupId=audience_of(a, s), audiences=users(s)
            )
        ),
        400,
        lambda a, s: a["audience"].add_audience_to_audience_group(
            audience_models.AddAudienceToAudienceGroupRequest(
                audienceGroupId=audience_of(a, s), audiences=users(s, bad=True)
            )
        ),
    ),
    "create_click_based_audience_group": (
        lambda a, s: a["audience"].create_click_based_audience_group(
            audience_models.CreateClickBasedAudienceGroupRequest(
                description="c", requestId=broadcast_id(a), clickUrl="https://example.com/"
            )
        ),
        400,
        lambda a, s: a["audience"].create_click_based_audience_group(
            audience_models.CreateClickBasedAudienceGroupRequest(description="c", requestId="x")
        ),
    ),
    "create_imp_based_audience_group": (
        lambda a, s: a["audience"].create_imp_based_audience_group(
            audience_models.CreateImpBasedAudienceGroupRequest(
                description="c", requestId=broadcast_id(a)
            )
        ),
        400,
        lambda a, s: a["audience"].create_imp_based_audience_group(
            audience_models.CreateImpBasedAudienceGroupRequest(description="c", requestId="x")
        ),
    ),
    "delete_audience_group": (
        lambda a, s: a["audience"].delete_audience_group(audience_of(a, s)),
        400,
        lambda a, s: a["audience"].delete_audience_group(1),
    ),
    "get_audience_data": (
        lambda a, s: a["audience"].get_audience_data(audience_of(a, s)),
        400,
        lambda a, s: a["audience"].get_audience_data(1),
    ),
    "get_audience_groups": (
        lambda a, s: (audience_of(a, s), a["audience"].get_audience_groups(1, size=40))[1],
        400,
        lambda a, s: a["audience"].get_audience_groups(1, size=0),
    ),
    "get_shared_audience_data": (
        lambda a, s: a["audience"].get_shared_audience_data(audience_of(a, s)),
        400,
        lambda a, s: a["audience"].get_shared_audience_data(1),
    ),
    "get_shared_audience_groups": (
        lambda a, s: (
            audience_of(a, s),
            a["audience"].get_shared_audience_groups(1, includes_owned_audience_groups=True),
        )[1],
        400,
        lambda a, s: a["audience"].get_shared_audience_groups(1, size=0),
    ),
    "update_audience_group_description": (
        lambda a, s: a["audience"].update_audience_group_description(audience_of(a, s), named("b")),
        400,
        lambda a, s: a["audience"].update_audience_group_description(1, named("b")),
    ),
    "create_audience_for_uploading_user_ids": (
        lambda a, s: a["audience blob"].create_audience_for_uploading_user_ids(
            file=s["users"], description="f"
        ),
        400,
        lambda a, s: a["audience blob"].create_audience_for_uploading_user_ids(
            file=s["nobody"], description="f"
        ),
    ),
    "add_user_ids_to_audience": (
        lambda a, s: a["audience blob"].add_user_ids_to_audience(
            file=s["users"], audience_group_id=audience_of(a, s)
        ),
        400,
        lambda a, s: a["audience blob"].add_user_ids_to_audience(
            file=s["users"], audience_group_id=1
        ),
    ),
    # Module channels
    "get_modules": (
        lambda a, s: a["module"].get_modules(),
        403,
        unverified("get_modules"),
    ),
    "acquire_chat_control": (
        lambda a, s: a["module"].acquire_chat_control(s["alice"]),
        404,
        lambda a, s: a["module"].acquire_chat_control(STRANGER),
    ),
    "release_chat_control": (
        lambda a, s: a["module"].release_chat_control(s["group"]),
        404,
        lambda a, s: a["module"].release_chat_control(STRANGER),
    ),
    "detach_module": (
        lambda a, s: a["module"].detach_module(),
        403,
        unverified("detach_module"),
    ),
}


def reply_with(token: str) -> Any:
    return models.ReplyMessageRequest(replyToken=token, messages=[TEXT])


def push_to(to: str) -> Any:
    return models.PushMessageRequest(to=to, messages=[TEXT])


def pnp_to(phone: str) -> Any:
    to = hashlib.sha256(phone.encode()).hexdigest()
    return models.PnpMessagesRequest(to=to, messages=[TEXT])


def template_to(phone: str) -> Any:
    to = hashlib.sha256(phone.encode()).hexdigest()
    return models.PnpTemplatedMessageRequest(to=to, templateKey="shipment_completed_ja")


def loading_in(chat: str) -> Any:
    return models.ShowLoadingAnimationRequest(chatId=chat)


def read_of(user_id: str) -> Any:
    return models.MarkMessagesAsReadRequest(chat=models.ChatReference(userId=user_id))


def read_by(token: str) -> Any:
    return models.MarkMessagesAsReadByTokenRequest(markAsReadToken=token)


def endpoint_at(url: str) -> Any:
    return models.SetWebhookEndpointRequest(endpoint=url)


def linked(menu_id: str, user_id: str) -> Any:
    return models.RichMenuBulkLinkRequest(richMenuId=menu_id, userIds=[user_id])


def named(name: str) -> Any:
    return audience_models.UpdateAudienceGroupDescriptionRequest(description=name)


def audience_of_ready(apis: Apis, scene: Scene) -> int:
    """An audience that was made some time ago."""
    made = audience_of(apis, scene)
    scene["simulator"].world.part(Audiences).known[made].created -= 60_000
    return made


def narrowcast_to(audience_id: int) -> Any:
    recipient = models.AudienceRecipient(audienceGroupId=audience_id)
    return models.NarrowcastRequest(messages=[TEXT], recipient=recipient)


def test_the_table_is_every_operation() -> None:
    names = [name for _, name in EVERY]
    assert len(set(names)) == len(names)
    assert set(ROWS) == set(names)
    assert len(names) > 100


@pytest.mark.parametrize("name", sorted(ROWS))
def test_success(name: str, apis: Apis, scene: Scene) -> None:
    """The SDK takes the answer as a success of this operation; nothing is only half parsed."""
    succeeds, _, _ = ROWS[name]
    answered = succeeds(apis, scene)
    calls = scene["sim"].get("/sim/wire").json()["entries"]
    statuses = [one["status"] for one in calls if one["kind"] == "call"]
    assert statuses
    assert all(200 <= status < 300 for status in statuses)
    shown = answered.to_dict() if hasattr(answered, "to_dict") else answered
    assert json.dumps(shown, default=str)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_error(name: str, apis: Apis, scene: Scene) -> None:
    """The SDK raises its ApiException with LINE's status and a body in LINE's shape."""
    _, status, fails = ROWS[name]
    with pytest.raises(
        (
            messaging.ApiException,
            oauth.ApiException,
            insight.ApiException,
            audience.ApiException,
            module.ApiException,
        )
    ) as caught:
        fails(apis, scene)
    assert caught.value.status == status
    shown = json.loads(caught.value.body)
    assert shown.get("message") or shown.get("error")
