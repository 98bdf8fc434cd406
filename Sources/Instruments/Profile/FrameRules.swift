import Documents

/// How the frames of one direction are counted and checked; a command may differ from its framing in each of them.
struct FrameRules: Sendable {
    var checksum: Checksum?
    var length = LengthRule()
    /// The address that frames carry; nil if they carry none.
    var unit: FrameUnit?

    /// Reads the rules that stand beside a template.
    ///
    /// - Parameters:
    ///   - prefix: what the keys begin with, such as `reply-`.
    ///   - base: what holds where nothing is said.
    init(_ reader: MappingReader, prefix: String = "", base: FrameRules? = nil) {
        let rule = reader.optional(prefix + "checksum") { reader.choice($0, Checksum.Rule.self) }
        let from = reader.optional(prefix + "checksum-from") { reader.integer($0, in: 0...255) }
        let form = reader.optional(prefix + "checksum-form") { reader.choice($0, Checksum.Form.self) }
        checksum = (rule ?? base?.checksum?.rule).map {
            Checksum($0, from: from ?? base?.checksum?.from ?? 0, form: form ?? base?.checksum?.form ?? .binary)
        }
        unit = base?.unit
        length = base?.length ?? LengthRule()
        length.size = reader.optional(prefix + "length-size") { reader.integer($0, in: 1...8) } ?? length.size
        length.form = reader.optional(prefix + "length-form") { reader.choice($0) } ?? length.form
        length.excludes =
            reader.optional(prefix + "length-excludes") { reader.integer($0, in: 0...64) } ?? length.excludes
        length.unit = reader.optional(prefix + "length-unit") { reader.integer($0, in: 1...4) } ?? length.unit
    }
}
