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
                try await demo.show(.gasSinglePoint, runner, output)
            }
        }
    }

    /// `lane demo check KIND`: any check of a simulated lane that has every kind of instrument.
    struct DemoCheckCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "check", abstract: help(.helpDemoCheck))

        @Argument(help: help(.helpCheckKind)) var kind: CheckKind
        @OptionGroup var options: DemoCheckOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let demo = DemoCheckLane(
                options: options, catalogue: output.catalogue, share: try output.shareDirectory())
            try await demo.run { runner in try await demo.show(kind, runner, output) }
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
#endif
