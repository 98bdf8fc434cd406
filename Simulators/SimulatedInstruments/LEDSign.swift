import Foundation
import Metrology

/// Signs of LEDs (点阵屏) as the driver's second screen. They take texts in GB 2312 and answer nothing; what they show is
/// in the lane's snapshot. One source only.
struct LEDSign: AnsweringInstrument {
    enum Model {
        case tongji
        case nanhua
        case dalei
        case chengbao
        case antong
    }

    private let model: Model
    private var rows: [Int: String] = [:]
    var received: [UInt8] = []

    /// Bytes of a row of Chengbao's signs.
    private static let width = 12
    /// No text is longer.
    private static let longest = 256

    init(_ model: Model) { self.model = model }

    func beginning(of bytes: [UInt8]) -> RequestBeginning {
        let leads: [[UInt8]]
        switch model {
        case .tongji: leads = [[0x1B]]
        case .nanhua: leads = [[0x00, 0x31]]
        case .dalei: leads = [[0x00]]
        case .chengbao: leads = [[0x26]]
        case .antong: leads = [[0x4C, 0x4C, 0x4C], [0x49, 0x49, 0x49]]
        }
        guard leads.contains(where: { bytes.starts(with: $0) }) else {
            return leads.contains(where: { $0.starts(with: bytes) }) ? .unfinished : .noise(1)
        }
        if model == .chengbao {
            let length = 2 * Self.width + 2
            guard bytes.count >= length else { return .unfinished }
            return bytes[length - 1] == 0x0D ? .whole(length) : .damaged(1)
        }
        let head = model == .antong || model == .tongji ? 3 : model == .nanhua ? 4 : 2
        guard let end = bytes.dropFirst(head).firstIndex(of: model == .antong ? 0x02 : 0x0D) else {
            return bytes.count > Self.longest ? .damaged(bytes.count) : .unfinished
        }
        return .whole(end + 1)
    }

    mutating func answer(_ request: [UInt8], _ surroundings: Surroundings) -> Answer {
        switch model {
        case .tongji where request.count == 4 && request[2] == 0x44: rows.removeAll()
        case .tongji: rows[Int(request[2])] = GB2312.text(request[3..<request.count - 1])
        case .nanhua:
            guard (0x30...0x39).contains(request[2]) else { return .refused }
            rows[Int(request[2] - 0x30)] = GB2312.text(request[4..<request.count - 1])
        case .dalei: rows[Int(request[1])] = GB2312.text(request[2..<request.count - 1])
        case .chengbao:
            for row in 0..<2 {
                let start = 1 + row * Self.width
                rows[row + 1] = GB2312.text(request[start..<start + Self.width])
            }
        case .antong: rows[request[0] == 0x4C ? 1 : 2] = GB2312.text(request[3..<request.count - 1])
        }
        surroundings.log.shows(rows)
        return .done("text", [])
    }
}

/// Texts in GB 2312: ASCII, and characters of two bytes from A1 on.
enum GB2312 {
    /// What bytes mean, filled up with blanks or not; a byte that is half a character shows as `?`.
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        let bytes = Array(bytes)
        var text = ""
        var place = 0
        while place < bytes.count {
            let first = bytes[place]
            if first < 0x80 {
                text += first >= 0x20 ? String(UnicodeScalar(first)) : "?"
                place += 1
            } else if place + 1 < bytes.count, let character = character(first, bytes[place + 1]) {
                text += character
                place += 2
            } else {
                text += "?"
                place += 1
            }
        }
        while text.hasSuffix(" ") { text.removeLast() }
        return text
    }

    /// GB 18030 agrees with GB 2312 where the latter has characters.
    private static let encoding = String.Encoding(rawValue: 0x8000_0632)

    private static func character(_ first: UInt8, _ second: UInt8) -> String? {
        guard (0xA1...0xF7).contains(first), (0xA1...0xFE).contains(second) else { return nil }
        return String(bytes: [first, second], encoding: encoding)
    }
}
