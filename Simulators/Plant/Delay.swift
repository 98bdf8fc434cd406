/// A fixed delay: what goes in comes out a number of steps later.
struct Delay: Sendable {
    private var values: [Double]
    private var next = 0

    init(_ initial: Double, length: Int) { values = Array(repeating: initial, count: max(1, length)) }

    mutating func pass(_ value: Double) -> Double {
        let old = values[next]
        values[next] = value
        next = next + 1 == values.count ? 0 : next + 1
        return old
    }
}
