"""SAM's resources, judged by SAM's own translator."""

from __future__ import annotations

from pathlib import Path

import pytest

from penniless.cost.templates.template import Template, TemplateError, Unknown, read_template
from penniless.scaffold import DOORS, Project, write
from tests.cost.templates.oracle import translated

HERE = Path(__file__).parent
FIXTURES = sorted((HERE.parent / "fixtures").glob("*.yaml"))

FUNCTION = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Bot:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.13
"""


def read(folder: Path, text: str) -> Template:
    path = folder / "template.yaml"
    path.write_text(text, encoding="utf-8")
    return read_template(path)


def types(template: Template) -> dict[str, str]:
    return {name: one.type for name, one in template.resources.items()}


@pytest.mark.parametrize("path", [*FIXTURES, HERE / "everything.yaml"], ids=lambda one: one.stem)
def test_sam_makes_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SAM's translator makes resources of the same names and types from every written template."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    assert types(read_template(path)) == translated(path)


@pytest.mark.parametrize("schedule", ["", "rate(5 minutes)"])
@pytest.mark.parametrize("door", DOORS)
def test_sam_makes_the_same_of_a_new_project(
    door: str, schedule: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it does from what `penniless new` writes, for each door, with a schedule and without."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    write(Project("mybot", door), tmp_path / "bot")
    path = tmp_path / "bot" / "template.yaml"
    ours = read_template(path, settings={"RecoverySchedule": schedule})
    assert types(ours) == translated(path, RecoverySchedule=schedule)
    assert ours.unresolved == []
    assert ours.missing == []


def test_lines_are_those_of_the_source() -> None:
    """What is made of a resource says on which line of the template it is asked for."""
    path = HERE.parent / "fixtures" / "original.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    template = read_template(path)
    function = template.resources["LineBotFunction"]
    assert lines[function.line - 1] == "  LineBotFunction:"
    assert "Runtime: python3.9" in lines[function.line_of("Runtime") - 1]
    assert "MemorySize: 128" in lines[function.line_of("MemorySize") - 1]
    assert "CodeUri" in lines[function.line_of("Code", "S3Bucket") - 1]
    api = template.resources["ServerlessRestApi"]
    assert "Webhook:" in lines[api.line - 1]
    assert "Webhook:" in lines[api.line_of("Body", "paths", "/webhook", "post") - 1]


def test_doors_lead_to_the_function(tmp_path: Path) -> None:
    """Each door's integration names the function, by which a bill finds what a webhook calls."""
    for door in DOORS:
        write(Project("mybot", door), tmp_path / door)
        resources = read_template(tmp_path / door / "template.yaml").resources
        callers = {name for name, one in resources.items() if "BotFunction" in one.references}
        assert ("BotFunctionUrl" if door == "url" else "BotApi") in callers
    integration = ("Body", "paths", "/", "post", "x-amazon-apigateway-integration", "uri")
    assert resources["BotApi"].get(*integration) == (
        "arn:aws:apigateway:ap-northeast-1:lambda:path/2015-03-31/functions/"
        "${BotFunction.Arn}/invocations"
    )


def test_second_stage_is_there_unless_a_version_is_named(tmp_path: Path) -> None:
    """Without OpenApiVersion SAM's deployment makes a stage called Stage; ours names a version."""
    original = read_template(HERE.parent / "fixtures" / "original.yaml")
    assert original.resources["ServerlessRestApiDeployment"].get("StageName") == "Stage"
    write(Project("mybot", "rest"), tmp_path / "bot")
    ours = read_template(tmp_path / "bot" / "template.yaml")
    assert ours.resources["BotApiDeployment"].get("StageName") is None


def test_globals_are_merged(tmp_path: Path) -> None:
    """Mappings are merged, lists joined, and the function's own value wins."""
    text = FUNCTION.replace(
        "Resources:",
        "Globals:\n  Function:\n    Timeout: 9\n    Runtime: python3.9\n    Layers: [a]\n"
        "    Environment: {Variables: {A: one, B: one}}\nResources:",
    )
    text += "      Layers: [b]\n      Environment: {Variables: {B: two}}\n"
    bot = read(tmp_path, text).resources["Bot"]
    assert bot.get("Timeout") == 9
    assert bot.line_of("Timeout") == 4
    assert bot.get("Runtime") == "python3.13"
    assert bot.get("Layers") == ["a", "b"]
    assert bot.get("Environment", "Variables") == {"A": "one", "B": "two"}


