public import Evidence

extension Timestamp {
    /// The moment in the lane's calendar (UTC+8), as people read it: `2026-11-21T14:30:29+08:00`.
    public var text: String {
        let offset = AssuranceRules.calendarOffset
        let local = seconds + offset * 3600
        let second = ((local % 86_400) + 86_400) % 86_400
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(day(offsetHours: offset))T\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))+08:00"
    }
}
