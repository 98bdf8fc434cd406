"""Reads three input registers over and over with pymodbus, and prints what one read cost this process."""

import json
import sys
import time

from pymodbus.client import ModbusSerialClient


def main() -> None:
    path, count = sys.argv[1], int(sys.argv[2])
    expected = [int(word) for word in sys.argv[3:]]
    client = ModbusSerialClient(path, baudrate=9600, timeout=1)
    if not client.connect():
        sys.exit("no connection")
    read = client.read_input_registers
    # The unit's name has changed between versions; unit 1 is everybody's default.
    for _ in range(count // 10):
        read(0, count=3)
    processor, start, good = time.process_time(), time.monotonic(), 0
    for _ in range(count):
        reply = read(0, count=3)
        if not reply.isError() and list(reply.registers) == expected:
            good += 1
    print(json.dumps({
        "good": good, "processor": time.process_time() - processor, "time": time.monotonic() - start,
    }))
    client.close()


main()
