"""A broker of one's own, for the demo and for tests: mosquitto, or iotcore where there is none.

Both listen on 127.0.0.1 only. Starting, stopping, killing and waiting until it answers; what runs
against it is not here. All methods block: call them outside the event loop or in a thread.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Final, Protocol

from telecared.errors import TelecaredError

HOST: Final = "127.0.0.1"

START_SECONDS: Final = 10.0
"""How long a broker may take until it accepts connections."""

STOP_SECONDS: Final = 10.0
"""How long it may take to write its store and leave; then it is killed."""

_POLL_SECONDS: Final = 0.01

_FOLDERS: Final = ("/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/sbin")
"""Where mosquitto stands when it is not on PATH: Debian puts it where users do not look."""


class BrokerError(TelecaredError):
    """No broker could be started; the sentence says why and what to do."""


class Broker(Protocol):
    """A broker that this process keeps."""

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1; the same after a restart."""
        ...

    @property
    def durable(self) -> bool:
        """Whether it keeps sessions and messages over its own restart."""
        ...

    def start(self) -> None:
        """Start it and wait until it accepts connections."""
        ...

    def stop(self) -> None:
        """Stop it; nothing happens when it is not running."""
        ...


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def find_mosquitto() -> str | None:
    """Return the path of mosquitto, or None when this machine has none."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path=os.pathsep.join(_FOLDERS))


def find_broker(folder: Path, *, port: int = 0) -> Broker:
    """Return a broker that can be started here: mosquitto when there is one, else iotcore.

    Args:
        folder: where mosquitto keeps its configuration and store.
        port: 0 picks a free one.

    Raises:
        BrokerError: there is neither.
    """
    if find_mosquitto() is not None:
        return MosquittoBroker(folder, port=port)
    return IotcoreBroker(port=port)


def _dies_with_us() -> tuple[str, ...]:
    """Return what is put before a command so that Linux ends it when we are killed."""
    # Not through `preexec_fn`, which may deadlock in a process with threads.
    setpriv = shutil.which("setpriv") if sys.platform == "linux" else None
    return (setpriv, "--pdeathsig", "TERM") if setpriv else ()


class MosquittoBroker:
    """A mosquitto child process, with limits lifted so that it never drops for us.

    Args:
        folder: keeps its configuration, log and store; created when absent.
        port: 0 picks a free one.
        persistence: keep sessions and messages on disk, written every second and on a clean stop.
        extra_config: lines for the end of its configuration file.
        listener: replaces the plain listener and anonymous access, for tests of TLS and
            passwords; `{port}` is filled in.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        persistence: bool = True,
        extra_config: str = "",
        listener: str = "listener {port} 127.0.0.1\nallow_anonymous true",
    ) -> None:
        self._folder = folder
        self._port = port or free_port()
        self._persistence = persistence
        self._extra_config = extra_config
        self._listener = listener
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1; the same after a restart."""
        return self._port

    @property
    def durable(self) -> bool:
        """Whether it keeps sessions and messages over its own restart."""
        return self._persistence

    @property
    def pid(self) -> int:
        """The process id. Raises BrokerError when it is not running."""
        if self._process is None:
            raise BrokerError("mosquitto is not running: start it first.")
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it accepts connections. Raises BrokerError when it does not."""
        program = find_mosquitto()
        if program is None:
            raise BrokerError("mosquitto is not installed: install the package `mosquitto`.")
        self._folder.mkdir(parents=True, exist_ok=True)
        config = self._folder / "mosquitto.conf"
        config.write_text(self._config(), encoding="utf-8")
        with (self._folder / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the program found above, no shell
                [*_dies_with_us(), program, "-c", str(config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C on the terminal is for us, who then end it in order.
                start_new_session=True,
            )
        self._wait_until_it_listens()

    def _config(self) -> str:
        lines = [
            self._listener.format(port=self._port),
            "max_queued_messages 0",
            "max_inflight_messages 0",
            "set_tcp_nodelay true",
            "log_type error",
            "log_type warning",
        ]
        if self._persistence:
            lines += [
                "persistence true",
                f"persistence_location {self._folder}/",
                "autosave_on_changes false",
                "autosave_interval 1",
            ]
        if os.geteuid() == 0:
            # Otherwise it becomes another user, who may not write into our folder.
            lines.append("user root")
        return "\n".join([*lines, self._extra_config, ""])

    def _wait_until_it_listens(self) -> None:
        process = self._process
        deadline = time.monotonic() + START_SECONDS
        while process is not None and process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection((HOST, self._port), 1.0):
                return
            time.sleep(_POLL_SECONDS)
        self.kill()
        raise BrokerError(
            f"mosquitto did not start on port {self._port}: see {self._folder / 'mosquitto.log'}."
        )

    def stop(self) -> None:
        """Ask it to leave, which writes its store; nothing happens when it is not running."""
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._process = None

    def kill(self) -> None:
        """End it as a power cut would; nothing happens when it is not running."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Stop and start it on the same port, with its store."""
        self.stop()
        self.start()

    def __enter__(self) -> "MosquittoBroker":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class IotcoreBroker:
    """The broker of the `demo` extra: it keeps nothing over a restart and speaks MQTT 3.1.1 only.

    Raises:
        BrokerError: on start, when the extra is not installed or it does not come up.
    """

    def __init__(self, *, port: int = 0) -> None:
        try:
            from iotcore import Broker as Embedded  # noqa: PLC0415 - an optional extra
        except ImportError as error:
            raise BrokerError(
                "There is no broker on this machine: install the package `mosquitto`, or"
                " `pip install 'telecared[demo]'`."
            ) from error
        self._port = port or free_port()
        self._embedded = Embedded(port=self._port, listen=HOST)

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1; the same after a restart."""
        return self._port

    @property
    def durable(self) -> bool:
        """Never: what it had queued is gone when it stops."""
        return False

    def start(self) -> None:
        """Start it and wait until it accepts connections. Raises BrokerError when it does not."""
        try:
            self._embedded.start(timeout=START_SECONDS)
        except (OSError, RuntimeError) as error:
            raise BrokerError(f"iotcore did not start on port {self._port}: {error}.") from error

    def stop(self) -> None:
        """Stop it; nothing happens when it is not running."""
        self._embedded.stop(timeout=STOP_SECONDS)

    def __enter__(self) -> "IotcoreBroker":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
