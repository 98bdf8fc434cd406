import Documents
import Messages
import Metrology

/// One value inside a frame: where it stands, what its bytes mean, and which channel it feeds.
struct Field: Sendable {
    /// Where a value's bytes stand.
    enum Locator: Sendable {
        /// So many bytes after the first byte that is counted.
        case offset(Int)
        /// In the n-th of the separated items of the data.
        case item(Int)
        /// Behind a word of the data, up to the next white space, separator or `<`.
        case after([UInt8])
    }

    /// A second number that is added to the first, such as the tenths that stand in a byte of their own.
    struct Addend: Sendable {
        let offset: Int
        let encoding: Encoding
        let scale: Scale
    }

    let name: String
    let channel: ChannelID?
    private(set) var locator: Locator
    /// The number of bytes; nil for all that are left, or all of the item.
    let size: Int?
    let encoding: Encoding
    /// The bits of the number that count, lowest first; nil for all.
    let bits: ClosedRange<Int>?
    let scale: Scale
    /// What is added to the scaled number.
    let shift: Double
    let addend: Addend?
    let unit: String
    let conversion: UnitConversion
    /// The values that may be used, in the field's own unit.
    let range: ClosedRange<Double>?
    /// The values that can occur at all, in the field's own unit: a stream frame with any other is not a frame.
    let plausible: ClosedRange<Double>?
    /// Raw values by which the instrument says that it has none.
    let invalid: [Int]
    /// What whole numbers mean.
    let labels: [Int: String]
    /// What the values of several control units make together; nil for the value of the first.
    let combination: Combination?
    /// Where the profile says so.
    let location: SourceLocation

    /// Reads one entry of a list of fields.
    ///
    /// - Parameters:
    ///   - roles: the instrument's roles, one of which a channel must share; empty if they could not be read.
    ///   - space: the bytes of the frame that may hold values.
    ///   - register: whether the place is given as a register, which is for the caller to read.
    init?(_ reader: MappingReader, roles: [InstrumentRole], space: Range<Int>, register: Bool = false) {
        let name = reader.text("name")
        let channel = Self.channel(reader, roles)
        let encoding: Encoding? = reader.choice("type")
        let locator = register ? .offset(0) : Self.locator(reader, encoding)
        var size = encoding?.size
        if let encoding, encoding.size == nil {
            // Texts may run to the end, and items have a length of their own.
            let isOpen = if case .offset = locator { encoding.isText } else { true }
            size =
                isOpen
                ? reader.optional("length") { reader.integer($0, in: 1...255) } : reader.integer("length", in: 1...15)
            if !isOpen, size == nil { return nil }
        }
        let bits = reader.optional("bits") { Self.bits(reader, $0, encoding) }
        let scale = reader.has("scale") ? reader.decimalOrFraction("scale").flatMap { Scale($0) } : Scale.one
        if reader.has("scale"), scale == nil {
            reader.reportWrong("scale", found: reader.text("scale") ?? "", expected: .profileExpectedScale)
        }
        let shift = reader.optional("add") { reader.number($0) }
        let hasAddend = reader.has("plus")
        let addend = reader.optional("plus") { reader.mapping($0) { Addend($0, space: space) } }
        let unit = encoding?.isText == true ? "1" : reader.text("unit")
        let range = reader.optional("range", reader.range)
        let plausible = reader.optional("plausible", reader.range)
        let invalid = reader.optional("invalid") {
            reader.integers($0, in: 0...(size ?? 4 < 4 ? 1 << (8 * (size ?? 4)) - 1 : 0xFFFF_FFFF))
        }
        let labels = reader.optional("labels") { reader.mapping($0, Self.labels) }
        let combination = reader.optional("combine") { Combination(reader, $0, encoding) }
        let conversion = Self.conversion(reader, unit, channel)
        if case .offset(let offset) = locator,
            !(space.contains(offset) && offset + (size ?? 1) <= space.upperBound)
        {
            reader.report(
                Message(
                    .profileFieldOutsideFrame,
                    [
                        "field": .text(name ?? "?"), "first": .integer(space.lowerBound),
                        "last": .integer(space.upperBound - 1),
                    ]), at: "offset")
            return nil
        }
        guard let name, let locator, let encoding, let scale, let unit, let conversion,
            !hasAddend || addend != nil, !reader.has("combine") || combination != nil
        else { return nil }
        self.name = name
        self.channel = channel
        self.locator = locator
        self.size = size
        self.encoding = encoding
        self.bits = bits
        self.scale = scale
        self.shift = shift ?? 0
        self.addend = addend
        self.unit = unit
        self.conversion = conversion
        self.range = range
        self.plausible = plausible
        self.invalid = invalid ?? []
        self.labels = labels ?? [:]
        self.combination = combination
        location = reader.location
    }

