/// How many seeded tests a property suite runs: all of them in a release build, a sample in a debug build, where each
/// takes a hundred times as long.
public enum PropertyRuns {
    #if DEBUG
        /// Whether every path must occur.
        public static let areComplete = false
    #else
        /// Whether every path must occur.
        public static let areComplete = true
    #endif

    /// How many of `all` are run.
    public static func count(of all: Int) -> Int { areComplete ? all : all / 20 }

    /// Carries out tests by their numbers, on all processors, and counts what occurs in them.
    ///
    /// Numbers go to the parts by turns: that makes them about as long as each other, and what they are of one test so
    /// short that no processor is without work until the end.
    ///
    /// - Parameter carryOut: carries out one test; returns what occurred in it.
    public static func table(
        of count: Int, _ carryOut: @escaping @Sendable (Int) throws -> [String]
    ) async throws -> [String: Int] {
        let parts = 16
        return try await withThrowingTaskGroup(of: [String: Int].self) { group in
            for part in 0..<parts {
                group.addTask {
                    var table: [String: Int] = [:]
                    for index in stride(from: part, to: count, by: parts) {
                        for key in try carryOut(index) { table[key, default: 0] += 1 }
                    }
                    return table
                }
            }
            return try await group.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
        }
    }
}
