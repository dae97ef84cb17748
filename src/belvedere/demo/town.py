"""The demo's processes: a simulated city and the city's node; up in order, down in the reverse order."""

import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from subprocess import DEVNULL
from zoneinfo import ZoneInfo

import anyio
from anyio.abc import Process

from belvedere.agents.enrolment import AccountToEnrol, NotEnrolled, StationToEnrol
from belvedere.clock import MovedClock
from belvedere.demo.accounts import CITY, DemoAccount, demo_accounts
from belvedere.demo.main_job import do_main_job
from belvedere.demo.signing import sign_for_all
from belvedere.demo.waiting import DemoFailed, Progress, while_they_run
from belvedere.domain.clock import Instant
from belvedere.domain.failures import NotRecorded, Unreadable
from belvedere.domain.standing import UNDESIGNATED
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import Role
from belvedere.ledger.pinned_keys import NodeKeys
from belvedere.media.relay import RELAY_ENV
from belvedere.node.enrolment import enrol
from belvedere.node.own_keys import own_keys
from belvedere.settings import read_settings

SIMULATOR, NODE = "simulated city", "city's node"
LOOK_EVERY_S = 0.02
STOP_S_MAX = 20.0
"""How long a process has to end once it was told: Ctrl-C must end, whatever hangs."""
LINES_SHOWN = 12
PORTS = 4
"""The cameras, what moves them, the screens, the pictures."""
ZONE = ZoneInfo("Europe/Paris")
"""The demo's city's."""
CONVENTION = Path(__file__).resolve().parents[3] / "conventions" / "villeneuve-dascq-etat"


@dataclass(frozen=True, slots=True)
class Town:
    """The running demo."""

    app_url: str
    simulator_url: str
    data_dir: Path
    keys: NodeKeys
    cameras: int
    accounts: list[DemoAccount]
    processes: dict[str, Process]

    def ready(self) -> dict[str, object]:
        """Return the content of the ready file (api, The ready file), with the simulator's control address and the data folder."""
        return {
            "nodes": [
                {
                    "party": CITY,
                    "app_url": self.app_url,
                    "accounts": [
                        {
                            "login": account.login,
                            "password": account.password,
                            "pin": account.pin,
                            "station": account.station_secret,
                            "role": account.role.value,
                            "party": account.party,
                        }
                        for account in self.accounts
                    ],
                    "data_dir": str(self.data_dir),
                    "pid": self.processes[NODE].pid,
                    # A peer's channel has no port of its own in the demo yet.
                    "peer_url": None,
                    "vkey": str(self.keys.log.current),
                    "witness_vkey": str(self.keys.witness.current),
                }
            ],
            "mailbox_url": None,
            "cameras": self.cameras,
            "simulator_url": self.simulator_url,
        }

    async def until_a_process_ends(self) -> None:
        """Wait; raises `DemoFailed`, in a group, when a process ends by itself."""
        await while_they_run(self.processes, anyio.sleep_forever)


@asynccontextmanager
async def open_town(
    folder: Path,
    *,
    cameras: int,
    seed: int,
    port_base: int,
    progress: Progress,
    app_url: str | None = None,
    bands: bool = False,
    starts_at: Instant | None = None,
) -> AsyncIterator[Town]:
    """Bring the town up in `folder`, however long it takes; raises `DemoFailed`. Everything started ends with the block.

    It begins at `starts_at`, everywhere in it; `bands` are drawn for machines that read the pictures.
    """
    accounts = demo_accounts(seed)
    clock_file = folder / "clock"
    clock = MovedClock.starting_at(clock_file, starts_at)
    _look_for_free_ports(port_base)
    try:
        async with AsyncExitStack() as stack:
            # 1. The city's cameras.
            simulated = folder / "simulator.json"
            simulator = await _start(
                stack,
                folder / "simulator.log",
                "-m",
                "simulator.unplayed" if os.environ.get(RELAY_ENV) == "fake" else "simulator",
                *("--seed", str(seed), "--cameras", str(cameras)),
                *("--rtsp-port", str(_port(port_base, 0)), "--control-port", str(_port(port_base, 1))),
                *("--ready-file", str(simulated), "--parent-pid", str(os.getpid())),
                *("--demo-clock", str(clock_file), *(("--bands",) if bands else ())),
            )
            processes = {SIMULATOR: simulator}
            async with progress.waiting_for(lambda: Text("la ville simulée", "the simulated city")):
                city = await while_they_run(processes, lambda: written_file(simulated))

            # 2. What the node is told, and who may sign in.
            sign_for_all(CONVENTION, folder / "convention")
            config = _write_settings(folder, city, port_base, app_url)
            settings = read_settings(config)
            async with progress.waiting_for(
                lambda: Text("l'enregistrement des comptes", "the accounts to be enrolled")
            ):
                await while_they_run(
                    processes, lambda: enrol(settings, _enrolled(accounts), _stations(accounts), clock=clock)
                )

            # 3. The city's node.
            served = folder / "node.json"
            node = await _start(
                stack,
                folder / "node.log",
                "-m",
                "belvedere",
                "serve",
                *("--config", str(config), "--ready-file", str(served)),
                *("--parent", str(os.getpid()), "--demo-clock", str(clock_file)),
            )
            processes = {**processes, NODE: node}
            async with progress.waiting_for(lambda: Text("le nœud de la ville", "the city's node")):
                addresses = await while_they_run(processes, lambda: written_file(served))
            town = Town(
                app_url=str(addresses["app_url"]),
                simulator_url=str(city["control_url"]),
                data_dir=settings.node.data_dir,
                keys=own_keys(settings),
                cameras=cameras,
                accounts=accounts,
                processes=processes,
            )

            # 4. The main job: an officer of the State sees a picture.
            await while_they_run(processes, lambda: do_main_job(town.app_url, accounts, progress))
            yield town
    except* (DemoFailed, NotEnrolled, NotRecorded, Unreadable) as failures:
        raise DemoFailed(f"{_first(failures)}\n{_last_messages(folder)}") from None


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found


