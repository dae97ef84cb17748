"""The demo's processes: a simulated city and its nodes; up in order, down in the reverse order."""

import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from subprocess import DEVNULL
from zoneinfo import ZoneInfo

import anyio
from anyio.abc import Process

from belvedere.agents.enrolment import AccountToEnrol, NotEnrolled, StationToEnrol
from belvedere.clock import MovedClock
from belvedere.demo.accounts import CITY, STATE, DemoAccount, accounts_at, demo_accounts
from belvedere.demo.main_job import do_main_job, until_witnessed
from belvedere.demo.settings_files import CONFIG_FILE, CONVENTION_FOLDER, SERVED_FILE, port_of, write_city, write_state
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
from belvedere.settings import Settings, read_settings

SIMULATOR = Text("ville simulée", "simulated city")
NAMES = {CITY: Text("nœud de la ville", "city's node"), STATE: Text("nœud de l'État", "State's node")}
"""What each node is called where it is waited for, or ends."""
CLOCK_FILE = "clock"
LOOK_EVERY_S = 0.02
STOP_S_MAX = 20.0
"""How long a process has to end once it was told: Ctrl-C must end, whatever hangs."""
LINES_SHOWN = 12
PORTS = {1: 4, 2: 10}
"""By how many nodes: the cameras, what moves them; then of each node the screens, the pictures and what its peers dial."""
ZONE = ZoneInfo("Europe/Paris")
"""The demo's city's."""
CONVENTION = Path(__file__).resolve().parents[3] / "conventions" / "villeneuve-dascq-etat"


@dataclass(frozen=True, slots=True)
class TownNode:
    """A party's running node, with the accounts that sign in there."""

    party: str
    app_url: str
    peer_url: str | None
    data_dir: Path
    keys: NodeKeys
    accounts: list[DemoAccount]
    process: Process

    def ready(self) -> dict[str, object]:
        """Return its entry in the ready file (api, The ready file)."""
        return {
            "party": self.party,
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
            "pid": self.process.pid,
            "peer_url": self.peer_url,
            "vkey": str(self.keys.log.current),
            "witness_vkey": str(self.keys.witness.current),
        }


