"""The project that `penniless new` writes: the folder `project/`, with names and a door filled in.

Law of this module: names that AWS takes, and texts. Each file of `project/` is a Jinja template
named like the file it becomes, with `.jinja` behind it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from penniless.errors import CodeError, SettingsError

DOORS = {
    "url": "a Function URL, which is free",
    "http": "an HTTP API, from $1.00 a million webhooks",
    "rest": "a REST API, from $3.50 a million webhooks",
}
"""How webhooks reach the function, and what that costs beside the function itself."""

DEFAULT_REGION = "ap-northeast-1"
"""Tokyo, which is near to LINE."""

WITHOUT_FUNCTION_URLS = {
    *("ap-east-2", "ap-south-2", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6"),
    *("ap-southeast-7", "ca-west-1", "eu-central-2", "eu-south-2", "il-central-1", "me-central-1"),
}
"""https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html, read 2026-11."""

LONGEST_NAME = 128
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html"""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_REGION = re.compile(r"[a-z]{2,3}(-[a-z]+)+-[0-9]")
_TEMPLATES = Path(__file__).with_name("project")


class Project(NamedTuple):
    """What a project is called on AWS, how webhooks reach it, and where it runs."""

    name: str
    door: str = "url"
    region: str = DEFAULT_REGION


def check_name(name: str) -> None:
    """Raise SettingsError unless CloudFormation and the Parameter Store take this name."""
    if not _NAME.fullmatch(name):
        raise SettingsError(
            f"{name!r} cannot be the name of a stack, which has letters from a to z, digits and "
            f"hyphens and starts with a letter; give one, such as --name {suggested_name(name)}"
        )
    if len(name) > LONGEST_NAME:
        raise SettingsError(f"the name of a stack has at most {LONGEST_NAME} letters")
    if name.lower().startswith(("aws", "ssm")):
        raise SettingsError(
            f"{name!r} cannot be the name: its secrets would be parameters below /{name}, and "
            "names of parameters must not start with aws or ssm; give another with --name"
        )


def suggested_name(text: str) -> str:
    """A name near to that text; `mybot` if nothing in it can be used."""
    words = re.findall(r"[A-Za-z0-9]+", text)
    found = "-".join(words).lower().lstrip("0123456789-")[:LONGEST_NAME]
    return found if found and not found.startswith(("aws", "ssm")) else "mybot"


def check_door(door: str) -> None:
    """Raise SettingsError unless it is one of DOORS."""
    if door not in DOORS:
        raise SettingsError(f"there is no door {door!r}; the doors are {', '.join(DOORS)}")


def check_region(region: str) -> None:
    """Raise SettingsError for what cannot be the name of a Region."""
    if not _REGION.fullmatch(region):
        raise SettingsError(
            f"{region!r} is not an AWS Region; they look like {DEFAULT_REGION} or us-east-1"
        )


def advice(project: Project) -> str:
    """What to think about before this project is deployed; empty if there is nothing."""
    if project.door == "url" and project.region in WITHOUT_FUNCTION_URLS:
        return (
            f"AWS had no Function URLs in {project.region} in 2026; take a Region near by, or "
            "--door http, which is not free"
        )
    return ""


def texts(project: Project) -> dict[str, str]:
    """Every file of the project: its path with slashes, and its text.

    Raises SettingsError for a name, door or Region that cannot be.
    """
    check_name(project.name)
    check_door(project.door)
    check_region(project.region)
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701  # no HTML here
    )
    values = {**project._asdict(), "doors": DOORS}
    return {
        name.removesuffix(".jinja"): environment.get_template(name).render(values)
        for name in sorted(environment.list_templates(extensions=["jinja"]))
    }


def write(project: Project, folder: Path) -> list[str]:
    """Write the project into a new or empty folder; returns the paths of its files in it.

    Raises SettingsError as `texts` does, and CodeError if the folder holds anything or cannot be
    written.
    """
    files = texts(project)
    check_empty(folder)
    try:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise CodeError(f"{folder} cannot be written: {error.strerror or error}") from None
    return list(files)


def check_empty(folder: Path) -> None:
    """Raise CodeError if something is there already: nothing is ever overwritten."""
    try:
        if folder.is_dir() and not any(folder.iterdir()):
            return
    except OSError as error:
        raise CodeError(f"{folder} cannot be read: {error.strerror or error}") from None
    if folder.is_dir():
        raise CodeError(f"{folder} is not empty, and nothing is overwritten; name a new folder")
    if folder.exists() or folder.is_symlink():
        raise CodeError(f"{folder} is there already and is not a folder")
