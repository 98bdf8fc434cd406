/// A command to the BNTD dynamometer controller: `'X' a b` float32 (low byte first), SUM8 of the first seven, `'C'`.
public struct BNTDCommand: Hashable, Sendable {
    /// The two letters, such as `SF`.
    public var name: String
    /// The number; 0 where the command has none.
    public var value: Float

    /// Creates a command.
    ///
    /// - Parameter name: two ASCII letters.
    public init(_ name: String, _ value: Float = 0) {
        self.name = name
        self.value = value
    }

    /// The length of a command's frame.
    public static let length = 9

    /// The frame.
    public var frame: [UInt8] {
        let bytes = [0x58] + Array(name.utf8.prefix(2)) + floatBytes(value)
        return bytes + [bytes.reduce(0, &+), 0x43]
    }

    /// Reads a frame; nil if its length, ends or sum are not those of a command.
    public init?(frame: [UInt8]) {
        guard frame.count == Self.length, frame[0] == 0x58, frame[8] == 0x43,
            frame[..<7].reduce(0, &+) == frame[7]
        else { return nil }
        name = String(decoding: frame[1...2], as: UTF8.self)
        value = float(frame[3...6])
    }
}

/// What the BNTD controller streams: `'A' a b`, three float32 (low byte first), a key and `'C'`. There is no checksum.
public struct BNTDStreamFrame: Hashable, Sendable {
    /// The mode: `II` idle, `BS` speed, `BF` force, `BP` power, `BI` duty.
    public var mode: String
    /// km/h.
    public var speed: Float
    /// N.
    public var force: Float
    /// %.
    public var duty: Float
    /// The key that was pressed on the remote control; 0 for none.
    public var key: UInt8

    /// Creates a frame.
    public init(mode: String, speed: Float, force: Float, duty: Float, key: UInt8 = 0) {
        self.mode = mode
        self.speed = speed
        self.force = force
        self.duty = duty
        self.key = key
    }

    /// The 17 bytes.
    public var frame: [UInt8] {
        [0x41] + Array(mode.utf8.prefix(2)) + floatBytes(speed) + floatBytes(force) + floatBytes(duty) + [key, 0x43]
    }
}

private func floatBytes(_ value: Float) -> [UInt8] {
    let bits = value.bitPattern
    return [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: bits >> $0) }
}

private func float(_ bytes: some Sequence<UInt8>) -> Float {
    Float(bitPattern: bytes.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
}
