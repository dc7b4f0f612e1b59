"""The papers of the repository: its licence wherever Inlay is handed out, and a public CI that runs what it names."""

import hashlib
import re
import tomllib
import zipfile
from pathlib import Path

from inlay import krita_install

ROOT = Path(__file__).parents[2]

APACHE_2 = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
"""SHA-256 of https://www.apache.org/licenses/LICENSE-2.0.txt."""


def test_the_licence_is_the_official_text() -> None:
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == APACHE_2


def test_the_package_says_its_licence_and_brings_every_licence_of_what_is_in_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["license"] == "Apache-2.0"
    assert project["authors"] == [{"name": "The Inlay developers"}]
    inside = {path.relative_to(ROOT).as_posix() for path in (ROOT / "server").rglob("LICENSE*")}
    assert set(project["license-files"]) == {"LICENSE", *inside}


def test_the_krita_zip_brings_the_licence_and_its_desktop_file_names_it(tmp_path: Path) -> None:
    with zipfile.ZipFile(krita_install.build(tmp_path)) as archive:
        packed = archive.read("inlay_krita/LICENSE")
        desktop = archive.read("inlay_krita.desktop").decode()
    assert hashlib.sha256(packed).hexdigest() == APACHE_2
    assert "X-KDE-PluginInfo-License=Apache-2.0\n" in desktop


def test_the_papers_that_a_newcomer_looks_for_are_there_and_the_readme_leads_to_them() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for name in ("LICENSE", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"):
        assert (ROOT / name).is_file(), name
        assert f"]({name})" in readme, name


def test_every_action_of_the_public_ci_is_pinned_to_a_commit_and_what_it_runs_is_there() -> None:
    workflow = (ROOT / ".github/workflows/ci.yml").read_text("utf-8")
    used = re.findall(r"uses: (\S+)", workflow)
    assert used
    assert [action for action in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action)] == []
    assert "run: .ci/run\n" in workflow
    for path in (".ci/run", *re.findall(r"\b((?:tests|requirements|proto)/[\w./]+)", workflow)):
        assert (ROOT / path).exists(), path
