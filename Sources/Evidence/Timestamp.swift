/// A moment on the wall clock (RFC 3339), to compare times that were written with different offsets.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    public let seconds: Int64

    /// The moment so many seconds after 1970-01-01T00:00:00Z.
    public init(seconds: Int64) { self.seconds = seconds }

    /// Reads `2026-11-21T14:30:29Z`, with `+08:00` or the like for `Z`; a fraction of the second is read and left out.
    ///
    /// - Returns: nil for any other spelling and for dates that no calendar has.
    public init?(_ text: String) {
        let characters = Array(text.utf8)
        guard characters.count >= 20, let year = number(characters, 0, 4), let month = number(characters, 5, 2),
            let day = number(characters, 8, 2), let hour = number(characters, 11, 2),
            let minute = number(characters, 14, 2), let second = number(characters, 17, 2),
            characters[4] == UInt8(ascii: "-"), characters[7] == UInt8(ascii: "-"),
            characters[10] == UInt8(ascii: "T"), characters[13] == UInt8(ascii: ":"),
            characters[16] == UInt8(ascii: ":"), (1...12).contains(month), (1...days(month, year)).contains(day),
            hour < 24, minute < 60, second < 60
        else { return nil }
        var next = 19
        if characters[next] == UInt8(ascii: ".") {
            let digits = characters[(next + 1)...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard !digits.isEmpty else { return nil }
            next = digits.endIndex
        }
        var offset: Int64 = 0
        if characters[next...] != [UInt8(ascii: "Z")] {
            guard characters.count == next + 6, let hours = number(characters, next + 1, 2), hours < 24,
                let minutes = number(characters, next + 4, 2), minutes < 60, characters[next + 3] == UInt8(ascii: ":"),
                characters[next] == UInt8(ascii: "+") || characters[next] == UInt8(ascii: "-")
            else { return nil }
            offset = (hours * 60 + minutes) * (characters[next] == UInt8(ascii: "+") ? 60 : -60)
        }
        seconds = (daysFromEpoch(year, month, day) * 24 + hour) * 3600 + minute * 60 + second - offset
    }

    /// The calendar day at a fixed offset from UTC, `2026-11-21`.
    ///
    /// - Parameter hours: 8 for China.
    public func day(offsetHours hours: Int64) -> String {
        let local = seconds + hours * 3600
        let (year, month, day) = civil(local >= 0 ? local / 86_400 : (local - 86_399) / 86_400)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }

    /// The earlier first.
    public static func < (left: Self, right: Self) -> Bool { left.seconds < right.seconds }
}

private func number(_ characters: [UInt8], _ start: Int, _ count: Int) -> Int64? {
    guard start + count <= characters.count else { return nil }
    var value: Int64 = 0
    for character in characters[start..<(start + count)] {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character) else { return nil }
        value = value * 10 + Int64(character - UInt8(ascii: "0"))
    }
    return value
}

private func days(_ month: Int64, _ year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
}

/// Days since 1970-01-01 in the Gregorian calendar; years begin in March, so that a leap day is a year's last.
private func daysFromEpoch(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let year = month <= 2 ? year - 1 : year
    let era = year / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}

private func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
}

private func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
