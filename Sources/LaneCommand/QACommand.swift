import ArgumentParser
import Assurance
import Evidence
import Foundation
import Journal
import Lane
import Messages
import Metrology
import Procedures
import Standards

/// `lane qa`: the metrological state of the lane's instruments.
struct QACommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "qa", abstract: help(.helpQA), subcommands: [Status.self, History.self])

    /// `lane qa status`
    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "status", abstract: help(.helpQAStatus))

        @OptionGroup var look: LaneLook
        @Flag(help: help(.helpJSON)) var json = false
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let view = try await look.open(output)
            let standings = view.desk.standings()
            func serial(_ role: InstrumentRole?) -> String {
                view.configuration.instruments.first { $0.role == role }?.serial ?? "–"
            }
            if json {
                Output.json(
                    .array(
                        standings.map { standing in
                            [
                                "check": .string(standing.requirement.kind.rawValue),
                                "instrument": standing.requirement.role.map { .string($0.rawValue) } ?? .null,
                                "serial": .string(serial(standing.requirement.role)),
                                "status": .string(standing.status.rawValue),
                                "last": standing.last.map { .string($0.ended.text) } ?? .null,
                                "record": standing.last.map { .integer(Int64($0.counter)) } ?? .null,
                                "due": standing.due.map { .string($0.text) } ?? .null,
                            ]
                        }))
            } else {
                let catalogue = output.catalogue
                func text(_ code: MessageCode) -> String { catalogue.text(Message(code)) }
                var table = Table([
                    text(.qaHeadInstrument), text(.qaHeadSerial), text(.qaHeadCheck), text(.qaHeadLast),
                    text(.qaHeadStanding),
                ])
                for standing in standings {
                    let (role, kind) = (standing.requirement.role, standing.requirement.kind)
                    table.add([
                        role.map { catalogue.text($0.message) } ?? "–", serial(role),
                        "\(kind.rawValue)  \(catalogue.text(kind.message))", standing.last?.ended.text ?? "–",
                        catalogue.text(Self.words(standing)),
                    ])
                }
                for line in table.lines { Output.line(line) }
            }
            try view.journal.close()
        }

        static func words(_ standing: CheckStanding) -> Message {
            let due = MessageArgument.text(standing.due?.text ?? "–")
            return switch standing.status {
            case .good: Message(.qaGood, ["due": due])
            case .missing: Message(.qaMissing)
            case .failed: Message(.qaFailed)
            case .overdue: Message(.qaOverdue, ["due": due])
            }
        }
    }

    /// `lane qa history`
    struct History: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "history", abstract: help(.helpQAHistory))

        @Argument(help: help(.helpQAInstrument)) var instrument: InstrumentRole
        @OptionGroup var look: LaneLook
        @Flag(help: help(.helpQACSV)) var csv = false
        @Option(help: help(.helpQASVG)) var svg: String?
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let view = try await look.open(output)
            let checks = view.desk.checks
            let results = checks.results.filter { $0.kind.role == instrument }
            try view.journal.close()
            let name = MessageArgument.message(instrument.message)
            guard !results.isEmpty else {
                throw CommandFailure(.noInput, .qaNothing, ["instrument": name])
            }
            if let svg {
                let verdicts = results.filter { $0.verdict != "aborted" }
                let plot = DriftPlot(
                    title: "\(view.configuration.lane) \(instrument.rawValue)", series: checks.drift(of: verdicts))
                guard FileManager.default.createFile(atPath: svg, contents: Data(plot.svg.utf8)) else {
                    throw CommandFailure(.cannotCreate, .commandFileUnreadable, ["path": .text(svg)])
                }
            }
            if csv {
                Output.line("record,ended,check,serial,person,verdict,item,unit,reference,value,error,low,high,passes")
                for result in results { for line in Self.csv(result) { Output.line(line) } }
            } else {
                show(results)
            }
        }

        private func show(_ results: [CheckResult]) {
            let catalogue = output.catalogue
            func text(_ code: MessageCode) -> String { catalogue.text(Message(code)) }
            var table = Table([
                text(.qaHeadLast), text(.qaHeadCheck), text(.qaHeadResult), text(.qaHeadPerson), text(.qaHeadItem),
                text(.qaHeadValue), text(.qaHeadTolerance),
            ])
            for result in results {
                let start = [
                    result.ended.text, catalogue.text(result.kind.message), text(Self.word(result.verdict)),
                    result.person ?? "–",
                ]
                if result.items.isEmpty { table.add(start + ["–", "–", "–"]) }
                for (index, item) in result.items.enumerated() {
                    table.add(
                        (index == 0 ? start : ["", "", "", ""]) + [
                            item.id, "\(item.judged?.description ?? "–") \(item.unit)",
                            item.tolerance + (item.passes ? "" : "  !"),
                        ])
                }
            }
            for line in table.lines { Output.line(line) }
        }

        private static func word(_ verdict: String) -> MessageCode {
            switch verdict {
            case "passed": .reportItemPassed
            case "failed": .reportItemFailed
            default: .qaAborted
            }
        }

        private static func csv(_ result: CheckResult) -> [String] {
            let start = [
                "\(result.counter)", result.ended.text, result.kind.rawValue, result.serial ?? "", result.person ?? "",
                result.verdict,
            ]
            let rows = result.items.map { item in
                let decimals = [item.reference, item.value, item.error, item.low, item.high]
                return start + [item.id, item.unit] + decimals.map { $0?.description ?? "" } + ["\(item.passes)"]
            }
            return (rows.isEmpty ? [start + Array(repeating: "", count: 8)] : rows).map { row in
                row.map(quoted).joined(separator: ",")
            }
        }

        /// A field as RFC 4180 writes it.
        private static func quoted(_ field: String) -> String {
            guard field.contains(where: { [",", "\"", "\n"].contains($0) }) else { return field }
            return "\"\(field.replacing("\"", with: "\"\""))\""
        }
    }
}

/// Columns of text, each as wide as its widest cell; Chinese characters take two places on a terminal.
struct Table {
    private var rows: [[String]]

    init(_ head: [String]) { rows = [head] }

    mutating func add(_ row: [String]) { rows.append(row) }

    var lines: [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { $0[column] }.map(ScreenText.width).max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { column, cell in
                column == columns - 1
                    ? cell : cell + String(repeating: " ", count: widths[column] - ScreenText.width(cell))
            }.joined(separator: "  ")
        }
    }
}
