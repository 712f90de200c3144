"""Wheels made on the spot, for a package index that is a folder: real installers, no network."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

PURE = "py3-none-any"
ARM = "cp313-cp313-manylinux_2_17_aarch64.manylinux2014_aarch64"
INTEL = "cp313-cp313-manylinux_2_28_x86_64"
OLD = "cp311-cp311-manylinux_2_17_aarch64"


def add_wheel(
    folder: Path,
    name: str,
    tag: str,
    *,
    release: str = "1.0",
    files: Mapping[str, str] | None = None,
    needs: str = "",
) -> None:
    """Put a wheel into the folder; its one module, unless files are given, says its tag."""
    about = f"{name}-{release}.dist-info"
    needed = f"Requires-Dist: {needs}\n" if needs else ""
    held = {
        **(files if files is not None else {f"{name}.py": f"TAG = {tag!r}\n"}),
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {release}\n{needed}",
        f"{about}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n",
        f"{about}/entry_points.txt": f"[console_scripts]\n{name} = {name}:main\n",
        f"{about}/RECORD": "",
    }
    file = folder / name / f"{name}-{release}-{tag}.whl"
    file.parent.mkdir(exist_ok=True)
    with ZipFile(file, "w") as wheel:
        for path, text in held.items():
            wheel.writestr(path, text)
    with (file.parent / "index.html").open("a") as page:
        page.write(f'<a href="{file.name}">{file.name}</a>\n')


def add_msgspec(folder: Path) -> None:
    """The one package that Penniless needs, in the version that is installed here."""
    add_wheel(folder, "msgspec", PURE, release=version("msgspec"))
