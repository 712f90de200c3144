"""A month's messages reach the resources that the template ties together, and no others."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from penniless.cost.assumptions import assumptions
from penniless.cost.flow import Flow, flow_of
from penniless.cost.templates.template import read_template
from tests.cost.questions import FIXTURES, ours, written

MILLION = Decimal(1_000_000)


def flow(path: Path, webhooks: Decimal = MILLION, **assume: str) -> Flow:
    return flow_of(read_template(path), webhooks, assumptions().changed(assume))


def test_a_bot_behind_a_door_is_called_once_for_each_webhook(tmp_path: Path) -> None:
    """Function URL, HTTP API and REST API call the one function, which uses the table once."""
    for door, name in (("url", "BotFunctionUrl"), ("http", "BotApi"), ("rest", "BotApi")):
        found = flow(ours(tmp_path, door))

        assert found.entrances == [name]
        assert found.of("BotFunction") == found.of("BotTable") == MILLION


def test_functions_behind_one_api_share_its_requests() -> None:
    """Two functions get half of the requests each, and the table all of them together."""
    found = flow(FIXTURES / "rest_crud.yaml")

    assert found.of("ListNotes") == found.of("ChangeNotes") == MILLION / 2
    assert found.of("Notes") == MILLION


def test_a_queue_without_a_door_is_where_messages_come_in() -> None:
    """The queue is filled, the worker empties it, and the dead letters stay empty."""
    found = flow(FIXTURES / "queue_worker.yaml")

    assert found.of("Worker") == MILLION
    assert found.of("Results") == MILLION
    assert len(found.entrances) == 1
    assert not [name for name in found.calls if "Dead" in name]


def test_batches_make_fewer_calls() -> None:
    """A worker that gets ten messages at once is called a tenth as often, and stores as much."""
    found = flow(FIXTURES / "queue_worker.yaml", batch="10")

    assert found.of("Worker") == MILLION / 10
    assert found.of("Results") == MILLION


def test_a_job_is_called_by_its_clock_and_not_by_messages() -> None:
    """Every five minutes and every night, whatever people write."""
    found = flow(FIXTURES / "scheduled_job.yaml")

    assert found.entrances == []
    assert found.of("Check") == 8760
    assert abs(found.of("Report") - Decimal(730) / 24) < Decimal("1e-9")
    assert found.of("Reports") == found.of("ApiKey") == found.of("Report")


def test_a_state_machine_calls_its_functions() -> None:
    """What starts it on an event and what starts it every day call each step once."""
    found = flow(FIXTURES / "step_function.yaml")

    expected = MILLION + Decimal(730) / 24
    assert abs(found.of("CheckOrder") - expected) < Decimal("1e-6")
    assert found.of("PayOrder") == found.of("CheckOrder") == found.of("Orders")


def test_a_distribution_reads_its_bucket() -> None:
    """Page views come in at CloudFront, which asks the bucket."""
    found = flow(FIXTURES / "static_site.yaml")

    assert found.entrances == ["Distribution"]
    assert found.of("Site") == MILLION


def test_a_function_that_nothing_calls_is_named(tmp_path: Path) -> None:
    """It is not counted, and the flow says so."""
    path = written(
        tmp_path,
        """
Resources:
  Bot: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.13}}
  Spare: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.13}}
  Address: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !GetAtt Bot.Arn}}
""",
    )
    found = flow(path)

    assert found.of("Spare") == 0
    assert found.notes == ["Spare: nothing in the template calls this function in a usual month"]


def test_a_door_at_an_alias_reaches_the_function(tmp_path: Path) -> None:
    """With AutoPublishAlias the URL points at the alias, and the function is called."""
    path = written(
        tmp_path,
        """
Transform: AWS::Serverless-2016-10-31
Resources:
  Bot:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: .
      AutoPublishAlias: live
      FunctionUrlConfig: {AuthType: NONE}
""",
    )

    assert flow(path).of("Bot") == MILLION


def test_an_upload_calls_the_function_that_its_bucket_tells(tmp_path: Path) -> None:
    """Objects come in at the bucket with a notification, and not where results are put."""
    path = written(
        tmp_path,
        """
