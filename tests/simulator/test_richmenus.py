"""Rich menus: what LINE takes, who sees which one, aliases and batches."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from penniless.simulator import relations
from penniless.simulator.acts import act
from penniless.simulator.clock import VirtualClock
from penniless.simulator.exchange import Response
from penniless.simulator.pictures import size_of
from penniless.simulator.places import Refused
from penniless.simulator.richmenus import seen_by
from penniless.simulator.world import World
from tests.simulator.conftest import Call
from tests.simulator.pictures import jpeg, png

Json = dict[str, Any]
Make = Callable[..., str]
MENUS = "/v2/bot/richmenu"
NO_MENU = "richmenu-" + "0" * 32
STRANGER = "U" + "0" * 32
SPECIFIED = "must be specified"


def area(**bounds: int) -> Json:
    usual = {"x": 0, "y": 0, "width": 400, "height": 250}
    return {"bounds": {**usual, **bounds}, "action": {"type": "message", "text": "a"}}


def menu(**changed: Any) -> Json:
    return {
        "size": {"width": 800, "height": 250},
        "selected": False,
        "name": "メニュー",
        "chatBarText": "タップ",
        "areas": [area()],
        **changed,
    }


def body(response: Response) -> Any:
    return json.loads(response.body)


@pytest.fixture
def make(call: Call) -> Make:
    """A new rich menu, with a picture unless told otherwise."""

    def do(*, picture: bool = True, **changed: Any) -> str:
        made: str = body(call("POST", MENUS, menu(**changed)))["richMenuId"]
        if picture:
            assert upload(call, made, png(800, 250)).status == 200
        return made

    return do


@pytest.fixture
def alice(world: World) -> str:
    return world.people["alice"].user_id


@pytest.fixture
def bob(world: World) -> str:
    return world.people["bob"].user_id


def upload(call: Call, menu_id: str, data: bytes, kind: str = "image/png") -> Response:
    path = f"{MENUS}/{menu_id}/content"
    return call("POST", path, data, headers={"content-type": kind})


class TestMenus:
    def test_one_is_made_read_and_deleted(self, call: Call) -> None:
        made = body(call("POST", MENUS, menu()))["richMenuId"]
        assert len(made) == len(NO_MENU)
        shown = {"richMenuId": made, **menu()}
        assert body(call("GET", f"{MENUS}/{made}")) == shown
        assert body(call("GET", f"{MENUS}/list")) == {"richmenus": [shown]}
        assert body(call("DELETE", f"{MENUS}/{made}")) == {}
        for method in ("GET", "DELETE"):
            gone = call(method, f"{MENUS}/{made}")
            assert (gone.status, body(gone)) == (404, {"message": "Not found"})

    @pytest.mark.parametrize(
        ("changed", "where", "sentence"),
        [
            *(({name: None}, name, SPECIFIED) for name in menu()),
            ({"name": ""}, "name", SPECIFIED),
            ({"name": "a" * 301}, "name", "Length must be between 0 and 300"),
            ({"chatBarText": "花" * 15}, "chatBarText", "Length must be between 0 and 14"),
            ({"size": {"width": 799, "height": 250}}, "size.width", "Must be between 800 and 2500"),
            ({"size": {"width": 800}}, "size.height", SPECIFIED),
            ({"size": {"width": 800, "height": 249}}, "size.height", "Must be between 250 and"),
            ({"size": {"width": 800, "height": 552}}, "size", "width / height must be"),
            ({"areas": [area()] * 21}, "areas", "Size must be between 0 and 20"),
            ({"areas": [{"bounds": area()["bounds"]}]}, "areas[0].action", SPECIFIED),
            ({"areas": [area(x=401)]}, "areas[0].bounds", "must be within the rich menu"),
            ({"areas": [area(height=0)]}, "areas[0].bounds.height", "Must be between 1 and"),
        ],
    )
    def test_what_is_refused(self, call: Call, changed: Json, where: str, sentence: str) -> None:
        """The same by the operation that only checks."""
        for path in (MENUS, f"{MENUS}/validate"):
            response = call("POST", path, menu(**changed))
            assert response.status == 400
            (detail,) = body(response)["details"]
            assert detail["property"] == where
            assert detail["message"].startswith(sentence)
        assert body(call("GET", f"{MENUS}/list")) == {"richmenus": []}

    @pytest.mark.parametrize(
        ("action", "where", "sentence"),
        [
            ({"type": "uri", "uri": "x y"}, "uri", "invalid uri"),
            ({"type": "richmenuswitch", "data": "d"}, "richMenuAliasId", SPECIFIED),
            ({"type": "camera"}, "type", "Must be one of the following values"),
            ({"type": "message", "text": "a", "label": "a" * 21}, "label", "Length must be"),
        ],
    )
    def test_actions_that_are_refused(
        self, call: Call, action: Json, where: str, sentence: str
    ) -> None:
        response = call("POST", MENUS, menu(areas=[{**area(), "action": action}]))
        (detail,) = body(response)["details"]
        assert detail["property"] == f"areas[0].action.{where}"
        assert detail["message"].startswith(sentence)

    def test_the_limits_themselves(self, call: Call) -> None:
        """300 and 14 as a reader counts, 20 areas, the smallest size, no area at all."""
        family = "👨‍👩‍👧‍👦"
        good = menu(name=family * 300, chatBarText=family * 14, areas=[area()] * 20)
        assert call("POST", f"{MENUS}/validate", good).status == 200
        assert call("POST", f"{MENUS}/validate", menu(areas=[])).status == 200

    def test_a_hundred_an_hour(self, call: Call) -> None:
        statuses = [call("POST", MENUS, menu()).status for _ in range(101)]
        assert statuses == [200] * 100 + [429]

    def test_a_thousand_in_all(self, world: World, call: Call) -> None:
        world.set_rate_limits(on=False)
        statuses = [call("POST", MENUS, menu()).status for _ in range(1_001)]
        assert statuses == [200] * 1_000 + [400]


class TestPictures:
    def test_up_and_down(self, call: Call, make: Make) -> None:
        made, data = make(picture=False), png(800, 250)
        nothing = call("GET", f"{MENUS}/{made}/content")
        assert (nothing.status, body(nothing)) == (404, {"message": "Not found"})
        assert body(upload(call, made, data)) == {}
        found = call("GET", f"{MENUS}/{made}/content")
        assert (found.body, found.headers["content-type"]) == (data, "image/png")

    def test_not_a_second_time(self, call: Call, make: Make) -> None:
        response = upload(call, make(), png(800, 250))
        expected = {"message": "An image has already been uploaded to the richmenu"}
        assert (response.status, body(response)) == (400, expected)

    @pytest.mark.parametrize(
        ("data", "kind", "status"),
        [
            (jpeg(800, 250), "image/jpeg", 200),
            (jpeg(800, 250), "image/jpeg; charset=binary", 200),
            (jpeg(800, 250), "image/png", 400),
            (png(800, 250), "image/gif", 415),
            (png(800, 250), "", 415),
            (png(799, 250), "image/png", 400),
            (png(800, 249), "image/png", 400),
            (png(801, 250), "image/png", 400),
            (png(2501, 1000), "image/png", 400),
            (png(800, 600), "image/png", 400),
            (png(800, 250, padding=1024 * 1024), "image/png", 400),
            (b"", "image/png", 400),
            (b"GIF89a", "image/png", 400),
        ],
    )
    def test_which_are_taken(
        self, call: Call, make: Make, data: bytes, kind: str, status: int
    ) -> None:
        response = upload(call, make(picture=False), data, kind)
        assert response.status == status
        if status == 400:
            assert body(response) == {"message": "The image size is not allowed for richmenu"}
            assert response.call.hint

    def test_of_no_menu(self, call: Call) -> None:
        assert upload(call, NO_MENU, png(800, 250)).status == 404

    @pytest.mark.parametrize("width", [1, 800, 65_535])
    def test_the_size_of_a_picture(self, width: int) -> None:
        assert size_of("image/png", png(width, 7)) == (width, 7)
        assert size_of("image/jpeg", jpeg(width, 7)) == (width, 7)
        assert size_of("image/gif", png(width, 7)) is None

    @pytest.mark.parametrize("kind", ["image/png", "image/jpeg"])
    def test_half_a_picture(self, kind: str) -> None:
        """Wherever it is cut: a size or none, never an error."""
        whole = png(800, 250) if kind == "image/png" else jpeg(800, 250)
        sizes = {size_of(kind, whole[:end]) for end in range(len(whole))}
        assert sizes <= {None, (800, 250)}
        assert None in sizes


class TestWhoSeesWhat:
    def test_the_own_menu_before_the_default_one(
        self, world: World, call: Call, make: Make, alice: str, bob: str
    ) -> None:
        default, own = make(name="default"), make(name="own")
        assert seen_by(world, alice) is None
        call("POST", f"/v2/bot/user/all/richmenu/{default}")
        call("POST", f"/v2/bot/user/{alice}/richmenu/{own}")
        assert [menu.id for one in (alice, bob) if (menu := seen_by(world, one))] == [own, default]
        assert body(call("GET", "/v2/bot/user/all/richmenu")) == {"richMenuId": default}
        assert body(call("GET", f"/v2/bot/user/{alice}/richmenu")) == {"richMenuId": own}
        call("DELETE", f"/v2/bot/user/{alice}/richmenu")
        assert (found := seen_by(world, alice)) is not None
        assert found.id == default
        call("DELETE", "/v2/bot/user/all/richmenu")
        assert seen_by(world, alice) is None

    def test_none(self, call: Call, alice: str) -> None:
        """LINE's sentences, with an empty list of details."""
        default = call("GET", "/v2/bot/user/all/richmenu")
        expected = {"message": "no default richmenu", "details": []}
        assert (default.status, body(default)) == (404, expected)
        own = call("GET", f"/v2/bot/user/{alice}/richmenu")
        expected = {"message": "the user has no richmenu", "details": []}
        assert (own.status, body(own)) == (404, expected)

    def test_without_a_picture(self, call: Call, make: Make, alice: str) -> None:
        made = make(picture=False)
        bulk = {"richMenuId": made, "userIds": [alice]}
        for response in (
            call("POST", f"/v2/bot/user/all/richmenu/{made}"),
            call("POST", f"/v2/bot/user/{alice}/richmenu/{made}"),
            call("POST", f"{MENUS}/bulk/link", bulk),
        ):
            sentence = "must upload richmenu image before applying it to user"
            expected = {"message": sentence, "details": []}
            assert (response.status, body(response)) == (400, expected)

    def test_strangers_see_nothing(self, world: World, call: Call, make: Make, alice: str) -> None:
        """200 all the same; and who blocks the bot sees none any more."""
        made = make()
        assert call("POST", f"/v2/bot/user/{STRANGER}/richmenu/{made}").status == 200
        assert call("GET", f"/v2/bot/user/{STRANGER}/richmenu").status == 404
        call("POST", f"/v2/bot/user/all/richmenu/{made}")
        relations.block(world, world.people["alice"])
        assert seen_by(world, alice) is None

    def test_a_deleted_menu_is_seen_by_nobody(
        self, world: World, call: Call, make: Make, alice: str
    ) -> None:
        made = make()
        call("POST", f"/v2/bot/user/all/richmenu/{made}")
        call("POST", f"/v2/bot/user/{alice}/richmenu/{made}")
        call("DELETE", f"{MENUS}/{made}")
        assert seen_by(world, alice) is None
        assert call("GET", f"/v2/bot/user/{alice}/richmenu").status == 404
        assert call("GET", "/v2/bot/user/all/richmenu").status == 404

    def test_many_at_once(self, call: Call, make: Make, alice: str, bob: str) -> None:
        linked = call("POST", f"{MENUS}/bulk/link", {"richMenuId": make(), "userIds": [alice, bob]})
        assert (linked.status, body(linked)) == (202, {})
        assert call("GET", f"/v2/bot/user/{bob}/richmenu").status == 200
        assert call("POST", f"{MENUS}/bulk/unlink", {"userIds": [alice, bob]}).status == 202
        assert call("GET", f"/v2/bot/user/{bob}/richmenu").status == 404

    @pytest.mark.parametrize(
        ("changed", "status", "message"),
        [
            ({"userIds": ["x"]}, 400, "The property, 'userIds[0]', in the request body is inv"),
            ({"userIds": []}, 400, "The request body has 1 error(s)"),
            ({"userIds": [STRANGER] * 501}, 400, "The request body has 1 error(s)"),
            ({"richMenuId": "x"}, 400, "The request body has 1 error(s)"),
            ({"richMenuId": NO_MENU}, 404, "richmenu not found"),
        ],
    )
    def test_bulk_links_that_are_refused(
        self, call: Call, make: Make, changed: Json, status: int, message: str
    ) -> None:
        asked = {"richMenuId": make(), "userIds": [STRANGER], **changed}
        response = call("POST", f"{MENUS}/bulk/link", asked)
        assert response.status == status
        assert body(response)["message"].startswith(message)

    def test_ids_that_are_none(self, call: Call, make: Make) -> None:
        expected = {"message": "The value for the 'userId' parameter is invalid"}
        for method, path in (
            ("GET", "/v2/bot/user/x/richmenu"),
            ("DELETE", "/v2/bot/user/x/richmenu"),
            ("POST", f"/v2/bot/user/x/richmenu/{make()}"),
        ):
            response = call(method, path)
            assert (response.status, body(response)) == (400, expected)


