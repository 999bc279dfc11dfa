"""What hands.py sees of sockets: who listens on a port, and which processes hold one."""

import os
import socket
import struct

LISTENS = b"0A"  # a state in the kernel's tables
LISTED_BEFORE = (b"st", LISTENS, b"03")  # the heading, and what may stand among those that listen
TABLES = ("/proc/net/tcp", "/proc/net/tcp6")

# sock_diag(7), which `ss -lt` asks, too.
SOCK_DIAG, BY_FAMILY, DUMP, AN_ERROR, THE_END = 4, 20, 0x301, 2, 3
WANTED = 1 << 10  # the state LISTEN
HEADER = struct.Struct("=IHHII")  # length, sort, flags, number, whose
QUESTION = struct.Struct("=BBxxI2s46x")  # family, protocol, states, port
ANSWER = struct.Struct("=4x2s2x16s40xII")  # port, address, uid, inode


def held(port: bytes, addresses: bytes, *pids: bytes) -> "list[bytes]":
    """Return INODE:UID of each socket that listens there and is none of these processes', or
    `free`. Addresses are as the kernel lists them; none are all."""
    found = listening(int(port), addresses.split())
    if not found:
        return [b"free"]
    for pid in pids:
        for inode in sockets_of(pid).intersection(found):
            del found[inode]
    return [b"%s:%s" % each for each in found.items()]


def listening(port: int, addresses: "list[bytes]") -> "dict[bytes, bytes]":
    """Return the owner's uid by inode."""
    try:
        return told(port, addresses)
    except OSError:
        return listed(b"%04X" % port, addresses)  # a kernel that has no such answer


def told(port: int, addresses: "list[bytes]") -> "dict[bytes, bytes]":
    """Return the same as the kernel tells it; raises OSError where it does not."""
    found = {}
    number = struct.pack("!H", port)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, SOCK_DIAG) as kernel:
        kernel.settimeout(1)
        for family, form in ((socket.AF_INET, "=I"), (socket.AF_INET6, "=4I")):
            question = QUESTION.pack(family, socket.IPPROTO_TCP, WANTED, number)
            head = HEADER.pack(HEADER.size + len(question), BY_FAMILY, DUMP, 1, 0)
            kernel.sendto(head + question, (0, 0))
            for listened, address, uid, inode in answers(kernel):
                where = b"".join(b"%08X" % word for word in struct.unpack_from(form, address))
                if listened == number and where in (addresses or [where]):
                    found[b"%d" % inode] = b"%d" % uid
    return found


def answers(kernel: socket.socket) -> "list[tuple[bytes, bytes, int, int]]":
    """Return port, address, uid and inode of each socket."""
    found: list[tuple[bytes, bytes, int, int]] = []
    while True:
        piece = kernel.recv(65536)
        while piece:
            length, sort, _, _, _ = HEADER.unpack_from(piece)
            if sort == AN_ERROR:
                raise OSError("the kernel has no answer")
            if sort == THE_END:
                return found
            port, address, uid, inode = ANSWER.unpack_from(piece, HEADER.size)
            found.append((port, address, uid, inode))
            piece = piece[(length + 3) & ~3 :]


def listed(port: bytes, addresses: "list[bytes]") -> "dict[bytes, bytes]":
    """Return the same from the tables, each of which has the kernel walk through all connections
    that might be there: 2 ms and more."""
    found = {}
    for table in TABLES:
        if not os.path.exists(table):
            continue
        with open(table, "rb") as file:
            for line in file:
                fields = line.split()
                if fields[3] not in LISTED_BEFORE:
                    break  # those that listen come first
                address, _, listened = fields[1].partition(b":")
                if (
                    fields[3] == LISTENS
                    and listened == port
                    and address in (addresses or [address])
                ):
                    found[fields[9]] = fields[7]
    return found


def holders(inode: bytes) -> "list[bytes]":
    """Return the processes that have a socket open, as far as we may see that."""
    pids = sorted(int(name) for name in os.listdir(b"/proc") if name.isdigit())
    return [b"%d" % pid for pid in pids if inode in sockets_of(b"%d" % pid)]


def sockets_of(pid: bytes) -> "set[bytes]":
    folder = b"/proc/%s/fd" % pid
    found = set()
    try:
        for descriptor in os.listdir(folder):
            target = os.readlink(folder + b"/" + descriptor)
            if target.startswith(b"socket:["):
                found.add(target[8:-1])
    except OSError:
        pass  # it has ended, or is somebody else's
    return found