Transform: AWS::Serverless-2016-10-31
Resources:
  Small: {Type: AWS::S3::Bucket}
  Photos: {Type: AWS::S3::Bucket}
  Resize:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: .
      Environment: {Variables: {SMALL: !Ref Small}}
      Events:
        New: {Type: S3, Properties: {Bucket: !Ref Photos, Events: "s3:ObjectCreated:*"}}
""",
    )
    found = flow(path)

    assert found.entrances == ["Photos"]
    assert found.of("Resize") == found.of("Small") == found.of("Photos") == MILLION
    assert found.notes == []


BUS = """
Resources:
  Shop: {Type: AWS::Events::EventBus, Properties: {Name: shop}}
  Pay: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.13}}
  Orders:
    Type: AWS::Events::Rule
    Properties:
      EventBusName: !Ref Shop
      EventPattern: {source: [shop]}
      Targets: [{Id: a, Arn: !GetAtt Pay.Arn}]
"""


def test_a_bus_hands_events_to_its_rules(tmp_path: Path) -> None:
    """A function that puts an event on the bus calls those that wait for it."""
    seller = """
  Sell:
    Type: AWS::Lambda::Function
    Properties: {Environment: {Variables: {BUS: !Ref Shop}}}
  Address: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !GetAtt Sell.Arn}}
"""
    for text, entrance in ((BUS + seller, "Address"), (BUS, "Shop")):
        found = flow(written(tmp_path, text))

        assert found.entrances == [entrance]
        assert found.of("Shop") == found.of("Orders") == found.of("Pay") == MILLION


def test_an_authorizer_is_asked_before_each_request(tmp_path: Path) -> None:
    """Its function is called as often as the API, and gets no share of the API's work."""
    path = written(
        tmp_path,
        """
Resources:
  Bot: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.13}}
  Guard: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.13}}
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: a, ProtocolType: HTTP}}
  Work:
    Type: AWS::ApiGatewayV2::Integration
    Properties: {ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt Bot.Arn}
  Ask:
    Type: AWS::ApiGatewayV2::Authorizer
    Properties: {ApiId: !Ref Api, AuthorizerType: REQUEST, AuthorizerUri: !GetAtt Guard.Arn}
""",
    )
    found = flow(path)

    assert found.of("Api") == found.of("Bot") == found.of("Guard") == MILLION


def test_a_distribution_in_front_of_a_door_is_where_requests_come_in(tmp_path: Path) -> None:
    """CloudFront counts them, and asks the Function URL for each."""
    path = written(
        tmp_path,
        """
Resources:
  Bot: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.13}}
  Address: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !GetAtt Bot.Arn}}
  Front:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Origins:
          - {Id: bot, DomainName: !Select [2, !Split ["/", !GetAtt Address.FunctionUrl]]}
""",
    )
    found = flow(path)

    assert found.entrances == ["Front"]
    assert found.of("Front") == found.of("Address") == found.of("Bot") == MILLION


def test_without_messages_nothing_is_said_to_be_uncalled(tmp_path: Path) -> None:
    """The notes are about the template, and not about a month in which nobody writes."""
    assert flow(ours(tmp_path), Decimal(0)).notes == []


def test_a_table_that_nothing_uses_is_named(tmp_path: Path) -> None:
    """Its requests are not counted, and the flow says so."""
    path = written(
        tmp_path, "Resources:\n  Log: {Type: AWS::DynamoDB::Table, Properties: {TableName: log}}"
    )

    assert flow(path).notes == ["Log: no call that is counted here uses this table"]


def test_those_who_call_each_other_are_counted_once(tmp_path: Path) -> None:
    """A table whose stream calls the function that writes to it does not run for ever."""
    path = written(
        tmp_path,
        """
Resources:
  Log: {Type: AWS::DynamoDB::Table, Properties: {TableName: log}}
  Bot:
    Type: AWS::Lambda::Function
    Properties: {Environment: {Variables: {TABLE: !Ref Log}}}
  Address: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !GetAtt Bot.Arn}}
  Other:
    Type: AWS::Lambda::Function
    Properties: {Environment: {Variables: {TABLE: !Ref Log}}}
  Stream:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !Ref Other, EventSourceArn: !GetAtt Log.StreamArn}
""",
    )
    found = flow(path)

    assert found.of("Other") == found.of("Log") == MILLION