def _last_messages(folder: Path) -> str:
    """Return the end of what the processes logged, since the folder goes with the demo."""
    return "\n".join(
        line
        for log in sorted(folder.glob("*.log"))
        for line in log.read_text(errors="replace").splitlines()[-LINES_SHOWN:]
    )


def _look_for_free_ports(port_base: int) -> None:
    for port in range(port_base, port_base + PORTS) if port_base else ():
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                taken.bind(("127.0.0.1", port))
            except OSError as failure:
                raise DemoFailed(
                    f"port {port} : {failure.strerror} ; choisir un autre --port-base, ou 0 pour des ports libres · "
                    "choose another --port-base, or 0 for free ports"
                ) from None


def _port(port_base: int, offset: int) -> int:
    return 0 if port_base == 0 else port_base + offset


async def _start(stack: AsyncExitStack, log: Path, *arguments: str) -> Process:
    """Start a child of this process in a session of its own, so that Ctrl-C reaches it through us alone."""
    with log.open("ab") as messages:
        process = await anyio.open_process(
            [sys.executable, *arguments],
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=messages,
            start_new_session=True,
        )
    stack.push_async_callback(_stop, process)
    return process


async def _stop(process: Process) -> None:
    with anyio.CancelScope(shield=True):
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            with anyio.move_on_after(STOP_S_MAX):
                await process.wait()
        if process.returncode is None:
            process.kill()
            await process.wait()
        await process.aclose()


async def written_file(file: Path) -> dict[str, object]:
    """Return what a process writes into its ready file, once it stands there."""
    while True:
        if await anyio.Path(file).exists():
            ready: dict[str, object] = json.loads(await anyio.Path(file).read_text())
            return ready
        await anyio.sleep(LOOK_EVERY_S)


def _write_settings(folder: Path, city: dict[str, object], port_base: int, app_url: str | None) -> Path:
    (folder / "cameras.geojson").write_text(json.dumps(city["inventory"]))
    (folder / "ground.geojson").write_text(json.dumps(city["ground"]))
    sources = folder / "sources.json"
    sources.touch(mode=0o600)
    sources.write_text(json.dumps({"cameras": city["sources"]}))
    config = folder / "node.toml"
    config.write_text(
        f"""
[node]
party = "{CITY}"
data_dir = "data"
origin = "belvedere.example/{CITY}"
contact = "exploitation de la démonstration, poste 4000"

[web]
port = {_port(port_base, 2)}
{"" if app_url is None else f"app_url = {json.dumps(app_url)}"}

[media]
port = {_port(port_base, 3)}
source_networks = ["127.0.0.0/8"]

[inventory]
cameras = "cameras.geojson"
sources = "sources.json"
ground = "ground.geojson"

[[conventions]]
directory = "convention"
"""
    )
    return config


def _enrolled(accounts: list[DemoAccount]) -> list[AccountToEnrol]:
    return [
        AccountToEnrol(
            login=account.login,
            password=account.password,
            label=account.label,
            party=account.party,
            service=account.service,
            role=account.role,
            # Who administers the program, or mends it, is designated to see no image.
            habilitated_by=None if account.role in UNDESIGNATED else "démonstration",
            habilitated_since=None if account.role in UNDESIGNATED else date(2022, 10, 1),
            habilitated_until=None,
            pin=account.pin,
        )
        for account in accounts
    ]


def _stations(accounts: list[DemoAccount]) -> list[StationToEnrol]:
    return [
        StationToEnrol(
            id=account.station,
            party=account.party,
            label=account.station_label,
            secret=account.station_secret,
            # The direction's desk is not the room's: its chief does not strike it off.
            service="direction" if account.role is Role.POLICE_DIRECTOR else account.service,
        )
        for account in accounts
    ]
