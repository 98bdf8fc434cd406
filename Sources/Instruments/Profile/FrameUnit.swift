import Documents

/// The address of an instrument on its line, where frames other than Modbus carry one (设备地址).
struct FrameUnit: Hashable, Sendable {
    /// How the number is written.
    enum Form: String, CaseIterable, Sendable {
        /// One byte.
        case byte
        /// One ASCII decimal digit.
        case digit

        /// The numbers that it can write.
        var range: ClosedRange<UInt8> { self == .byte ? 0...255 : 0...9 }
    }

    var number: UInt8
    let form: Form

    /// What stands in the frame.
    var byte: UInt8 { form == .byte ? number : 0x30 + number }

    /// The number that a byte of a frame means; nil if it means none.
    func number(of byte: UInt8) -> UInt8? {
        switch form {
        case .byte: byte
        case .digit: (0x30...0x39).contains(byte) ? byte - 0x30 : nil
        }
    }

    /// The number to which the instrument is set.
    func with(number: UInt8) -> FrameUnit { FrameUnit(number: number, form: form) }

    /// What stands in for an address that could not be read, so that the templates that name it are not wrong as well.
    static let unread = FrameUnit(number: 0, form: .byte)

    private init(number: UInt8, form: Form) { (self.number, self.form) = (number, form) }

    /// Reads `unit` and `unit-form` of a framing.
    init?(_ reader: MappingReader) {
        let form = reader.optional("unit-form") { reader.choice($0, Form.self) } ?? .byte
        let range = Int(form.range.lowerBound)...Int(form.range.upperBound)
        guard let number = reader.optional("unit", { reader.integer($0, in: range) }) else { return nil }
        self.init(number: UInt8(number), form: form)
    }
}
