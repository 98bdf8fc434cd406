import Documents
import Messages

/// Parts of a profile that name its commands.
extension DeviceProfile {
    /// The commands that wake the instrument up after the port has been opened.
    static func start(_ reader: MappingReader, _ commands: [String: Command]) -> [Command]? {
        guard reader.has("start") else {
            _ = reader.optional("start") { _ in true }
            return []
        }
        guard let names = reader.texts("start") else { return nil }
        let steps = names.compactMap { commands[$0] }
        if steps.count == names.count, steps.allSatisfy(\.parameters.isEmpty) { return steps }
        let known = commands.values.filter(\.parameters.isEmpty).map(\.name).sorted()
        let unknown = names.filter { !known.contains($0) }
        reader.reportUnknown("start", found: unknown.joined(separator: ", "), known: known)
        return nil
    }

    /// How the model names itself; the outer nil says that the entry is wrong.
    static func identity(_ reader: MappingReader, _ commands: [String: Command]) -> Identity?? {
        guard reader.has("identity") else {
            _ = reader.optional("identity") { _ in true }
            return .some(nil)
        }
        let identity = reader.mapping("identity") { entry -> Identity? in
            let name = entry.text("command")
            let field = entry.text("field")
            let contains = entry.text("contains")
            guard let name, let field, let contains else { return nil }
            guard let command = commands[name], command.parameters.isEmpty else {
                entry.reportUnknown("command", found: name, known: commands.keys.sorted())
                return nil
            }
            let texts = command.fields.filter(\.encoding.isText).map(\.name)
            guard texts.contains(field) else {
                entry.reportUnknown("field", found: field, known: texts)
                return nil
            }
            return Identity(command: command, field: field, contains: contains)
        }
        return identity.map { .some($0) } ?? .none
    }

    /// Notes waits that name commands that are not there.
    static func checkWaits(_ reader: MappingReader, _ commands: [String: Command]) {
        for command in commands.values.sorted(by: { $0.name < $1.name }) {
            for name in [command.wait?.ask, command.wait?.then].compactMap({ $0 }) where commands[name] == nil {
                reader.report(
                    Message(
                        .documentUnknownValue,
                        [
                            "key": .text("\(command.name): wait"), "found": .text(name),
                            "expected": .text(commands.keys.sorted().joined(separator: ", ")),
                        ]), at: "commands")
            }
        }
    }
}
