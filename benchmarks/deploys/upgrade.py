"""What pyinfra does on each host to upgrade the service."""

from pyinfra.context import host
from pyinfra.operations import files, server

home, version = host.data.home, host.data.version
release = f"{home}/releases/{version}"
environment = {
    "ADDRESS": host.name,
    "PORT": str(host.data.service_port),
    "SHARED": f"{home}/shared",
}

files.directory(path=release)
files.put(src=host.data.package, dest=f"{home}/{version}.tar.gz")
server.shell(commands=[f"tar -xzf {home}/{version}.tar.gz -C {release}"])
files.link(path=f"{home}/current", target=f"releases/{version}")
server.shell(
    commands=[f"{home}/current/restart.sh", f"{home}/current/healthy.sh"], _env=environment
)
