"""AWS::Serverless::StateMachine as plain CloudFormation.

Law of this module: the state machine, its role, version and alias. Its events stand in
`sam_events`.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-statemachine.html
"""

from __future__ import annotations

from penniless.cost.templates.sam_events import Target, machine_events
from penniless.cost.templates.sam_functions import MANAGED, role
from penniless.cost.templates.sam_stack import Stack, added, attribute, picked, ref
from penniless.cost.templates.values import Mapped, Resource

NAMES = {
    "Definition": "Definition",
    "DefinitionUri": "DefinitionS3Location",
    "DefinitionSubstitutions": "DefinitionSubstitutions",
    "EncryptionConfiguration": "EncryptionConfiguration",
    "Logging": "LoggingConfiguration",
    "Name": "StateMachineName",
    "Role": "RoleArn",
    "Tags": "Tags",
    "Tracing": "TracingConfiguration",
    "Type": "StateMachineType",
}


def state_machine(stack: Stack, source: Resource) -> None:
    """The state machine and everything that SAM makes around it."""
    given = source.properties
    assert isinstance(given, Mapped)
    made = picked(given, NAMES)
    if "RoleArn" not in made:
        made = added(made, {"RoleArn": attribute(f"{source.name}Role")})
        traced = [f"{MANAGED}AWSXrayWriteOnlyAccess"] if "Tracing" in given else []
        role(stack, source, "states.amazonaws.com", traced)
    kind = "AWS::StepFunctions::StateMachine"
    stack.add(source.name, kind, made, of=source, attributes=source.attributes)
    _alias(stack, source, given)
    machine_events(stack, Target(source.name, attribute(source.name), ref(source.name), source))


def _alias(stack: Stack, source: Resource, given: Mapped) -> None:
    name = given.get("AutoPublishAlias")
    if not isinstance(name, str):
        return
    line = given.line_at("AutoPublishAlias")
    version = f"{source.name}Version"
    made = {"StateMachineArn": ref(source.name)}
    stack.add(version, "AWS::StepFunctions::StateMachineVersion", made, of=source, line=line)
    routed = {"Name": name, "DeploymentPreference": {"StateMachineVersionArn": ref(version)}}
    alias = f"{source.name}Alias{name}"
    stack.add(alias, "AWS::StepFunctions::StateMachineAlias", routed, of=source, line=line)