    /// The same field at another offset.
    func moved(to offset: Int) -> Field {
        var field = self
        field.locator = .offset(offset)
        return field
    }

    // MARK: Parts of the entry

    private static func channel(_ reader: MappingReader, _ roles: [InstrumentRole]) -> ChannelID? {
        reader.optional("channel") { key in
            let channel: ChannelID? = reader.choice(key)
            if let channel, !roles.isEmpty, !roles.contains(channel.role) {
                reader.reportUnknown(
                    key, found: channel.rawValue,
                    known: ChannelID.allCases.filter { roles.contains($0.role) }.map(\.rawValue))
                return nil
            }
            return channel
        }
    }

    private static func locator(_ reader: MappingReader, _ encoding: Encoding?) -> Locator? {
        let item = reader.optional("item") { reader.integer($0, in: 0...255) }
        let word = reader.optional("after", reader.text)
        if !reader.has("item"), !reader.has("after") {
            return reader.integer("offset", in: 0...4095).map(Locator.offset)
        }
        let key = reader.has("item") ? "item" : "after"
        if reader.has("offset") || reader.has("item") && reader.has("after") {
            reader.reportWrong(key, found: reader.text(key) ?? "", expected: .profileExpectedOnePlace)
            return nil
        }
        if let encoding, !encoding.isASCII {
            reader.reportUnknown(
                "type", found: encoding.rawValue, known: Encoding.allCases.filter(\.isASCII).map(\.rawValue))
            return nil
        }
        return item.map(Locator.item) ?? word.map { .after(Array($0.utf8)) }
    }

    private static func bits(_ reader: MappingReader, _ key: String, _ encoding: Encoding?) -> ClosedRange<Int>? {
        let highest = 8 * (encoding?.size ?? 4) - 1
        guard let numbers = reader.integers(key, in: 0...highest) else { return nil }
        guard let low = numbers.first, let high = numbers.last, numbers.count <= 2, low <= high else {
            reader.reportWrong(key, found: "\(numbers)", expected: .profileExpectedRange)
            return nil
        }
        return low...high
    }

    private static func labels(_ group: MappingReader) -> [Int: String]? {
        var labels: [Int: String] = [:]
        for key in group.keys {
            guard let text = group.text(key) else { return nil }
            guard let number = key.hasPrefix("0x") ? Int(key.dropFirst(2), radix: 16) : Int(key) else {
                group.reportWrong(key, found: key, expected: .expectedInteger)
                return nil
            }
            labels[number] = text
        }
        return labels
    }

    private static func conversion(
        _ reader: MappingReader, _ unit: String?, _ channel: ChannelID?
    ) -> UnitConversion? {
        guard let channel, let unit else { return .identity }
        if let conversion = UnitConversion(from: unit, to: channel.unit.symbol) { return conversion }
        reader.report(
            Message(
                .profileUnitNotConvertible,
                [
                    "unit": .text(unit), "channel": .text(channel.rawValue),
                    "expected": .text(UnitConversion.units(for: channel.unit.symbol).joined(separator: ", ")),
                ]), at: "unit")
        return nil
    }
}

extension Field.Addend {
    init?(_ reader: MappingReader, space: Range<Int>) {
        let offset = reader.integer("offset", in: 0...4095)
        let encoding: Encoding? = reader.choice("type")
        let scale = reader.has("scale") ? reader.decimalOrFraction("scale").flatMap { Scale($0) } : Scale.one
        if reader.has("scale"), scale == nil {
            reader.reportWrong("scale", found: reader.text("scale") ?? "", expected: .profileExpectedScale)
        }
        guard let offset, let encoding, let scale else { return nil }
        guard let size = encoding.size else {
            reader.reportUnknown(
                "type", found: encoding.rawValue,
                known: Encoding.allCases.filter { $0.size != nil }.map(\.rawValue))
            return nil
        }
        guard space.contains(offset), offset + size <= space.upperBound else {
            reader.report(
                Message(
                    .profileFieldOutsideFrame,
                    [
                        "field": "plus", "first": .integer(space.lowerBound), "last": .integer(space.upperBound - 1),
                    ]), at: "offset")
            return nil
        }
        self.init(offset: offset, encoding: encoding, scale: scale)
    }
}
