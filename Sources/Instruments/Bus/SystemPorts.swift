/// Opens the real ports of this machine.
struct SystemPorts: PortOpener {
    let address: PortAddress

    var uptime: Duration { monotonicTime() }

    func openSerial(_ line: LineSettings) throws(PortFailure) -> any SerialPort {
        if case .tcp(let host, let port) = address.kind { return try TCPPort(host: host, port: port) }
        return try LibserialportPort(path: address.path(), line: line, exclusively: true)
    }

    func openModbus(_ line: LineSettings, unit: UInt8) throws(PortFailure) -> any ModbusPort {
        try LibmodbusPort(path: address.path(), line: line, unit: unit)
    }
}
