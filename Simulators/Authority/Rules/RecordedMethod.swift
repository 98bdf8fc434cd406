/// What the platform asks of the records of one test method (检测方法).
struct RecordedMethod: Sendable {
    /// The name in records.
    let name: String
    /// The beginnings of the names of the packs that it may be judged by; empty if they are not looked at.
    var editions: [String] = []
    /// Whether a verdict needs the test room's air.
    var needsAir = true
    /// The members that its records have beside those of every record.
    let members: [(path: String, form: Form)]
    /// The members of a second that hold decimals.
    let decimals: [String]
    /// Those that a second which decides must hold (过程数据).
    let mandatory: [String]
    /// Whether a second is one that the verdict rests on.
    let decides: @Sendable (Second) -> Bool
    /// The values that a judged record reports, with their limits; empty where that has rules of its own.
    var rows: @Sendable (TestRecord) -> [ItemRow] = { _ in [] }
    /// What else is checked, in this order.
    let rules: [Rule]

    /// The methods that a station can be licensed for.
    static let all: [RecordedMethod] = [steadyState, twoSpeedIdle, transient, freeAcceleration, lugDown, nonRoad]

    /// The members of a list of seconds.
    static func seconds(_ members: [(member: String, form: Form)]) -> (path: String, form: Form) {
        ("result.seconds", .list(atLeast: 0, of: [("n", .integer(atLeast: 1))] + members))
    }

    /// The reported values of a method whose limits are tabled as ``ItemRow``.
    static let tabledItems: (path: String, form: Form) = (
        "result.items",
        .list(
            atLeast: 0,
            of: [
                ("id", .text), ("pollutant", .text), ("value", .decimal), ("full", .decimal),
                ("verdict", .oneOf(["passed", "failed"])),
            ])
    )

    /// The fuels of a spark-ignition engine (点燃式).
    static let sparkIgnition = Form.oneOf(Array(dilutionConstants.keys).sorted())
}

extension RecordedMethod {
    /// The steady-state loaded method (稳态工况法), GB 18285-2018 Annex B.
    static let steadyState = RecordedMethod(
        name: "asm",
        members: [
            ("order.vehicle.fuel", sparkIgnition), ("order.vehicle.curbMass", .decimal),
            (
                "result.items",
                .list(
                    atLeast: 0,
                    of: [
                        ("id", .text), ("pollutant", .oneOf(Pollutant.allCases.map(\.rawValue))),
                        ("mode", .oneOf(Mode.allCases.map(\.rawValue))), ("value", .decimal),
                        ("unit", .oneOf(["%", "ppm"])), ("limit", .decimal), ("verdict", .oneOf(["passed", "failed"])),
                    ])
            ),
            ("result.modes", .present), seconds([("t", .decimal), ("mt", .integer(atLeast: 0))]),
        ],
        decimals: [
            "speed", "force", "power", "rpm", "co", "co2", "hc", "no", "o2", "lambda", "ta", "rh", "pb", "df", "kh",
            "coc", "hcc", "noc",
        ],
        mandatory: [
            "speed", "force", "rpm", "co", "co2", "hc", "no", "o2", "lambda", "ta", "rh", "pb", "df", "kh", "coc",
            "hcc", "noc",
        ],
        // Before the timer runs, nothing is judged.
        decides: { $0.timedMode != nil },
        rules: Rule.steadyStateResults + [
            Rule.numbered, Rule.ordered, Rule.whole, Rule.diluted, Rule.moist, Rule.corrected,
        ] + Rule.steadyStateSeconds)
}
