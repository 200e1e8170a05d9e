# Reaching the network: IPv4, IPv6, the machine itself, abstract sockets, DNS, vsock.
#
# A notebook that can call home can hand out the case and fetch answers.
#
# [expect]

# %% cell="attack"
import json
import os
import socket

doors = json.load(open(os.environ["WORKSAMPLE_CASE"] + "/doors.json"))
tries = [
    (socket.AF_INET, ("127.0.0.1", doors["tcp"])),
    (socket.AF_INET6, ("::1", doors["tcp6"])),
    (socket.AF_INET, ("192.0.2.1", 80)),
    (socket.AF_INET, ("8.8.8.8", 53)),
    (socket.AF_INET6, ("2001:4860:4860::8888", 53)),
    (socket.AF_UNIX, "\0" + doors["abstract"]),
    (socket.AF_UNIX, doors["path"]),
    (40, (2, 1024)),
]
for family, address in tries:
    try:
        with socket.socket(family) as door:
            door.settimeout(2)
            door.connect(address)
            print("GOT: connected to", address)
    except OSError as error:
        print(address, error)
try:
    print("GOT:", socket.getaddrinfo("example.org", 443))
except OSError as error:
    print(error)