class TestAliases:
    @pytest.fixture
    def tab(self, call: Call, make: Make) -> str:
        asked = {"richMenuAliasId": "tab-a", "richMenuId": make()}
        assert body(call("POST", f"{MENUS}/alias", asked)) == {}
        return "tab-a"

    def test_one_is_made_changed_and_deleted(self, call: Call, make: Make, tab: str) -> None:
        path, other = f"{MENUS}/alias/{tab}", make()
        assert body(call("POST", path, {"richMenuId": other})) == {}
        shown = {"richMenuAliasId": tab, "richMenuId": other}
        assert body(call("GET", path)) == shown
        assert body(call("GET", f"{MENUS}/alias/list")) == {"aliases": [shown]}
        assert body(call("DELETE", path)) == {}
        for method in ("GET", "DELETE"):
            gone = call(method, path)
            expected = {"message": "richmenu alias not found", "details": []}
            assert (gone.status, body(gone)) == (404, expected)

    def test_the_same_again(self, call: Call, make: Make, tab: str) -> None:
        response = call("POST", f"{MENUS}/alias", {"richMenuAliasId": tab, "richMenuId": make()})
        expected = {"message": "conflict richmenu alias id", "details": []}
        assert (response.status, body(response)) == (400, expected)

    @pytest.mark.parametrize("alias", ["", "A", "a b", "a" * 33, 1, None])
    def test_names_that_are_none(self, call: Call, make: Make, alias: Any) -> None:
        asked = {"richMenuAliasId": alias, "richMenuId": make()}
        assert call("POST", f"{MENUS}/alias", asked).status == 400

    def test_menus_that_do_not_fit(self, call: Call, make: Make) -> None:
        """None of that id, and one without a picture, are not found; other texts are no id."""
        for menu_id in (NO_MENU, make(picture=False)):
            asked = {"richMenuAliasId": "a", "richMenuId": menu_id}
            response = call("POST", f"{MENUS}/alias", asked)
            expected = {"message": "richmenu not found", "details": []}
            assert (response.status, body(response)) == (400, expected)
        response = call("POST", f"{MENUS}/alias", {"richMenuAliasId": "a", "richMenuId": "x"})
        detail = {"message": "invalid richMenuId", "property": "richMenuId"}
        assert body(response)["details"] == [detail]

    def test_a_person_switches(self, world: World, call: Call, tab: str, alice: str) -> None:
        """The menu changes, and the postback says how it went."""
        done = act(
            world, {"from": "alice", "richMenuSwitch": {"richMenuAliasId": tab, "data": "d"}}
        )
        assert done.webhook is not None
        (event,) = done.webhook.body["events"]
        params = {"newRichMenuAliasId": tab, "status": "SUCCESS"}
        assert event["postback"] == {"data": "d", "params": params}
        linked = body(call("GET", f"/v2/bot/user/{alice}/richmenu"))["richMenuId"]
        assert linked == body(call("GET", f"{MENUS}/alias/{tab}"))["richMenuId"]

    def test_a_switch_that_leads_nowhere(self, world: World, call: Call, tab: str) -> None:
        gone = body(call("GET", f"{MENUS}/alias/{tab}"))["richMenuId"]
        call("DELETE", f"{MENUS}/{gone}")
        for alias, status in ((tab, "RICHMENU_NOTFOUND"), ("b", "RICHMENU_ALIAS_ID_NOTFOUND")):
            asked = {"richMenuAliasId": alias, "data": "d"}
            done = act(world, {"from": "alice", "richMenuSwitch": asked})
            assert done.webhook is not None
            (event,) = done.webhook.body["events"]
            assert event["postback"]["params"]["status"] == status

    def test_a_switch_without_sense(self, world: World) -> None:
        world.add_group("family", ["alice"])
        asked = {"richMenuSwitch": {"richMenuAliasId": "a", "data": "d"}}
        with pytest.raises(Refused, match="1:1"):
            act(world, {"from": "alice", "in": "family", **asked})
        with pytest.raises(Refused, match=r"richMenuSwitch\.data"):
            act(world, {"from": "alice", "richMenuSwitch": {"richMenuAliasId": "a"}})


