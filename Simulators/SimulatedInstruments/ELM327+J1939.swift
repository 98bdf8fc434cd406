import Metrology

extension ELM327 {
    /// A request for a parameter group in protocol A, or its monitoring: four or six digits.
    mutating func ask(group text: Substring, _ surroundings: Surroundings) {
        guard [4, 6].contains(text.count), let group = Int(text, radix: 16) else {
            surroundings.log.rejected()
            return reply(["?"], after: Self.thinking, surroundings)
        }
        guard hasTruckBus else { return reply(["CAN ERROR"], after: Self.patience, surroundings) }
        let unit = J1939Unit(diagnosis: diagnosis, seen: surroundings.observe())
        guard let data = unit.data(group) else { return reply(["NO DATA"], after: Self.patience, surroundings) }
        reply(lines(of: data, group: group), after: Self.thinking, surroundings)
    }

    /// A message as the adapter prints it: with headers the priority, the group and the engine's address go before; more
    /// than eight bytes come in numbered lines of seven, the last one filled up.
    private func lines(of data: [UInt8], group: Int) -> [String] {
        let digits = String(group, radix: 16, uppercase: true)
        let header = settings.headers ? "6 " + String(repeating: "0", count: max(0, 5 - digits.count)) + digits : nil
        guard data.count > 8 else { return [print(data, header: header.map { $0 + " 00" })] }
        let length = String(data.count, radix: 16, uppercase: true)
        let first = String(repeating: "0", count: 3 - length.count) + length
        return [first]
            + stride(from: 0, to: data.count, by: 7).enumerated().map { number, start in
                let chunk = Array(data[start..<min(start + 7, data.count)])
                let mark = Wire.code(UInt8(number + 1)) + (settings.spaces ? ": " : ":")
                return mark + print(chunk + [UInt8](repeating: 0xFF, count: 7 - chunk.count))
            }
    }
}
