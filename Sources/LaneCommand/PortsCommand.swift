import ArgumentParser
import Evidence
import Instruments
import Messages

/// `lane ports`: the serial ports of this machine.
struct PortsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "ports", abstract: help(.helpPorts))

    @Flag(help: help(.helpJSON)) var json = false
    @OptionGroup var output: OutputOptions

    func run() throws {
        let ports = SerialPortInfo.all()
        if json {
            Output.json(
                .array(
                    ports.map { port in
                        [
                            "path": .string(port.path), "address": port.address.map { .string($0) } ?? .null,
                            "description": port.description.map { .string($0) } ?? .null,
                            "product": port.product.map { .string($0) } ?? .null,
                        ]
                    }))
            return
        }
        if ports.isEmpty { Output.line(output.catalogue.text(Message(.portsNone))) }
        for port in ports {
            Output.line(
                [port.path, port.address ?? "–", port.product ?? port.description ?? "–"].joined(separator: "\t"))
        }
    }
}
