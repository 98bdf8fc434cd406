public import Messages
import Metrology

extension DeviceProfile {
    /// What is wrong with a profile that can be read: what no schema can say, and reading does not need (档案检查).
    ///
    /// - Returns: problems with their places: fields that share bytes, commands and fields without an example, units
    ///   that nobody knows.
    public func lint() -> [Problem] {
        let commands = wire.commands.values.sorted { $0.name < $1.name }
        var problems: [Problem] = []
        for command in commands {
            problems += overlaps(command.fields, of: command.name) + unknownUnits(command.fields)
            problems += unshown(command)
        }
        if case .stream(let frame, _, _) = wire.framing {
            problems += overlaps(frame.fields, of: "stream") + unknownUnits(frame.fields)
            let shown = Set(examples.filter { if case .stream = $0.subject { true } else { false } }.flatMap(\.told))
            problems += withoutExample(frame.fields, of: "stream", shown)
        }
        return problems
    }

    /// How many exchanges and frames the profile shows.
    public var exampleCount: Int { examples.count }

    /// Units of values that feed no channel.
    private static let plainUnits: Set<String> = [
        "1", "s", "min", "h", "km", "V", "mA", "A", "Hz", "kg", "g/s", "Nm", "L/h", "kW", "km/h", "N", "%", "ppm", "°C",
        "kPa", "r/min", "1/m", "m³/min", "mm", "°",
    ]

    private func unknownUnits(_ fields: [Field]) -> [Problem] {
        let known = Self.plainUnits.union(UnitConversion.convertible)
        return fields.filter { !known.contains($0.unit) }.map { field in
            Problem(
                Message(
                    .profileUnitUnknown,
                    [
                        "unit": .text(field.unit), "field": .text(field.name),
                        "expected": .text(known.sorted().joined(separator: ", ")),
                    ]), at: field.location)
        }
    }

    /// Fields that share bytes, but for those that take different bits of them.
    private func overlaps(_ fields: [Field], of command: String) -> [Problem] {
        var problems: [Problem] = []
        for (index, field) in fields.enumerated() {
            for other in fields[..<index] where field.overlaps(other) {
                problems.append(
                    Problem(
                        Message(
                            .profileFieldsOverlap,
                            ["field": .text(field.name), "other": .text(other.name), "command": .text(command)]),
                        at: field.location))
            }
        }
        return problems
    }

    private func unshown(_ command: Command) -> [Problem] {
        let shown = examples.filter { example in
            if case .exchange(command.name, _, _, _) = example.subject { true } else { false }
        }
        if shown.isEmpty {
            return [
                Problem(Message(.profileNoExample, ["command": .text(command.name)]), at: command.location)
            ]
        }
        return withoutExample(command.fields, of: command.name, Set(shown.flatMap(\.told)))
    }

    private func withoutExample(_ fields: [Field], of command: String, _ shown: Set<String>) -> [Problem] {
        fields.filter { !shown.contains($0.name) }.map { field in
            Problem(
                Message(
                    .profileFieldWithoutExample, ["field": .text(field.name), "command": .text(command)]),
                at: field.location)
        }
    }
}

extension ProfileExample {
    /// The fields about which the example says something.
    fileprivate var told: [String] { Array(values.keys) + Array(texts.keys) }
}

extension Field {
    /// The bytes that the field takes; nil where its place is not counted in bytes.
    private var bytes: [Range<Int>]? {
        guard case .offset(let offset) = locator else { return nil }
        var ranges = [offset..<offset + (size ?? 1)]
        if let addend { ranges.append(addend.offset..<addend.offset + (addend.encoding.size ?? 1)) }
        return ranges
    }

    fileprivate func overlaps(_ other: Field) -> Bool {
        guard let mine = bytes, let theirs = other.bytes,
            mine.contains(where: { range in theirs.contains { range.overlaps($0) } })
        else { return false }
        guard let bits, let others = other.bits else { return true }
        return bits.overlaps(others)
    }
}
