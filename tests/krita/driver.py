"""Starts a real Krita on a virtual screen with a profile of its own, and runs scenarios inside it."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import textwrap
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCRIPTS = HERE / "scripts"
STUCK = HERE.parents[1] / "build" / "stuck"
STARTUP_S = 300
"""On a machine that is busy with much else Krita takes minutes to register its resources."""
SCENARIO_S = 240


class KritaError(AssertionError):
    """A scenario raised inside Krita; the message is its traceback."""


class KritaDied(AssertionError):
    """The Krita process ended while a scenario ran."""


class Screen:
    """An Xvfb display of its own."""

    def __init__(self, size: str = "1600x1000x24"):
        read, write = os.pipe()
        self.process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", size, "-nolisten", "tcp", "-noreset"],
            pass_fds=[write],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        with os.fdopen(read) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start")
        self.display = f":{number}"

    def screenshot(self, path: Path) -> Path:
        """Writes what the screen shows as PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["import", "-display", self.display, "-window", "root", str(path)], check=True)
        return path

    def press(self, *keys: str) -> None:
        """Presses keys by their X names (`ctrl+Return`, `F2`), on whatever has the keyboard."""
        self._do("key", *keys)

    def type(self, text: str) -> None:
        """Types text, on whatever has the keyboard."""
        self._do("type", "--delay", "30", text)

    def click(self, at: tuple[int, int], times: int = 1) -> None:
        """Clicks at a point of the screen, as fast as a double-click where `times` is 2."""
        self._do("mousemove", *map(str, at), "click", "--repeat", str(times), "--delay", "60", "1")

    def hold(self, at: tuple[int, int]) -> None:
        """Presses the mouse's button at a point of the screen, and does not let go of it."""
        self._do("mousemove", *map(str, at), "mousedown", "1")

    def move(self, at: tuple[int, int]) -> None:
        """Moves the pointer; what was pressed or turned before has arrived once a widget is under it."""
        self._do("mousemove", *map(str, at))

    def wheel(self, at: tuple[int, int], notches: int) -> None:
        """Turns the mouse's wheel over a point of the screen; down where `notches` is positive."""
        button = "5" if notches > 0 else "4"
        self._do("mousemove", *map(str, at), "click", "--repeat", str(abs(notches)), "--delay", "30", button)

    def _do(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], check=True, env={**os.environ, "DISPLAY": self.display})

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()


HOW_IT_STANDS = """
from inlay_krita import api

session = api.session()
result["edits"] = [(edit.phase, edit.message) for edit in [*session.edits, *session.left]]
result["connection"] = str(session.connection.trouble or session.connection.is_ready)
if "shown_panel" in globals():
    result["panel"] = [shown_panel.isVisible(), shown_panel.trouble.text(), shown_panel.hud.text()]
"""
"""What is told of Krita where a wait for it was in vain."""


