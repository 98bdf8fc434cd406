#if Simulation
    import ArgumentParser
    import Assurance
    import Evidence
    import Lane
    import Messages
    import Procedures
    import Standards

    /// `lane demo gas-check`: the daily gas check of a simulated analyzer, in order or with a fault.
    struct DemoGasCheckCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "gas-check", abstract: help(.helpDemoGasCheck))

        @OptionGroup var options: DemoCheckOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let demo = DemoCheckLane(
                options: options, catalogue: output.catalogue, share: try output.shareDirectory())
            try await demo.run { runner in
                let report = try await runner.run(DemoCheckLane.request(.gasSinglePoint))
                if options.json {
                    Output.json(report.json)
                } else {
                    for line in report.lines(output.catalogue, .standardOutput) { Output.line(line) }
                    Output.line(output.catalogue.text(Message(.demoLaneFile, ["path": .text(demo.laneFile)])))
                }
            }
        }
    }

    /// `lane demo opening`: every check that is due today, one after the other.
    struct DemoOpeningCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "opening", abstract: help(.helpOpening))

        @OptionGroup var options: DemoCheckOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let demo = DemoCheckLane(
                options: options, catalogue: output.catalogue, share: try output.shareDirectory())
            try await demo.run { runner in
                let opening = OpeningRun(runner: runner, catalogue: output.catalogue, isJSON: options.json)
                let isDone = try await opening.run()
                if !options.json {
                    Output.line(output.catalogue.text(Message(.demoLaneFile, ["path": .text(demo.laneFile)])))
                }
                if !isDone { throw ExitCode.tryAgain }
            }
        }
    }

    /// The opening routine, carried out on an open lane.
    private struct OpeningRun {
        let runner: CheckRunner
        let catalogue: Catalogue
        let isJSON: Bool

        private var routine: OpeningRoutine { OpeningRoutine(runner.lane.desk.standings()) }

        /// Carries out what remains; a check that fails does not keep the others from being done, one that is broken
        /// off ends the routine.
        ///
        /// - Returns: whether nothing remains.
        func run() async throws -> Bool {
            let all = routine.checks.map(\.requirement.kind)
            let due = routine.remaining.map(\.requirement.kind)
            let before = all.filter { !due.contains($0) }
            if !before.isEmpty { say(.openingPassed, ["checks": .text(Self.names(before))]) }
            var reports: [CheckReport] = []
            for (index, kind) in due.enumerated() {
                say(
                    .openingNext,
                    [
                        "number": .integer(index + 1), "count": .integer(due.count),
                        "check": .message(kind.message),
                    ])
                var request = DemoCheckLane.request(kind)
                request.clockOffsets = try await runner.clockOffsets(for: kind)
                let report = try await runner.run(request)
                reports.append(report)
                if !isJSON { for line in report.lines(catalogue, .standardOutput) { Output.line(line) } }
                if case .aborted = report.outcome.verdict { break }
            }
            let remaining = routine.remaining.map(\.requirement.kind)
            finish(before, reports, remaining)
            return remaining.isEmpty
        }

        private func finish(_ before: [CheckKind], _ reports: [CheckReport], _ remaining: [CheckKind]) {
            if isJSON {
                func names(_ kinds: [CheckKind]) -> JSONValue { .array(kinds.map { .string($0.rawValue) }) }
                Output.json([
                    "passedBefore": names(before), "checks": .array(reports.map(\.json)),
                    "remaining": names(remaining), "done": .boolean(remaining.isEmpty),
                ])
            } else if remaining.isEmpty {
                say(.openingDone, [:])
            } else {
                say(
                    .openingRemaining,
                    ["count": .integer(remaining.count), "checks": .text(Self.names(remaining))])
            }
        }

        private func say(_ code: MessageCode, _ arguments: [String: MessageArgument]) {
            guard !isJSON else { return }
            Output.line(Style.standardOutput.strong(catalogue.text(Message(code, arguments))))
        }

        private static func names(_ kinds: [CheckKind]) -> String { kinds.map(\.rawValue).joined(separator: ", ") }
    }
#endif