def test_a_schedule_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    """It is counted as never, and named."""
    path = written(
        tmp_path,
        """
Resources:
  Job: {Type: AWS::Lambda::Function}
  Clock:
    Type: AWS::Events::Rule
    Properties: {ScheduleExpression: rate(1 blink), Targets: [{Id: a, Arn: !GetAtt Job.Arn}]}
""",
    )
    found = flow(path)

    assert "Clock: its schedule cannot be read, and is counted as never" in found.notes
    assert not found.calls


SAM = """
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.13, Handler: app.handler, CodeUri: .}}
Resources:
"""


def test_a_stream_without_a_door_is_where_messages_come_in(tmp_path: Path) -> None:
    """Its reader is called for each record, or for each batch of them."""
    path = written(
        tmp_path,
        SAM
        + """
  Stream: {Type: AWS::Kinesis::Stream}
  Lost: {Type: AWS::SQS::Queue}
  Table: {Type: AWS::DynamoDB::Table}
  Reader:
    Type: AWS::Serverless::Function
    Properties:
      Policies: [{DynamoDBWritePolicy: {TableName: !Ref Table}}]
      Events:
        Read:
          Type: Kinesis
          Properties:
            Stream: !GetAtt Stream.Arn
            StartingPosition: LATEST
            DestinationConfig: {OnFailure: {Destination: !GetAtt Lost.Arn}}
""",
    )
    found = flow(path, batch="100")

    assert found.entrances == ["Stream"]
    assert found.of("Reader") == MILLION / 100
    assert found.of("Table") == MILLION
    assert found.of("Lost") == 0


def test_a_stream_that_a_function_writes_is_read_by_another(tmp_path: Path) -> None:
    """Behind a door it works as a queue does."""
    path = written(
        tmp_path,
        SAM
        + """
  Stream: {Type: AWS::Kinesis::Stream}
  Writer:
    Type: AWS::Serverless::Function
    Properties:
      FunctionUrlConfig: {AuthType: NONE}
      Environment: {Variables: {STREAM: !Ref Stream}}
  Reader:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Read: {Type: Kinesis, Properties: {Stream: !GetAtt Stream.Arn, StartingPosition: LATEST}}
""",
    )
    found = flow(path)

    assert found.of("Writer") == found.of("Stream") == found.of("Reader") == MILLION


def test_sources_of_a_graph_share_its_requests(tmp_path: Path) -> None:
    """A table and a function behind an API of AppSync get half of them each."""
    path = written(
        tmp_path,
        SAM
        + """
  Notes: {Type: AWS::DynamoDB::Table, Properties: {BillingMode: PAY_PER_REQUEST}}
  Worker: {Type: AWS::Serverless::Function}
  Api:
    Type: AWS::Serverless::GraphQLApi
    Properties:
      SchemaInline: "type Query { a: String }"
      Auth: {Type: API_KEY}
      DataSources:
        DynamoDb: {N: {TableName: !Ref Notes, TableArn: !GetAtt Notes.Arn}}
        Lambda: {W: {FunctionArn: !GetAtt Worker.Arn}}
""",
    )
    found = flow(path)

    assert found.entrances == ["Api"]
    assert found.of("Notes") == found.of("Worker") == MILLION / 2


RULE = """
Resources:
  F: {Type: AWS::Lambda::Function}
  Q: {Type: AWS::SQS::Queue}
  Lost: {Type: AWS::SQS::Queue}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [shop]}
      Targets:
        - {Id: a, Arn: !GetAtt F.Arn, DeadLetterConfig: {Arn: !GetAtt Lost.Arn}}
        - {Id: b, Arn: !GetAtt Q.Arn}
"""


def test_a_rule_calls_each_of_its_targets(tmp_path: Path) -> None:
    """A queue beside a function gets the event too, and the dead letters do not."""
    found = flow(written(tmp_path, RULE))

    assert found.of("F") == found.of("Q") == MILLION
    assert found.of("Lost") == 0


TELLING = """
Resources:
  F: {Type: AWS::Lambda::Function}
  Q: {Type: AWS::SQS::Queue}
  It:
"""


