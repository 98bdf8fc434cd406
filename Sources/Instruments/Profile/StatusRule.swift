import Documents
import Messages
import Metrology

/// What a bit, a byte or a word of a reply says about the instrument.
struct StatusRule: Sendable {
    enum Sign: Sendable {
        /// A bit of a byte that is set.
        case bit(Int, of: Int)
        /// A byte that, under a mask, has one of some values.
        case byte(Int, mask: UInt8, values: [UInt8])
        /// A byte that has none of some values.
        case otherByte(Int, values: [UInt8])
        /// An item of the data that is this word.
        case item(Int, word: [UInt8])
    }

    let sign: Sign
    let condition: InstrumentCondition

    init?(_ reader: MappingReader, space: Range<Int>) {
        let condition: InstrumentCondition? = reader.choice("condition")
        if reader.has("item") {
            let item = reader.integer("item", in: 0...255)
            let word = reader.text("text")
            guard let item, let word, let condition else { return nil }
            self.init(sign: .item(item, word: Array(word.utf8)), condition: condition)
            return
        }
        let byte = space.isEmpty ? nil : reader.integer("byte", in: space.lowerBound...space.upperBound - 1)
        if space.isEmpty { reader.reportWrong("byte", found: "", expected: .profileExpectedReply) }
        if reader.has("equals") {
            let values = reader.integers("equals", in: 0...255)
            let mask = reader.optional("mask") { reader.integer($0, in: 1...255) } ?? 0xFF
            guard let byte, let values, let condition else { return nil }
            self.init(
                sign: .byte(byte, mask: UInt8(mask), values: values.map { UInt8($0) }), condition: condition)
            return
        }
        if reader.has("unless") {
            let values = reader.integers("unless", in: 0...255)
            guard let byte, let values, let condition else { return nil }
            self.init(sign: .otherByte(byte, values: values.map { UInt8($0) }), condition: condition)
            return
        }
        let bit = reader.integer("bit", in: 0...7)
        guard let byte, let bit, let condition else { return nil }
        self.init(sign: .bit(bit, of: byte), condition: condition)
    }

    private init(sign: Sign, condition: InstrumentCondition) {
        self.sign = sign
        self.condition = condition
    }

    /// Whether the frame says so.
    func applies(to content: FrameContent) -> Bool {
        switch sign {
        case .bit(let bit, let byte): content.byte(byte).map { $0 >> bit & 1 == 1 } ?? false
        case .byte(let byte, let mask, let values): content.byte(byte).map { values.contains($0 & mask) } ?? false
        case .otherByte(let byte, let values): content.byte(byte).map { !values.contains($0) } ?? false
        case .item(let item, let word): content.item(item).map { $0.elementsEqual(word) } ?? false
        }
    }
}
