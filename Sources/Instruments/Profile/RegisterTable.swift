import Documents
import Messages
import Metrology

/// Modbus registers by their numbers, read in as few requests as their places allow (寄存器表).
struct RegisterTable {
    let commands: [Command]

    init?(name: String, _ reader: MappingReader, framing: Framing, roles: [InstrumentRole]) {
        guard case .modbus(let kind, let unit) = framing else {
            reader.reportWrong("function", found: name, expected: .profileExpectedModbus)
            return nil
        }
        let function = reader.integer("function", in: 3...4)
        let gap = reader.optional("gap") { reader.integer($0, in: 0...120) } ?? 0
        let most = reader.optional("at-most") { reader.integer($0, in: 1...125) } ?? 125
        let entries = reader.mappings("values") { entry -> (register: Int, count: Int, field: Field)? in
            guard let register = entry.integer("register", in: 0...0xFFFF),
                let field = Field(entry, roles: roles, space: 0..<250, register: true)
            else { return nil }
            return (register, ((field.size ?? 2) + 1) / 2, field)
        }
        guard let function, let entries, uniqueNames(entries.map(\.field), reader, key: "values") else { return nil }
        if entries.contains(where: { $0.count > most }) {
            reader.reportWrong("at-most", found: "\(most)", expected: .profileExpectedRegisters)
            return nil
        }
        var blocks: [(first: Int, end: Int, fields: [Field])] = []
        for entry in entries.sorted(by: { $0.register < $1.register }) {
            let end = entry.register + entry.count
            if let last = blocks.last, entry.register <= last.end + gap, max(end, last.end) - last.first <= most {
                let field = entry.field.moved(to: 2 * (entry.register - last.first))
                blocks[blocks.count - 1] = (last.first, max(end, last.end), last.fields + [field])
            } else {
                blocks.append((entry.register, end, [entry.field.moved(to: 0)]))
            }
        }
        commands = blocks.enumerated().map { index, block in
            let request = ModbusRequest(
                function: UInt8(function), address: UInt16(block.first), count: block.end - block.first)
            return Command(
                name: blocks.count == 1 ? name : "\(name)-\(index + 1)", request, kind, unit: unit,
                fields: block.fields, location: reader.location)
        }
    }
}

extension Command {
    /// A command that reads a block of registers.
    init(
        name: String, _ request: ModbusRequest, _ kind: ModbusKind, unit: UInt8, fields: [Field],
        location: SourceLocation
    ) {
        self.name = name
        body = .modbus(request)
        parameters = []
        reply = request.reply(kind, unit: unit)
        alternatives = request.exceptions(kind, unit: unit)
        expect = []
        self.fields = fields
        bits = []
        wait = nil
        replyTimeout = nil
        pauseAfter = nil
        isReplyNamed = true
        self.location = location
    }
}
