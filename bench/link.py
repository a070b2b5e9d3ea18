#!/usr/bin/env python3
"""An emulated network link: two interfaces, and between them a delay and a bandwidth.

    link.py NEAR FAR RTT_MS MBIT

makes the TUN interfaces NEAR and FAR and carries packets between them until it is ended: each
direction has half the round trip as delay, and the given bandwidth behind a queue, as a real bottleneck
has. Whole IP packets pass, so TCP's handshakes and its slow start take the time that they take on
such a link. (The kernel's netem does the same, but many kernels are built without it.)

Prints `ready` when both interfaces are there. Needs root. The new settings `RTT_MS MBIT` may be
given as lines on the standard input at any time.
"""

import collections
import fcntl
import os
import select
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000

PACKET_BYTES = 65536
# Packets that wait for the bottleneck; more are dropped, as routers do. The default of netem.
QUEUE_PACKETS = 1000


def open_interface(name):
    file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(file, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    return file


class Direction:
    """One way of the link: packets leave in order, each at its time."""

    def __init__(self, source, sink):
        self.source, self.sink = source, sink
        self.free_at = 0.0  # when the bottleneck has sent all that it was given
        self.waiting = collections.deque()

    def take(self, delay, seconds_per_byte):
        while True:
            try:
                packet = os.read(self.source, PACKET_BYTES)
            except (BlockingIOError, OSError):
                return
            if len(self.waiting) >= QUEUE_PACKETS:
                continue
            start = max(time.monotonic(), self.free_at)
            self.free_at = start + len(packet) * seconds_per_byte
            self.waiting.append((self.free_at + delay, packet))

    def deliver(self):
        while self.waiting and self.waiting[0][0] <= time.monotonic():
            try:
                os.write(self.sink, self.waiting.popleft()[1])
            except OSError:
                pass  # The interface is going down or not up yet: the packet is lost, as on any link.


def main():
    near_name, far_name = sys.argv[1:3]
    delay, seconds_per_byte = settings(sys.argv[3:5])
    near, far = open_interface(near_name), open_interface(far_name)
    directions = [Direction(near, far), Direction(far, near)]
    print("ready", flush=True)
    while True:
        due = [direction.waiting[0][0] for direction in directions if direction.waiting]
        timeout = max(0.0, min(due) - time.monotonic()) if due else None
        readable, _, _ = select.select([near, far, sys.stdin], [], [], timeout)
        if sys.stdin in readable:
            line = sys.stdin.readline()
            if not line:
                return
            delay, seconds_per_byte = settings(line.split())
            print("ready", flush=True)
        for direction in directions:
            if direction.source in readable:
                direction.take(delay, seconds_per_byte)
            direction.deliver()


def settings(words):
    rtt_ms, mbit = map(float, words)
    return rtt_ms / 2000, 8 / (mbit * 1e6)


if __name__ == "__main__":
    main()