class TestBatches:
    def test_all_look_at_what_was_before(
        self, call: Call, make: Make, alice: str, bob: str
    ) -> None:
        """A to B and B to C: who had A has B now, not C."""
        a, b, c = (make(name=name) for name in "abc")
        for user, menu_id in ((alice, a), (bob, b)):
            call("POST", f"/v2/bot/user/{user}/richmenu/{menu_id}")
        operations = [{"type": "link", "from": a, "to": b}, {"type": "link", "from": b, "to": c}]
        assert call("POST", f"{MENUS}/batch", {"operations": operations}).status == 202
        found = [body(call("GET", f"/v2/bot/user/{one}/richmenu")) for one in (alice, bob)]
        assert found == [{"richMenuId": b}, {"richMenuId": c}]

    @pytest.mark.parametrize("kind", ["unlink", "unlinkAll"])
    def test_unlinking(self, call: Call, make: Make, alice: str, kind: str) -> None:
        made = make()
        call("POST", f"/v2/bot/user/{alice}/richmenu/{made}")
        operation = {"type": kind, "from": made} if kind == "unlink" else {"type": kind}
        assert call("POST", f"{MENUS}/batch", {"operations": [operation]}).status == 202
        assert call("GET", f"/v2/bot/user/{alice}/richmenu").status == 404

    def test_progress(self, call: Call, clock: VirtualClock) -> None:
        sent = call("POST", f"{MENUS}/batch", {"operations": [{"type": "unlinkAll"}]})
        path = f"{MENUS}/progress/batch?requestId={sent.headers['x-line-request-id']}"
        accepted = {"acceptedTime": "2026-01-01T00:00:00.000Z"}
        assert body(call("GET", path)) == {"phase": "ongoing", **accepted}
        clock.advance(seconds=1)
        completed = {"completedTime": "2026-01-01T00:00:01.000Z"}
        assert body(call("GET", path)) == {"phase": "succeeded", **accepted, **completed}
        clock.advance(seconds=14 * 24 * 3600)
        assert call("GET", path).status == 404

    def test_a_key_is_used_once(
        self, call: Call, make: Make, clock: VirtualClock, alice: str
    ) -> None:
        """The same key again changes nothing; after fourteen days it is a new request."""
        made = make()
        request = {"operations": [{"type": "unlinkAll"}], "resumeRequestKey": "key-1"}
        call("POST", f"{MENUS}/batch", request)
        call("POST", f"/v2/bot/user/{alice}/richmenu/{made}")
        assert call("POST", f"{MENUS}/batch", request).status == 202
        assert call("GET", f"/v2/bot/user/{alice}/richmenu").status == 200
        clock.advance(seconds=14 * 24 * 3600 + 1)
        call("POST", f"{MENUS}/batch", request)
        assert call("GET", f"/v2/bot/user/{alice}/richmenu").status == 404

    @pytest.mark.parametrize(
        ("request_body", "status", "where"),
        [
            ({}, 400, "operations"),
            ({"operations": []}, 400, "operations"),
            ({"operations": [{"type": "unlinkAll"}] * 1001}, 400, "operations"),
            ({"operations": [{"type": "x"}]}, 400, "operations[0].type"),
            ({"operations": [{"type": "link"}]}, 400, "operations[0].from"),
            ({"operations": [{"type": "unlink", "from": "x"}]}, 400, "operations[0].from"),
            ({"operations": [{"type": "unlink", "from": NO_MENU}]}, 404, "operations[0].from"),
            (
                {"operations": [{"type": "unlinkAll"}], "resumeRequestKey": "a b"},
                400,
                "resumeRequestKey",
            ),
        ],
    )
    def test_what_is_refused(self, call: Call, request_body: Json, status: int, where: str) -> None:
        for path in (f"{MENUS}/batch", f"{MENUS}/validate/batch"):
            response = call("POST", path, request_body)
            assert response.status == status
            assert [one["property"] for one in body(response)["details"]] == [where]

    def test_what_does_not_go_together(self, call: Call, make: Make) -> None:
        made, bare = make(), make(picture=False)
        unlink = {"type": "unlink", "from": made}
        for operations, where, sentence in (
            ([unlink, {"type": "unlinkAll"}], "operations[].type", "'unlinkAll' type can't be"),
            ([unlink, unlink], "operations[].from", f"from richmenu ({made}) is duplicated"),
            (
                [{"type": "link", "from": made, "to": bare}],
                "operations[0].to",
                f"'to' richmenu ({bare}) must have image but it doesn't",
            ),
        ):
            response = call("POST", f"{MENUS}/validate/batch", {"operations": operations})
            (detail,) = body(response)["details"]
            assert detail["property"] == where
            assert detail["message"].startswith(sentence)

    def test_three_an_hour(self, call: Call) -> None:
        request = {"operations": [{"type": "unlinkAll"}]}
        statuses = [call("POST", f"{MENUS}/batch", request).status for _ in range(4)]
        assert statuses == [202, 202, 202, 429]
