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
}
