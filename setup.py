"""Puts the Krita plugin's files into the package, so that `inlay krita install` has them where there is no checkout."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

PLUGIN = Path("krita_plugin")


class BuildWithPlugin(build_py):
    """Copies the plugin to `inlay/krita_plugin`; `inlay.krita_install.sources` looks there first."""

    def run(self):
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib, "inlay", "krita_plugin")
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(PLUGIN, target, ignore=shutil.ignore_patterns("__pycache__", "vendor", "build_zip.py"))
            shutil.copy("LICENSE", target)


setup(cmdclass={"build_py": BuildWithPlugin})
