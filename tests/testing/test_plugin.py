"""The plugin in pytest: fixtures, what a failure shows, conversations on file, bots found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import penniless.testing
from tests.testing.suite import ECHO, run

pytest_plugins = ["pytester"]

TALK = """
def test_talk(alice, {more}):
    alice.send("おはよう")
    {check}
"""


@pytest.fixture(autouse=True)
def outside_of_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)


def test_fixtures(pytester: pytest.Pytester) -> None:
    """A test asks for people, and the bot of app.py answers them."""
    result = run(
        pytester,
        test="""
        def test_echo(alice, bob, line, clock, bot, conversation):
            alice.send("สวัสดี 🍎")
            assert alice.sees("สวัสดี 🍎")
            clock.advance("61s")
            assert line.person("花子").display_name == "花子"
            assert line.group("family", alice, bob).members == ["alice", "bob"]
            assert bot.counters["events"] == 2
            assert line.pushed == 0
            assert conversation.text.splitlines()[1] == "Alice: สวัสดี 🍎"

        def test_fresh(alice):
            assert alice.chat.said == []
        """,
    )

    result.assert_outcomes(passed=2)


def test_a_failure_shows_the_conversation(pytester: pytest.Pytester) -> None:
    """The report says what the bot said, and the whole conversation follows, troubles included."""
    result = run(
        pytester,
        test="""
        def test_echo(alice, line):
            line.fails("reply", 500, times=1)
            alice.send("おはよう")
            line.clock.advance("1h 1s")
            alice.sends_sticker()
            assert alice.sees("コーヒー")
        """,
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*AssertionError: assert <not seen; there was nothing>*",
            "*- conversation -*",
            "Alice: おはよう",
            "Bot: おはよう",
            "(1 h 1 s later)",
            "Alice: [[]sticker 446:1988[]]",
            "! LINE answered reply with 500: *; on purpose: status*",
        ]
    )


def test_a_handler_that_raises_fails_the_test(pytester: pytest.Pytester) -> None:
    """The bot's own exception is the failure, with its place in the bot's code."""
    app = ECHO.replace("return ctx.text", "return 1 / 0")
    result = run(pytester, app=app, test=TALK.format(more="line", check=""))

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*return 1 / 0*", "*ZeroDivisionError*", "Alice: おはよう"])


def test_no_app(pytester: pytest.Pytester) -> None:
    """Without a bot the failure is one clear sentence."""
    result = run(pytester, app=None, test=TALK.format(more="line", check=""))

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["there is no bot to test: no app.py stands beside test_it.py *"])
    assert "Traceback" not in result.stdout.str()


@pytest.mark.parametrize(
    ("app", "wanted", "sentence"),
    [
        ("x = 1", "", "*app.py has no bot; write `bot = Bot()` at its top level"),
        (ECHO + "other = Bot()", "app.py:third", "say which bot *app.py:bot, app.py:other"),
        (ECHO, "shop.py", "*penniless_app names *shop.py, which is not there"),
    ],
)
def test_no_bot_in_it(pytester: pytest.Pytester, app: str, wanted: str, sentence: str) -> None:
    """What is wrong with the setting, or with the file, is said."""
    pytester.makeini(f"[pytest]\npenniless_app = {wanted}\n")
    result = run(pytester, app=app, test=TALK.format(more="line", check=""))

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([sentence])


def test_bot_by_its_setting(pytester: pytest.Pytester) -> None:
    """`penniless_app` names a file from the root, and a variable of it."""
    folder = pytester.path / "店"
    folder.mkdir()
    text = ECHO + "\nshop = Bot()\n\n@shop.text()\ndef hello(ctx):\n    return 'いらっしゃいませ'\n"
    (folder / "shop.py").write_text(text, encoding="utf-8")
    pytester.makeini("[pytest]\npenniless_app = 店/shop.py:shop\n")
    check = 'assert alice.sees("いらっしゃいませ")'

    result = run(pytester, app=None, test=TALK.format(more="line", check=check))

    result.assert_outcomes(passed=1)


def test_app_above_the_test_and_imported_by_it(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nearest app.py is taken, as the module that the test may have imported."""
    monkeypatch.delitem(sys.modules, "app", raising=False)  # another test's, of this process
    (pytester.path / "app.py").write_text(ECHO.replace("ctx.text", "word()") + WORD, "utf-8")
    folder = pytester.path / "tests"
    folder.mkdir()
    (folder / "test_word.py").write_text(REPLACED, encoding="utf-8")
    pytester.makeini("[pytest]\npythonpath = .\n")

    result = run(pytester, app=None, test="")

    result.assert_outcomes(passed=1)


WORD = "\n\ndef word():\n    return 'slow and dear'\n"
REPLACED = """
import app


def test_word(alice, monkeypatch):
    monkeypatch.setattr(app, "word", lambda: "free")
    alice.send("hello")
    assert alice.sees("free")
"""


