import ArgumentParser
import Documents
import Evidence
import Instruments
import Lane
import Messages
import Procedures
import Standards

/// `lane config`: checks what people wrote before it is needed.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: help(.helpConfig), subcommands: [Check.self])

    /// `lane config check`
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "check", abstract: help(.helpConfigCheck))

        @Argument(help: help(.helpLaneFile)) var file: String
        @Option(help: help(.helpOrderFile)) var order: String?
        @Flag(help: help(.helpJSON)) var json = false
        @OptionGroup var output: OutputOptions

        func run() throws {
            do {
                let inputs = try TestInputs(lane: file, order: order, share: try output.shareDirectory())
                if json {
                    Output.json(["valid": true, "problems": []])
                } else {
                    Output.line(
                        output.catalogue.text(
                            Message(
                                .configGood,
                                ["file": .text(file), "count": .integer(inputs.configuration.instruments.count)])))
                }
            } catch let problems as Problems where json {
                Output.json([
                    "valid": false,
                    "problems": .array(
                        problems.all.map { problem in
                            [
                                "file": .string(problem.location.file),
                                "line": problem.location.line.map { .integer(Int64($0)) } ?? .null,
                                "code": .string(problem.message.code.rawValue),
                                "text": .string(Catalogue(.english).text(problem.message)),
                            ]
                        }),
                ])
                throw ExitCode.configuration
            }
        }
    }
}

/// A lane file and an order, read and checked together.
struct TestInputs {
    let configuration: LaneConfiguration
    let order: TestOrder?

    /// Reads both.
    ///
    /// - Throws: `Problems` of both at once, and of the device profiles they need.
    init(
        lane: String, order: String?, checks: String? = nil, method: TestMethod? = nil, share: String
    ) throws {
        var problems: [Problem] = []
        var configuration: LaneConfiguration?
        do throws(Problems) {
            let devices = try DeviceLibrary(directory: "\(share)/Devices")
            let read = try LaneConfiguration(document: try Document(contentsOf: lane), devices: devices)
            problems += read.deliveryProblems(in: lane)
            configuration = read
        } catch { problems += error.all }
        var read: TestOrder?
        if let order {
            do throws(Problems) {
                read = try OrderFile.read(
                    try Document(contentsOf: order), method: method,
                    checks: try checks.map { (path) throws(Problems) in try Document(contentsOf: path) },
                    lane: configuration)
            } catch { problems += error.all }
        }
        guard let configuration, problems.isEmpty else { throw Problems(problems) }
        self.configuration = configuration
        self.order = read
    }
}
