/// A point in time as ISO 8601 writes it, with date, time and offset from UTC.
struct Timestamp: Comparable, Sendable {
    /// Seconds since the beginning of 1970, UTC, without leap seconds.
    let seconds: Double

    /// Reads `2026-03-01T10:15:30+08:00`, with or without a fraction of a second, or with `Z` for the offset.
    init?(_ text: String) {
        let form = /(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d(?:\.\d{1,9})?)(?:Z|([+-])(\d\d):(\d\d))/
        guard let match = text.wholeMatch(of: form), let year = Int(match.1), let month = Int(match.2),
            let day = Int(match.3), let hour = Int(match.4), let minute = Int(match.5), let second = Double(match.6),
            (1...12).contains(month), (1...Self.days(in: month, of: year)).contains(day), hour < 24, minute < 60,
            second < 60
        else { return nil }
        var offset = 0
        if let sign = match.7, let hours = match.8.flatMap({ Int($0) }), let minutes = match.9.flatMap({ Int($0) }) {
            guard hours <= 14, minutes < 60 else { return nil }
            offset = (sign == "-" ? -1 : 1) * (hours * 60 + minutes)
        }
        let wholeMinutes = (Self.dayNumber(year, month, day) * 24 + hour) * 60 + minute - offset
        seconds = Double(wholeMinutes) * 60 + second
    }

    static func < (left: Self, right: Self) -> Bool { left.seconds < right.seconds }

    private static func isLeap(_ year: Int) -> Bool {
        year.isMultiple(of: 4) && !year.isMultiple(of: 100) || year.isMultiple(of: 400)
    }

    private static func days(in month: Int, of year: Int) -> Int {
        month == 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    /// Days since 1970-01-01 in the Gregorian calendar.
    private static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let before = year - 1
        let leapDays = before / 4 - before / 100 + before / 400
        let earlierMonths = (1..<month).reduce(0) { $0 + days(in: $1, of: year) }
        // 719162 days lie between 0001-01-01 and 1970-01-01.
        return before * 365 + leapDays + earlierMonths + day - 1 - 719_162
    }
}