@pytest.mark.parametrize(
    "it",
    [
        """
    Type: AWS::SNS::Topic
    Properties:
      Subscription:
        - {Protocol: lambda, Endpoint: !GetAtt F.Arn}
        - {Protocol: sqs, Endpoint: !GetAtt Q.Arn}
""",
        """
    Type: AWS::S3::Bucket
    Properties:
      NotificationConfiguration:
        LambdaConfigurations: [{Event: "s3:ObjectCreated:*", Function: !GetAtt F.Arn}]
        QueueConfigurations: [{Event: "s3:ObjectRemoved:*", Queue: !GetAtt Q.Arn}]
""",
    ],
    ids=["topic", "bucket"],
)
def test_who_is_told_beside_a_function_is_told_too(tmp_path: Path, it: str) -> None:
    """A topic and a bucket may have a function and a queue at once."""
    found = flow(written(tmp_path, TELLING + it))

    assert found.of("It") == found.of("F") == found.of("Q") == MILLION


PLAIN_ROLE = """
  R:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: a
          PolicyDocument:
            Statement: [{Effect: Allow, Action: ACTION, Resource: !GetAtt Worker.Arn}]
  Worker: {Type: AWS::Lambda::Function}
  Front: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt R.Arn}}
  Address: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !Ref Front}}
"""


@pytest.mark.parametrize(
    ("action", "calls"),
    [
        ("lambda:InvokeFunction", MILLION),
        ("[logs:PutLogEvents, 'lambda:*']", MILLION),
        ("lambda:PutFunctionConcurrency", 0),
    ],
)
def test_a_function_calls_those_that_its_role_may_invoke(
    tmp_path: Path, action: str, calls: Decimal
) -> None:
    """The one that answers hands the work on; who may only change a function does not call it."""
    text = "Resources:" + PLAIN_ROLE.replace("ACTION", action)

    assert flow(written(tmp_path, text)).of("Worker") == calls


ALLOWED = {
    "SAM's policy": """
      Policies: [{LambdaInvokePolicy: {FunctionName: !Ref Worker}}]
""",
    "a connector inside": """
    Connectors: {C: {Properties: {Destination: {Id: Worker}, Permissions: [Write]}}}
""",
    "a connector of its own": """
  C:
    Type: AWS::Serverless::Connector
    Properties: {Source: {Id: Front}, Destination: {Id: Worker}, Permissions: [Write]}
""",
}


@pytest.mark.parametrize("allowed", ALLOWED.values(), ids=ALLOWED)
def test_sam_says_in_three_ways_who_may_be_invoked(tmp_path: Path, allowed: str) -> None:
    """Each of them makes a policy for the role of the one who calls."""
    text = """
  Front:
    Type: AWS::Serverless::Function
    Properties:
      FunctionUrlConfig: {AuthType: NONE}
"""
    found = flow(
        written(
            tmp_path,
            SAM + text + allowed.lstrip("\n") + "  Worker: {Type: AWS::Serverless::Function}\n",
        )
    )

    assert found.of("Front") == found.of("Worker") == MILLION


def test_a_connector_to_a_table_uses_it(tmp_path: Path) -> None:
    """Also where it stands before both of its ends."""
    text = """
  C:
    Type: AWS::Serverless::Connector
    Properties: {Source: {Id: F}, Destination: {Id: T}, Permissions: [Read, Write]}
  F: {Type: AWS::Serverless::Function, Properties: {FunctionUrlConfig: {AuthType: NONE}}}
  T: {Type: AWS::Serverless::SimpleTable}
"""

    assert flow(written(tmp_path, SAM + text)).of("T") == MILLION


def test_what_an_unattended_function_gives_back_is_handed_on(tmp_path: Path) -> None:
    """Its queue of results gets a message for each call; behind a door nothing is handed on."""
    text = """
  Done: {Type: AWS::SQS::Queue}
  Topic: {Type: AWS::SNS::Topic}
  F:
    Type: AWS::Serverless::Function
    Properties:
      EVENTS
      EventInvokeConfig:
        DestinationConfig: {OnSuccess: {Type: SQS, Destination: !GetAtt Done.Arn}}
"""
    told = text.replace("EVENTS", "Events: {T: {Type: SNS, Properties: {Topic: !Ref Topic}}}")
    asked = text.replace("EVENTS", "FunctionUrlConfig: {AuthType: NONE}")

    assert flow(written(tmp_path, SAM + told)).of("Done") == MILLION
    assert flow(written(tmp_path, SAM + asked)).of("Done") == 0