@dataclass(frozen=True, slots=True)
class Town:
    """The running demo; the city's node is the first."""

    nodes: list[TownNode]
    simulator_url: str
    cameras: int
    processes: dict[str, Process]

    @property
    def app_url(self) -> str:
        """Where the city's node serves."""
        return self.nodes[0].app_url

    def ready(self) -> dict[str, object]:
        """Return the content of the ready file, with the simulator's control address."""
        return {
            "nodes": [node.ready() for node in self.nodes],
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
    nodes: int = 1,
) -> AsyncIterator[Town]:
    """Bring the town up in `folder`, however long it takes; raises `DemoFailed`. Everything started ends with the block.

    It begins at `starts_at`, everywhere in it; `bands` are drawn for machines that read the pictures. With two `nodes` the
    State has its own; the city's goes on hosting its agents too.
    """
    accounts = demo_accounts(seed)
    start = _Start(folder, MovedClock.starting_at(folder / CLOCK_FILE, starts_at), progress)
    _look_for_free_ports(port_base, nodes)
    try:
        async with AsyncExitStack() as stack:
            # 1. The city's cameras.
            simulated = folder / "simulator.json"
            start.processes[_both(SIMULATOR)] = await _start(
                stack,
                folder / "simulator.log",
                "-m",
                "simulator.unplayed" if os.environ.get(RELAY_ENV) == "fake" else "simulator",
                *("--seed", str(seed), "--cameras", str(cameras)),
                *("--rtsp-port", str(port_of(port_base, 0)), "--control-port", str(port_of(port_base, 1))),
                *("--ready-file", str(simulated), "--parent-pid", str(os.getpid())),
                *("--demo-clock", str(folder / CLOCK_FILE), *(("--bands",) if bands else ())),
            )
            async with progress.waiting_for(lambda: Text("la ville simulée", "the simulated city")):
                city = await while_they_run(start.processes, lambda: written_file(simulated))

            # 2. What each node is told, and who may sign in there.
            write_city(folder, city, port_base=port_base, app_url=app_url, has_peer=nodes > 1)
            settings = {CITY: read_settings(folder / CONFIG_FILE)}
            if nodes > 1:
                write_state(folder, port_base=port_base)
                settings[STATE] = read_settings(folder / STATE / CONFIG_FILE)
            keys = {party: own_keys(each) for party, each in settings.items()}
            sign_for_all(CONVENTION, folder / CONVENTION_FOLDER, keys if nodes > 1 else None)
            signing_in = {party: accounts_at(party, accounts) for party in settings}
            async with progress.waiting_for(
                lambda: Text("l'enregistrement des comptes", "the accounts to be enrolled")
            ):
                for party, each in settings.items():
                    await while_they_run(start.processes, partial(_enrol, each, signing_in[party], start.clock))

            # 3. The nodes: the city's first, since the State's dials it.
            running: list[TownNode] = []
            for party, each in settings.items():
                if party != CITY:
                    write_state(folder, port_base=port_base, city=await written_file(folder / SERVED_FILE))
                addresses = await start.node(stack, party)
                running.append(
                    TownNode(
                        party=party,
                        app_url=str(addresses["app_url"]),
                        peer_url=None if addresses["peer_url"] is None else str(addresses["peer_url"]),
                        data_dir=each.node.data_dir,
                        keys=keys[party],
                        accounts=signing_in[party],
                        process=start.processes[_both(NAMES[party])],
                    )
                )
            town = Town(running, str(city["control_url"]), cameras, start.processes)

            # 4. The main job: an officer of the State sees a picture, at its own node where it has one.
            if nodes > 1:
                await while_they_run(start.processes, lambda: until_witnessed(town.app_url, progress))
            of_officer = running[-1]
            await while_they_run(
                start.processes, lambda: do_main_job(of_officer.app_url, of_officer.accounts, progress)
            )
            yield town
    except* (DemoFailed, NotEnrolled, NotRecorded, Unreadable) as failures:
        raise DemoFailed(f"{_first(failures)}\n{_last_messages(folder)}") from None


@dataclass(slots=True)
class _Start:
    """What has been started so far."""

    folder: Path
    clock: MovedClock
    progress: Progress
    processes: dict[str, Process] = field(default_factory=dict)

    async def node(self, stack: AsyncExitStack, party: str) -> dict[str, object]:
        """Start a party's node; return its addresses once it serves."""
        place, name = self.folder if party == CITY else self.folder / party, NAMES[party]
        self.processes[_both(name)] = await _start(
            stack,
            place / "node.log",
            "-m",
            "belvedere",
            "serve",
            *("--config", str(place / CONFIG_FILE), "--ready-file", str(place / SERVED_FILE)),
            *("--parent", str(os.getpid()), "--demo-clock", str(self.folder / CLOCK_FILE)),
        )
        async with self.progress.waiting_for(lambda: Text(f"le {name.fr}", f"the {name.en}")):
            return await while_they_run(self.processes, lambda: written_file(place / SERVED_FILE))


async def _enrol(settings: Settings, accounts: list[DemoAccount], clock: MovedClock) -> None:
    await enrol(settings, _enrolled(accounts), _stations(accounts), clock=clock)


def _both(name: Text) -> str:
    return f"{name.fr} · {name.en}"


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found


def _last_messages(folder: Path) -> str:
    """Return the end of what the processes logged, since the folder goes with the demo."""
    return "\n".join(
        line
        for log in sorted(folder.rglob("*.log"))
        for line in log.read_text(errors="replace").splitlines()[-LINES_SHOWN:]
    )


def _look_for_free_ports(port_base: int, nodes: int) -> None:
    for port in range(port_base, port_base + PORTS[nodes]) if port_base else ():
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                taken.bind(("127.0.0.1", port))
            except OSError as failure:
                raise DemoFailed(
                    f"port {port} : {failure.strerror} ; choisir un autre --port-base, ou 0 pour des ports libres · "
                    "choose another --port-base, or 0 for free ports"
                ) from None


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
