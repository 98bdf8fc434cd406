import ArgumentParser
import Assurance
import Evidence
import Journal
import Lane
import Messages
import Procedures
import Standards

/// `lane status`: what keeps the lane from testing, and what to do about it.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "status", abstract: help(.helpStatus))

    @OptionGroup var look: LaneLook
    @Flag(help: help(.helpJSON)) var json = false
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let view = try await look.open(output)
        let lockouts = try view.desk.lockouts()
        let methods = view.configuration.packs.keys.sorted { $0.rawValue < $1.rawValue }
        if json {
            var open = JSONObject()
            for method in methods { open[method.rawValue] = .boolean(lockouts.on(method).isEmpty) }
            Output.json([
                "lane": .string(view.configuration.lane), "assured": .boolean(view.desk.assurance != nil),
                "methods": .object(open), "lockouts": .array(lockouts.all.map(LockoutText.json)),
                "state": .string(view.desk.stateDigest.description),
            ])
        } else {
            show(view, lockouts, methods)
        }
        try view.journal.close()
        if !lockouts.all.isEmpty { throw ExitCode.tryAgain }
    }

    private func show(_ view: LaneLook.View, _ lockouts: Lockouts, _ methods: [TestMethod]) {
        let catalogue = output.catalogue
        let style = Style.standardOutput
        let lane = MessageArgument.text(view.configuration.lane)
        if lockouts.all.isEmpty {
            Output.line(style.good(catalogue.text(Message(.statusNone, ["lane": lane]))))
        } else {
            Output.line(
                style.bad(
                    catalogue.text(Message(.statusSome, ["lane": lane, "count": .integer(lockouts.all.count)]))))
        }
        if view.desk.assurance == nil { Output.line(catalogue.text(Message(.statusUnassured))) }
        let text = LockoutText(catalogue: catalogue)
        for lockout in lockouts.all { for line in text.lines(lockout) { Output.line(line) } }
        for method in methods {
            let count = lockouts.on(method).count
            let name = MessageArgument.message(method.message)
            Output.line(
                count == 0
                    ? style.good(catalogue.text(Message(.statusOpen, ["method": name])))
                    : style.bad(
                        catalogue.text(Message(.statusLocked, ["method": name, "count": .integer(count)]))))
        }
    }
}
