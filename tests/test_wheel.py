"""The built wheel works alone: in an empty environment, from another folder, with its rules inside."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "samples" / "zhangjiagang.txt"


def run(*command: str | Path, folder: Path = ROOT) -> bytes:
    """Standard output of a command, or its standard error as the reason why the test fails."""
    result = subprocess.run([str(each) for each in command], cwd=folder, capture_output=True, check=False)
    if result.returncode:
        pytest.fail(result.stderr.decode())
    return result.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    # Built in this environment: the build backend is among the test dependencies, and nothing is downloaded for it.
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT)
    [path] = out.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment that holds the wheel and what it asks for, and nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check", "install", wheel)
    return folder / "bin"


def test_the_wheel_holds_the_package_and_every_pack(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    packs = {f"planparse/rules/{path.name}" for path in (ROOT / "rules").iterdir() if path.is_file()}
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "planparse").rglob("*.py")}
    assert packs
    assert packs | modules | {"planparse/py.typed"} <= names
    inside = {name for name in names if ".dist-info/" not in name}
    assert inside <= packs | modules | {"planparse/py.typed"}, "no tests, no caches"


def test_extract_from_another_folder(environment: Path, tmp_path: Path) -> None:
    installed = run(environment / "planparse", "extract", SAMPLE, folder=tmp_path)
    checkout = run(sys.executable, "-m", "planparse", "extract", SAMPLE, folder=tmp_path)
    assert len(json.loads(installed)) == 2
    assert installed == checkout


def test_the_library_from_another_folder(environment: Path, tmp_path: Path) -> None:
    code = (
        "import planparse, sys; plans = planparse.parse_file(sys.argv[1]); "
        "print(planparse.__file__, len(plans), len(planparse.parse(open(sys.argv[1], encoding='utf-8').read())))"
    )
    where, from_file, from_text = run(environment / "python", "-c", code, SAMPLE, folder=tmp_path).decode().split()
    assert Path(where).is_relative_to(environment.parent)
    assert (from_file, from_text) == ("2", "2")
