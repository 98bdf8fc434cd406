/// The mean of the last values of a series, one value a second (十秒滑动平均).
///
/// The sum is formed anew, oldest value first, for every mean: a running sum would carry rounding errors along and
/// make a mean depend on values that have left the window.
public struct MovingMean: Sendable {
    /// How many values make a mean.
    public let length: Int

    private var values: [Double] = []

    /// Creates an empty series; `length` is at least 1.
    public init(length: Int) { self.length = max(1, length) }

    /// Adds the newest value; the oldest leaves once the window is full.
    public mutating func append(_ value: Double) {
        if values.count == length { values.removeFirst() }
        values.append(value)
    }

    /// Forgets all values.
    public mutating func removeAll() { values.removeAll(keepingCapacity: true) }

    /// The mean, or nil while there are fewer values than the window is long.
    public var mean: Double? {
        values.count == length ? arithmeticMean(values) : nil
    }
}

/// The arithmetic mean in the order given; nil for no values.
public func arithmeticMean(_ values: some Collection<Double>) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
}
