import Messages

/// What a reply looks like: of a known length, or as long as its length bytes or its end say.
struct ReplyShape: Sendable {
    /// What the bytes from some position on are.
    enum Candidate {
        /// Not this reply.
        case no
        /// Perhaps the beginning of it.
        case incomplete
        /// The whole of it, if its check bytes agree.
        case frame(FramePattern)
    }

    private enum Extent {
        case fixed(FramePattern)
        case counted(FrameTemplate, code: [UInt8], head: FramePattern, at: Int)
        case ended(FrameTemplate, code: [UInt8], head: FramePattern, least: Int, end: [UInt8])
    }

    private let extent: Extent
    /// What the reply is made by, where that can be told again with another address in it; `total` is nil where the
    /// length is open.
    private let origin: (template: FrameTemplate, code: [UInt8], total: Int?)?

    /// No reply is longer; what claims to be is noise.
    static let longest = 4096

    /// A reply of a known length.
    init(_ pattern: FramePattern) { (extent, origin) = (.fixed(pattern), nil) }

    /// A reply of `total` bytes.
    init(_ template: FrameTemplate, code: [UInt8], total: Int) {
        (extent, origin) = (.fixed(template.pattern(code: code, total: total)), (template, code, total))
    }

    /// A reply of any length; nil if the template gives no way to tell where it ends.
    init?(_ template: FrameTemplate, code: [UInt8]) {
        origin = (template, code, nil)
        let parts = template.parts
        guard let data = parts.firstIndex(of: .data) else {
            extent = .fixed(template.pattern(code: code, total: template.length(code: code, dataCount: 0)))
            return
        }
        let before = parts[..<data]
        let headCount = before.reduce(0) { $0 + template.size($1, code, 0) }
        let full = template.pattern(code: code, total: template.length(code: code, dataCount: 0))
        if let index = before.firstIndex(of: .length) {
            let at = before[..<index].reduce(0) { $0 + template.size($1, code, 0) }
            var known = Array(full.known.prefix(headCount))
            for position in at..<at + template.length.size { known[position] = nil }
            let head = FramePattern(known: known, check: .none, values: 0..<0)
            extent = .counted(template, code: code, head: head, at: at)
            return
        }
        let head = FramePattern(known: Array(full.known.prefix(headCount)), check: .none, values: 0..<0)
        let after = parts[(data + 1)...]
        var end: [UInt8] = []
        for part in after.reversed() {
            guard case .fixed(let bytes) = part else { break }
            end = bytes + end
        }
        if end.isEmpty { return nil }
        let between = after.reduce(0) { $0 + template.size($1, code, 0) } - end.count
        extent = .ended(template, code: code, head: head, least: headCount + between, end: end)
    }

    /// The same reply of an instrument that is set to another address.
    func with(unit: FrameUnit) -> ReplyShape {
        guard let (template, code, total) = origin, template.unitOffset != nil else { return self }
        let moved = template.with(unit: unit)
        return total.map { ReplyShape(moved, code: code, total: $0) } ?? ReplyShape(moved, code: code) ?? self
    }

    /// What the bytes from `start` on are.
    func candidate(in bytes: [UInt8], at start: Int) -> Candidate {
        switch extent {
        case .fixed(let pattern):
            if !pattern.couldBegin(bytes, at: start) { return .no }
            return bytes.count - start >= pattern.count ? .frame(pattern) : .incomplete
        case .counted(let template, let code, let head, let at):
            if !head.couldBegin(bytes, at: start) { return .no }
            guard bytes.count >= start + at + template.length.size else { return .incomplete }
            let counted = bytes[start + at..<start + at + template.length.size]
            guard let total = template.length.total(counted), total <= Self.longest,
                total >= template.length(code: code, dataCount: 0)
            else { return .no }
            let pattern = template.pattern(code: code, total: total)
            if !pattern.couldBegin(bytes, at: start) { return .no }
            return bytes.count - start >= total ? .frame(pattern) : .incomplete
        case .ended(let template, let code, let head, let least, let end):
            if !head.couldBegin(bytes, at: start) { return .no }
            var position = start + least
            while position + end.count <= bytes.count {
                if bytes[position..<position + end.count].elementsEqual(end) {
                    return .frame(template.pattern(code: code, total: position + end.count - start))
                }
                position += 1
            }
            return bytes.count - start > Self.longest ? .no : .incomplete
        }
    }

    /// The pattern of exactly these bytes; nil if they are not one whole, intact reply.
    func pattern(of bytes: [UInt8]) -> FramePattern? {
        guard case .frame(let pattern) = candidate(in: bytes, at: 0), pattern.count == bytes.count,
            pattern.checks(bytes)
        else { return nil }
        return pattern
    }

    /// Where values may stand; for a reply of any length, everything behind its head.
    var values: Range<Int> {
        switch extent {
        case .fixed(let pattern): pattern.values
        case .counted(_, _, let head, _), .ended(_, _, let head, _, _): head.count..<Self.longest
        }
    }

    /// The length of the reply; nil if it is not always the same.
    var count: Int? { if case .fixed(let pattern) = extent { pattern.count } else { nil } }

    /// The known bytes in hexadecimal, `··` for any other and `…` where the length is open.
    var text: String {
        switch extent {
        case .fixed(let pattern): pattern.text
        case .counted(_, _, let head, _): "\(head.text) …"
        case .ended(_, _, let head, _, let end):
            head.count == 0 ? "… \(hexadecimal(end))" : "\(head.text) … \(hexadecimal(end))"
        }
    }
}

/// An answer that is none: the instrument refuses, is busy, or has nothing (否定应答).
struct NegativeReply: Sendable {
    enum Meaning: String, CaseIterable, Sendable {
        /// It does not understand, or does not want to.
        case refused
        /// Not now; the same request may be answered later.
        case busy
        /// What was asked for is not there.
        case unavailable
    }

    let template: FrameTemplate
    let meaning: Meaning

    /// What the answer to the command with this code looks like.
    func shape(code: [UInt8]) -> ReplyShape? { ReplyShape(template, code: code) }
}
