"""What pyinfra does on each host to roll the service back."""

from pyinfra.context import host
from pyinfra.operations import files, server

home, version = host.data.home, host.data.version
environment = {
    "ADDRESS": host.name,
    "PORT": str(host.data.service_port),
    "SHARED": f"{home}/shared",
}

files.link(path=f"{home}/current", target=f"releases/{version}")
server.shell(
    commands=[f"{home}/current/restart.sh", f"{home}/current/healthy.sh"], _env=environment
)
