"""A DynamoDB that checks every signature and permission: what a bot's role needs, and no more.

ministack with `AUTH=true` recomputes the signature of each request and applies the policies of
the key that signed it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import botocore.session
import pytest

from penniless.errors import StoreUnavailable
from penniless.ports import State
from penniless.stores.aws_environment import Credentials
from penniless.stores.dynamodb import DynamoDBStore
from tests.aws.ministack import CREDENTIALS, REGION, ministack, new_table, open_store
from tests.stores.conformance import ALICE, BOB, LATER, NOW, a_row, finished, the_row
from tests.stores.conformance_waiting import held

pytestmark = pytest.mark.aws

BOT = ("PutItem", "UpdateItem", "GetItem", "Query")
"""The actions that docs/dynamodb.md tells to allow a bot."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with ministack("dynamodb", "iam", "sts", AUTH="true") as found:
        yield found


@pytest.fixture(scope="module")
def table(url: str) -> str:
    return new_table(url)


@pytest.fixture(scope="module")
def allowed(url: str, table: str) -> Iterator[Callable[..., Credentials]]:
    """Make a user with these actions on the table; its access key."""
    iam: Any = botocore.session.get_session().create_client(
        "iam",
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=CREDENTIALS.access_key,
        aws_secret_access_key=CREDENTIALS.secret_key,
    )

    arn = f"arn:aws:dynamodb:{REGION}:*:table/{table}"

    def user(name: str, *actions: str, index: bool = True) -> Credentials:
        statement = {
            "Effect": "Allow",
            "Action": [f"dynamodb:{action}" for action in actions],
            "Resource": [arn, f"{arn}/index/open"] if index else arn,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="log", PolicyDocument=policy)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return Credentials(key["AccessKeyId"], key["SecretAccessKey"])

    yield user
    iam.close()


def test_a_bot_needs_four_actions(
    url: str, table: str, allowed: Callable[..., Credentials]
) -> None:
    """With them a bot does all it does; what only a laptop does is denied, and says so."""
    who = allowed("bot", *BOT)
    with closing(open_store(table, url, credentials=lambda: who)) as store:
        row = a_row()
        assert store.claim(row, now=NOW).granted
        assert store.claim(row, now=NOW).found == "live"
        assert store.claim(row, now=LATER).attempt == 2
        assert store.overdue(now=LATER, limit=9) == [the_row(store)]
        assert store.advance(held(a_row(attempt=2)))
        assert store.desk(ALICE, now=LATER).held == [the_row(store)]
        assert store.advance(finished(row, attempt=2), was=("held",))
        assert store.desk(ALICE, now=LATER).held == []
        assert store.reopen(row) is False
        assert store.spend("2026-11", 2, limit=2)
        assert store.spend("2026-11", -1, limit=2)
        assert store.spent("2026-11") == 1
        store.append(a_row("push-1", timestamp=NOW + 1, status="done", message_id=None))
        assert store.unsend(ALICE, row.message_id or "") == 1
        assert len(list(store.rows(ALICE, now=NOW))) == 2
        assert store.write_state(ALICE, {"名前": "花子"}, version=0) == 1
        assert store.read_state(ALICE) == State(1, {"名前": "花子"})
        for operation, work in (
            ("DeleteItem", lambda: store.forget(ALICE)),
            ("Scan", lambda: list(store.conversations())),
        ):
            with pytest.raises(StoreUnavailable, match=f"{table}: {operation}: AccessDenied"):
                work()


def test_the_index_is_a_resource_of_its_own(
    url: str, table: str, allowed: Callable[..., Credentials]
) -> None:
    """A bot that may not read the index does all the rest."""
    who = allowed("without-index", *BOT, index=False)
    with closing(open_store(table, url, credentials=lambda: who)) as store:
        assert store.claim(a_row("of-its-own", conversation=BOB), now=NOW).granted
        assert len(store.desk(BOB, now=LATER).overdue) == 1
        with pytest.raises(StoreUnavailable, match=f"{table}: Query: AccessDenied"):
            store.overdue(now=LATER, limit=1)


@pytest.mark.parametrize(
    ("missing", "work"),
    [
        ("PutItem", lambda store: store.claim(a_row("new"), now=NOW)),
        ("UpdateItem", lambda store: store.advance(finished(a_row()))),
        ("GetItem", lambda store: store.read_state(ALICE)),
        ("Query", lambda store: list(store.rows(ALICE, now=NOW))),
    ],
)
def test_none_of_the_four_is_too_much(
    url: str,
    table: str,
    allowed: Callable[..., Credentials],
    missing: str,
    work: Callable[[DynamoDBStore], object],
) -> None:
    """Without one of them something is denied, and the error names the call."""
    who = allowed(f"no-{missing}", *(action for action in BOT if action != missing))
    with (
        closing(open_store(table, url, credentials=lambda: who)) as store,
        pytest.raises(StoreUnavailable, match=f"{table}: {missing}: AccessDeniedException"),
    ):
        work(store)


def test_a_wrong_key(url: str, table: str, allowed: Callable[..., Credentials]) -> None:
    """A wrong secret is a wrong signature; an unknown key is told from it."""
    known = allowed("forgetful", *BOT)
    wrong = Credentials(known.access_key, "not-the-secret")
    unknown = Credentials("AKIAIOSFODNN7EXAMPLE", "secret")
    for who, why in (
        (wrong, "InvalidSignatureException: the secret access key is wrong, or the region is"),
        (unknown, "UnrecognizedClientException: AWS does not know this access key"),
    ):
        with (
            closing(open_store(table, url, credentials=lambda who=who: who)) as store,
            pytest.raises(StoreUnavailable, match=why),
        ):
            store.read_state(ALICE)


def test_every_character_is_signed_right(
    url: str, table: str, allowed: Callable[..., Credentials]
) -> None:
    """Requests are signed over the bytes that are sent, whatever people write."""
    who = allowed("writer", "PutItem", "UpdateItem", "Query")
    with closing(open_store(table, url, credentials=lambda: who)) as store:
        row = a_row(conversation="group#C1", message="👩‍👩‍👧‍👦 ก็ \0 \u2028 é e\u0301 half \ud83d")
        assert store.claim(row, now=NOW).granted
        assert store.advance(finished(row))
        assert the_row(store, "group#C1").message == row.message.replace("\ud83d", "\ufffd")  # type: ignore[union-attr]
