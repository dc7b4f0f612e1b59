"""`inlay krita`: the plugin gets to where Krita looks for it."""

import subprocess
import zipfile
from pathlib import Path

from cli.conftest import INLAY, Run


def test_install_puts_the_plugin_into_the_users_krita_and_enables_it(
    environment: dict[str, str], tmp_path: Path
) -> None:
    home = environment | {"HOME": str(tmp_path), "XDG_DATA_HOME": "", "XDG_CONFIG_HOME": ""}

    said = subprocess.run([*INLAY, "krita", "install"], capture_output=True, text=True, env=home, check=False)

    assert said.returncode == 0, said.stderr
    assert (tmp_path / ".local/share/krita/pykrita/inlay_krita.desktop").exists()
    assert "enable_inlay_krita=true" in (tmp_path / ".config/kritarc").read_text()


def test_a_dry_run_writes_nothing(environment: dict[str, str], tmp_path: Path) -> None:
    home = environment | {"HOME": str(tmp_path), "XDG_DATA_HOME": "", "XDG_CONFIG_HOME": ""}

    said = subprocess.run(
        [*INLAY, "krita", "install", "--dry-run"], capture_output=True, text=True, env=home, check=False
    )

    assert said.returncode == 0, said.stderr
    assert "would write" in said.stdout
    assert list(tmp_path.iterdir()) == []


def test_zip_packs_what_kritas_importer_takes(inlay: Run, tmp_path: Path) -> None:
    said = inlay("krita", "zip", tmp_path, "--json")

    names = zipfile.ZipFile(said.json["file"]).namelist()
    assert "inlay_krita.desktop" in names
    assert "inlay_krita/__init__.py" in names
