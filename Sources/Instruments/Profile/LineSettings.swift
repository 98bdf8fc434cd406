import Documents

/// How a serial line is set (串口参数), as an instrument's manual states it.
public struct LineSettings: Hashable, Codable, Sendable {
    /// The parity bit of a character (校验位).
    public enum Parity: String, CaseIterable, Codable, Sendable {
        /// No parity bit.
        case none
        /// Even parity.
        case even
        /// Odd parity.
        case odd
    }

    /// Bits per second (波特率).
    public let baud: Int
    /// Data bits per character, 7 or 8 (数据位).
    public let dataBits: Int
    /// The parity bit.
    public let parity: Parity
    /// Stop bits per character, 1 or 2 (停止位).
    public let stopBits: Int

    /// Creates line settings.
    public init(baud: Int, dataBits: Int = 8, parity: Parity = .none, stopBits: Int = 1) {
        self.baud = baud
        self.dataBits = dataBits
        self.parity = parity
        self.stopBits = stopBits
    }

    /// The speeds that every serial driver knows; libmodbus silently replaces any other by 9600.
    public static let bauds = [1200, 2400, 4800, 9600, 19200, 38400, 57600, 115_200]

    /// How long bytes take on the line, each with its start and stop bits.
    func duration(of count: Int) -> Duration {
        .microseconds(count * (1 + dataBits + (parity == .none ? 0 : 1) + stopBits) * 1_000_000 / baud)
    }

    /// The same line at another speed.
    public func with(baud: Int) -> LineSettings {
        LineSettings(baud: baud, dataBits: dataBits, parity: parity, stopBits: stopBits)
    }

    init?(_ reader: MappingReader) {
        let baud = reader.integer("baud")
        let dataBits = reader.integer("data-bits", in: 7...8)
        let parity: Parity? = reader.choice("parity")
        let stopBits = reader.integer("stop-bits", in: 1...2)
        if let baud, !Self.bauds.contains(baud) {
            reader.reportUnknown("baud", found: "\(baud)", known: Self.bauds.map(String.init))
            return nil
        }
        guard let baud, let dataBits, let parity, let stopBits else { return nil }
        self.init(baud: baud, dataBits: dataBits, parity: parity, stopBits: stopBits)
    }
}
