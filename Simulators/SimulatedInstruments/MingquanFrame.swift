/// How requests to Mingquan's instruments are told apart: `lead cmd LB data… CS`; LB is the length less one, CS the
/// two's complement of the sum.
enum MingquanFrame {
    static func beginning(of bytes: [UInt8], lead: UInt8, lengths: ClosedRange<Int>) -> RequestBeginning {
        .of(lead: lead, length: 2, more: 1, lengths: lengths, in: bytes) { Wire.sum($0) == 0 }
    }

    static func data(_ request: [UInt8]) -> [UInt8] { Array(request[3..<request.count - 1]) }

    /// The refusal repeats the command; the sources give only its leading 15.
    static func refusal(of request: [UInt8]) -> [UInt8] {
        MQW50AFrame.refusal(of: request.count > 1 ? request[1] : 0)
    }
}
