"""ansible-core: unarchive, link, restart by script, wait for health; tuned, and as it comes."""

import subprocess
from pathlib import Path

from benchmarks.contenders.contender import ScriptedHosts
from benchmarks.farm import Farm, FarmHost
from benchmarks.measure import controller_environment
from benchmarks.package import SERVICE_PORT, Package

PLAYBOOKS = Path(__file__).parent.parent / "playbooks"

STOCK = """\
[defaults]
inventory = {folder}/inventory
private_key_file = {key}
[ssh_connection]
control_path_dir = {folder}/cp
ssh_extra_args = -o UserKnownHostsFile={known_hosts}
"""
# What the documentation and experience advise: fewer round trips, all hosts at once, no search for
# a Python, and connections that are still there for the rollback.
TUNED = """\
[defaults]
inventory = {folder}/inventory
private_key_file = {key}
forks = {count}
gathering = explicit
interpreter_python = /usr/bin/python3
[ssh_connection]
pipelining = True
control_path_dir = {folder}/cp
ssh_args = -o ControlMaster=auto -o ControlPersist=30m -o PreferredAuthentications=publickey
ssh_extra_args = -o UserKnownHostsFile={known_hosts}
"""


class Ansible:
    """Keeps its settings, inventory and connections in `folder`."""

    def __init__(self, farm: Farm, folder: Path, tools: Path, *, tuned: bool) -> None:
        self.name = "ansible, tuned" if tuned else "ansible, stock"
        self.also = f"{folder}/cp"
        self.notes: list[str] = []
        self._farm = farm
        self._folder = folder
        self._playbook = tools / "ansible-playbook"
        self._scripted = ScriptedHosts(farm)
        self._settings = TUNED if tuned else STOCK

    def prepare(self, old: Package, new: Package) -> None:
        self._old, self._new = old, new
        self._folder.mkdir()
        (self._folder / "inventory").write_text("\n".join(map(self._line, self._farm.hosts)) + "\n")
        settings = self._settings.format(
            folder=self._folder,
            key=self._farm.key,
            known_hosts=self._farm.known_hosts,
            count=len(self._farm.hosts),
        )
        (self._folder / "ansible.cfg").write_text(settings)
        self._scripted.install(old)

    def upgrade(self) -> None:
        self._play("upgrade.yml", self._new)

    def roll_back(self) -> None:
        self._play("rollback.yml", self._old)

    def current(self, host: FarmHost) -> Path:
        return self._scripted.current(host)

    def close(self) -> None:
        for socket in self._folder.glob("cp/*"):
            command = ["ssh", "-O", "exit", "-S", str(socket), "ignored"]
            subprocess.run(command, check=False, capture_output=True)
        self._scripted.clear()

    def _line(self, host: FarmHost) -> str:
        values = {
            "ansible_host": host.name,
            "ansible_port": host.port,
            "ansible_user": host.user,
            "ansible_remote_tmp": host.root / "tmp",
            "home": self._scripted.home(host),
        }
        return " ".join([host.name, *(f"{key}={value}" for key, value in values.items())])

    def _play(self, playbook: str, package: Package) -> None:
        said = {
            "version": package.version,
            "package": package.path,
            "service_port": SERVICE_PORT,
        }
        extra = [word for key, value in said.items() for word in ("-e", f"{key}={value}")]
        environment = controller_environment(
            ANSIBLE_CONFIG=str(self._folder / "ansible.cfg"),
            ANSIBLE_HOME=str(self._folder / "home"),
            LC_ALL="C.UTF-8",
        )
        with (self._folder / f"{playbook}.log").open("wb") as log:
            subprocess.run(
                [str(self._playbook), str(PLAYBOOKS / playbook), *extra],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=True,
            )