def test_what_costs_is_carried_over() -> None:
    """Memory, tracing, network, dead letters, cache and provisioned copies stand where
    CloudFormation has them."""
    resources = read_template(HERE / "everything.yaml").resources
    published = resources["Published"]
    assert published.get("TracingConfig", "Mode") == "Active"
    assert published.get("VpcConfig", "SubnetIds", 0) == "subnet-1"
    assert published.get("DeadLetterConfig", "TargetArn") == "${Q.Arn}"
    alias = resources["PublishedAliaslive"]
    assert alias.number("ProvisionedConcurrencyConfig", "ProvisionedConcurrentExecutions") == 2
    assert alias.references == {"Published", "PublishedVersion"}
    assert resources["Restv1Stage"].get("CacheClusterSize") == "0.5"
    assert resources["Simple"].get("BillingMode") == "PAY_PER_REQUEST"
    assert resources["Express"].get("StateMachineType") == "EXPRESS"
    assert resources["EventsSqs"].get("EventSourceArn") == "${Q.Arn}"
    notified = resources["Bucket"].get("NotificationConfiguration", "LambdaConfigurations")
    assert notified == [{"Event": "s3:ObjectCreated:*", "Function": "${Events.Arn}"}]


def test_everybody_may_call_a_url_only_with_none(tmp_path: Path) -> None:
    """SAM gives the permissions for AuthType NONE, and for no reference to it."""
    url = "      FunctionUrlConfig:\n        AuthType: "
    found = types(read(tmp_path, FUNCTION + url + "NONE\n"))
    assert "BotUrlPublicPermissions" in found
    assert "BotURLInvokeAllowPublicAccess" in found
    found = types(read(tmp_path, FUNCTION + url + "AWS_IAM\n"))
    assert found.keys() == {"Bot", "BotRole", "BotUrl"}


def test_referred_word_none_gives_no_permission(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With !Ref SAM does not see the word NONE and leaves the permissions out, and so do we."""
    text = FUNCTION.replace(
        "Resources:", "Parameters:\n  Auth: {Type: String, Default: NONE}\nResources:"
    )
    text += "      FunctionUrlConfig:\n        AuthType: !Ref Auth\n"
    template = read(tmp_path, text)
    assert template.resources.keys() == {"Bot", "BotRole", "BotUrl"}
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    assert types(template) == translated(tmp_path / "template.yaml")
    assert template.resources["BotUrl"].get("AuthType") == "NONE"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Serverless::Function", "Serverless::Functon", ":3: SAM has no type"),
        ("Resources:", "Globals: {Functions: {}}\nResources:", ":2: Globals has no part Functions"),
        ("Handler", "Events: {A: {Type: Apl}}\n      Handler", ":6: there is no event of the type"),
        ("Handler", "Events: {A: {Type: SQS}}\n      Handler", ":6: the event BotA needs"),
        ("Handler", "Events: [1]\n      Handler", ":6: Events must be a mapping"),
        ("Transform: AWS::Serverless-2016-10-31", "", ":3: Bot is SAM's, but the template has no"),
    ],
)
def test_sam_errors_say_where(old: str, new: str, said: str, tmp_path: Path) -> None:
    """What SAM would refuse is refused in one sentence with file and line."""
    with pytest.raises(TemplateError) as caught:
        read(tmp_path, FUNCTION.replace(old, new, 1))
    assert said in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "template.yaml"))


def test_nested_stack_is_named_as_unresolved() -> None:
    """The resources of a nested stack are in no bill, so the template says that they are there."""
    template = read_template(HERE / "everything.yaml")
    assert template.resources["Nested"].type == "AWS::CloudFormation::Stack"
    [found] = [one for one in template.unresolved if one.where == "Nested"]
    assert found.what == "its resources stand in another template"


def test_missing_value_does_not_stop_sam(tmp_path: Path) -> None:
    """A property that depends on a parameter without a value is Unknown in what SAM makes."""
    text = FUNCTION.replace("Resources:", "Parameters:\n  Memory: {Type: Number}\nResources:")
    template = read(tmp_path, text + "      MemorySize: !Ref Memory\n      Tracing: !Ref Memory\n")
    bot = template.resources["Bot"]
    assert isinstance(bot.get("MemorySize"), Unknown)
    assert isinstance(bot.number("MemorySize"), Unknown)
    assert {one.where for one in template.unresolved} == {
        "Bot.MemorySize",
        "Bot.TracingConfig.Mode",
    }
    [missing] = template.missing
    assert str(missing).endswith(
        "template.yaml:3: the parameter Memory has no value: --set Memory=…"
    )