class Krita:
    """A running Krita with the Inlay plugin and the test bridge enabled, in a home folder of its own."""

    def __init__(self, home: Path, screen: Screen, plugin: Path | None, theme: str = "Krita dark", scale: int = 1):
        self.home, self.screen, self.scale = home, screen, scale
        self.folder = home / "bridge"
        self.folder.mkdir(parents=True, exist_ok=True)
        for leftover in self.folder.iterdir():
            leftover.unlink()
        self.resources = home / "share" / "krita"
        self.number = 0
        self._write_profile(plugin, theme)
        self.log = home / "krita.log"
        self.process = subprocess.Popen(
            ["krita", "--nosplash"],
            env=self.environment(),
            stdout=self.log.open("ab"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            self.wait_for(self.folder / "ready", STARTUP_S)
        except BaseException:
            self.kill()  # Else the next one in this home finds it running, and ends.
            raise

    def environment(self) -> dict[str, str]:
        """The variables that keep this Krita away from the user's settings."""
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "LC_ALL", "TMPDIR")}
        runtime = self.home / "run"
        runtime.mkdir(exist_ok=True, mode=0o700)
        return {
            **kept,
            # Krita's interpreter looks for its standard library beside the first python3 of PATH; it must be the system's.
            "PATH": "/usr/bin:/bin:" + kept.get("PATH", ""),
            "DISPLAY": self.screen.display,
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_DATA_HOME": str(self.home / "share"),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "XDG_RUNTIME_DIR": str(runtime),
            "INLAY_KRITA_BRIDGE": str(self.folder),
            "QT_SCALE_FACTOR": str(self.scale),
            "QT_LOGGING_RULES": "*.debug=false",
        }

    def _write_profile(self, plugin: Path | None, theme: str) -> None:
        pykrita = self.resources / "pykrita"
        pykrita.mkdir(parents=True, exist_ok=True)
        shutil.copytree(HERE / "bridge", pykrita, dirs_exist_ok=True)
        if plugin:
            shutil.copytree(plugin, pykrita, dirs_exist_ok=True)
            actions = self.resources / "actions"
            actions.mkdir(exist_ok=True)
            for action in plugin.rglob("*.action"):
                shutil.copy(action, actions)
        config = self.home / "config"
        config.mkdir(exist_ok=True)
        (config / "kritadisplayrc").write_text("OpenGLRenderer=none\n")
        kritarc = config / "kritarc"
        if not kritarc.exists():
            kritarc.write_text(
                textwrap.dedent(f"""\
                    [theme]
                    Theme={theme}

                    [python]
                    enable_inlay_bridge=true
                    enable_inlay_krita=true
                    """)
            )

    def wait_for(self, path: Path, timeout_s: float) -> None:
        """Waits until a file exists, as long as Krita lives."""
        end = time.monotonic() + timeout_s
        while not path.exists():
            if self.process.poll() is not None:
                raise KritaDied(f"krita ended with {self.process.returncode}\n{self.log_tail()}")
            if time.monotonic() > end:
                stood = self.given_up()
                raise TimeoutError(f"{path.name} did not appear within {timeout_s} s; {stood}\n{self.log_tail()}")
            time.sleep(0.02)

    def given_up(self) -> str:
        """Ends a Krita that answers nothing, for whoever comes next; its log says where Python stood, a picture what was shown."""
        shot = self.screen.screenshot(STUCK / f"{self.home.name} {self.number}.png")
        self.process.send_signal(signal.SIGABRT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()
        return f"its screen is in {shot.relative_to(STUCK.parents[1])}"

    def log_tail(self) -> str:
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""

    def run(self, source: str, timeout_s: float = SCENARIO_S, **values: object):
        """Executes Python source inside Krita's GUI thread; `values` are names it sees, `result` comes back."""
        self.start(source, **values)
        return self.finish(timeout_s)

    def script(self, *names: str, timeout_s: float = SCENARIO_S, **given: object):
        """Executes files of `scripts`, in order, inside Krita's GUI thread: they find what is `given`, as JSON carries it."""
        self.begin(*names, **given)
        return self.finish(timeout_s)

    def begin(self, *names: str, **given: object) -> None:
        """Hands scripts over without waiting for them."""
        self._hand_over("\n".join(f"perform({str(SCRIPTS / name)!r} + '.py')" for name in names), given)

    def start(self, source: str, **values: object) -> None:
        """Hands a scenario over without waiting for it."""
        names = f"globals().update({values!r})\n" if values else ""
        self._hand_over(names + textwrap.dedent(source), {})

    def _hand_over(self, source: str, given: "dict[str, object]") -> None:
        self.number += 1
        (self.folder / f"{self.number}.given").write_text(json.dumps(given))
        unfinished = self.folder / f"{self.number}.{secrets.token_hex(4)}"
        unfinished.write_text(source, "utf-8")
        unfinished.rename(self.folder / f"{self.number}.py")

    def finish(self, timeout_s: float = SCENARIO_S):
        """Waits for the scenario that was started last and returns its result."""
        path = self.folder / f"{self.number}.json"
        self.wait_for(path, timeout_s)
        answer = json.loads(path.read_text())
        if "error" in answer:
            raise KritaError(answer["error"])
        return answer["result"]

    def until(self, expression: str, timeout_s: float = SCENARIO_S) -> None:
        """Waits until an expression is true inside Krita, which is left to itself between the questions.

        A scenario that pumps events is not the same: Krita delivers some of its signals only from its outermost loop.
        """
        end = time.monotonic() + timeout_s
        while not self.run(f"result['is'] = bool({expression})")["is"]:
            if time.monotonic() > end:
                raise TimeoutError(f"never became true: {expression}; {self.run(HOW_IT_STANDS)}")
            time.sleep(0.1)

    def kill(self) -> None:
        """Ends Krita as a crash would."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