def test_bot_of_ones_own(pytester: pytest.Pytester) -> None:
    """A fixture `bot` of the user's own comes first."""
    result = run(
        pytester,
        app=None,
        test="""
        import pytest
        from penniless import Bot

        @pytest.fixture
        def bot():
            made = Bot()
            made.text()(lambda ctx: "mine")
            return made

        def test_mine(alice):
            alice.send("whose?")
            assert alice.sees("mine")
        """,
    )

    result.assert_outcomes(passed=1)


def test_errors_of_the_app_are_its_own(pytester: pytest.Pytester) -> None:
    """An app that cannot be imported fails with its own traceback."""
    result = run(pytester, app="raise LookupError('お茶')", test=TALK.format(more="line", check=""))

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*LookupError: お茶*"])


SNAPSHOT = TALK.format(more="conversation", check="assert conversation.matches()")
NAMED = TALK.format(more="line", check='assert alice.chat.matches("朝 の/挨拶")')


def test_conversations_on_file(pytester: pytest.Pytester) -> None:
    """The first run writes the file and says so; the next compares; a difference is a diff."""
    first = run(pytester, test=SNAPSHOT)
    first.assert_outcomes(passed=1)
    file = pytester.path / "__conversations__" / "test_it.test_talk.txt"
    first.stdout.fnmatch_lines([f"conversation written: __conversations__/{file.name}"])
    assert file.read_text(encoding="utf-8") == "Alice: おはよう\nBot: おはよう\n"

    second = run(pytester, test=SNAPSHOT)
    second.assert_outcomes(passed=1)
    second.stdout.no_fnmatch_line("*written*")

    file.write_text("Alice: おはよう\nBot: こんにちは\n", encoding="utf-8")
    third = run(pytester, test=SNAPSHOT)
    third.assert_outcomes(failed=1)
    third.stdout.fnmatch_lines(["*--update-conversations*", "*-Bot: こんにちは", "*+Bot: おはよう"])

    run(pytester, "--update-conversations", test=SNAPSHOT).assert_outcomes(passed=1)
    assert file.read_text(encoding="utf-8") == "Alice: おはよう\nBot: おはよう\n"


def test_conversations_in_ci(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """In CI a file that is missing fails the test, and nothing is written without the flag."""
    monkeypatch.setenv("CI", "true")

    result = run(pytester, test=NAMED)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*there is no __conversations__/test_it.朝-の-挨拶.txt*"])
    assert not (pytester.path / "__conversations__").exists()
    run(pytester, "--update-conversations", test=NAMED).assert_outcomes(passed=1)
    run(pytester, test=NAMED).assert_outcomes(passed=1)


def test_tests_of_one_name_in_two_classes(pytester: pytest.Pytester) -> None:
    """Each has a file of its own."""
    test = """
    class TestTea:
        def test_order(self, alice, conversation):
            alice.send("tea")
            assert conversation.matches()

    class TestCoffee:
        def test_order(self, alice, conversation):
            alice.send("coffee")
            assert conversation.matches()
    """
    for _ in range(2):
        run(pytester, test=test).assert_outcomes(passed=2)
    assert sorted(one.name for one in (pytester.path / "__conversations__").iterdir()) == [
        "test_it.TestCoffee.test_order.txt",
        "test_it.TestTea.test_order.txt",
    ]


def test_a_refused_message_is_one_failure(pytester: pytest.Pytester) -> None:
    """It is told where the person acts, and not once more at the end of the test."""
    result = run(
        pytester,
        app=ECHO.replace("return ctx.text", "ctx.reply({'type': 'text', 'text': ''})"),
        test="""
        import pytest
        from penniless.errors import BadRequest

        def test_refused(alice):
            alice.send("hello")

        def test_expected(alice):
            with pytest.raises(BadRequest):
                alice.send("hello")
        """,
    )

    result.assert_outcomes(passed=1, failed=1)


def test_a_refused_message_after_the_last_act(pytester: pytest.Pytester) -> None:
    """What happens when the clock moves is checked too, at the end of the test."""
    result = run(
        pytester,
        app=ECHO.replace("return ctx.text", "return {'type': 'text', 'text': ''}"),
        test="""
        def test_late(alice, line, clock):
            line.redelivers_failures("5s")
            line.loses()
            alice.send("hello")
            line.raises = False
            clock.advance("5s")
            line.raises = True
        """,
    )

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*LINE answered reply with 400*"])


def test_nothing_is_imported_for_those_who_do_not_use_it() -> None:
    """Loading the plugin imports nothing but itself."""
    code = (
        "import sys, pytest; before = set(sys.modules); import penniless.testing.plugin; "
        "print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd()
    )

    assert done.stdout.strip() == str(
        ["penniless", "penniless.testing", "penniless.testing.plugin"]
    )


def test_no_http_for_bots_in_the_process() -> None:
    """A bot in the process needs neither a server nor an HTTP client to be installed."""
    code = (
        "import sys; import penniless.testing.line, penniless.testing.inside; "
        "print([one for one in ('httpx', 'starlette', 'uvicorn', 'asyncio') if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_exports() -> None:
    """The package gives the classes for annotations, and says so of what it has not."""
    assert penniless.testing.Person is penniless.testing.people.Person
    with pytest.raises(AttributeError, match="no attribute 'People'"):
        penniless.testing.People  # noqa: B018
