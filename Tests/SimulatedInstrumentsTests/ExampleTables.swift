/// What the test of the profiles' examples has to know about single ones.
enum ExampleTables {
    /// Bytes for the instrument, and the time that passes then.
    struct Step {
        let bytes: [UInt8]
        let seconds: Double

        init(_ text: String, after seconds: Double = 0) {
            bytes = text.hasPrefix("AT") || text.hasSuffix("\r") ? Array(text.utf8) : hex(text)
            self.seconds = seconds
        }
    }

    /// What has to happen before an example, by profile or by `profile/title`.
    static func before(_ key: String) -> [Step] {
        let profile = String(key.prefix { $0 != "/" })
        return (beforeAll[profile] ?? []) + (beforeOne[key] ?? [])
    }

    private static let remote = [Step("02 20 53 52 45 4D 20 4B 30 03")]
    private static let beforeAll: [String: [Step]] = [
        "ak-analyzer": remote, "ak-nox": remote, "ak-opacimeter": remote,
        "amb-vmas": [Step("32 00 01 00 01 00 34 00")],
        "elm327": [Step("ATE0\r", after: 0.1)],
        "elm327-j1939": [Step("ATE0\r", after: 0.1), Step("ATSPA\r", after: 0.1)],
    ]

    /// A search, so that no other goes before an answer.
    private static let search = [Step("0100\r", after: 5)]
    private static let beforeOne: [String: [Step]] = [
        "amb-ii/zero is good": [Step("02 00 02 00 00 00 1F 00 23 00", after: 31)],
        "elm327/40 km/h": search + [Step("ATS0\r", after: 0.1)],
        "elm327/85 °C": search,
        "elm327/none permanent": search,
        "modbus-dyno/the lift moves": [Step("01 06 00 07 00 01 F9 CB")],
        "modbus-dyno-tcp/the lift moves": [Step("00 01 00 00 00 06 01 06 00 07 00 01")],
        "fla-502/leak check goes on and ends well": [Step("07", after: 16)],
        "fla-502/zero goes on and ends well": [Step("08", after: 31)],
        "nha-506i/leak check goes on and ends well": [Step("07", after: 16)],
        "nha-506i/zero goes on and ends well": [Step("08", after: 31)],
        "nha-503/gas of the bottle": [Step("09")],
        "nha-503/leak check goes on and ends well": [Step("07", after: 16)],
        "nha-503/zero goes on and ends well": [Step("08", after: 31)],
    ]

    private static let faulty = "a fault is shown that this test does not cause"
    private static let vehicle = "the simulated vehicle says something else of itself"
    private static let probe = "the simulated vehicle's oil probe is in its place"
    private static let unknownHead = "what its first three bytes hold is not in the source"
    private static let unknownCheck = "how the check is made is not in the source"
    private static let power = "its power is not that of its force and speed"

    /// Why an example's reply is not the simulator's, byte for byte: by `profile/title`.
    static let exceptions: [String: String] = [
        "ak-analyzer/setting its zero, with an error": faulty,
        "ak-analyzer/name": vehicle,
        "ak-nox/setting its zero, with an error": faulty,
        "ak-nox/name": vehicle,
        "ak-opacimeter/setting its zero, with an error": faulty,
        "ak-opacimeter/name": vehicle,
        "amb-ii/a result of two bytes": faulty,
        "amb-ii/low flow and water, fetched": faulty,
        "amb-ii/zero with a warning": faulty,
        "cap3030/cold and at its zero": "a cold bench does not set its zero here",
        "cap3030/sooted": faulty,
        "elm327/voltage": vehicle,
        "elm327/lamp on, two codes, spark": vehicle,
        "elm327/a diesel": vehicle,
        "elm327/two codes": vehicle,
        "elm327/one pending": vehicle,
        "elm327/one permanent": vehicle,
        "elm327/300 km": vehicle,
        "elm327/lambda one": vehicle,
        "elm327/vehicle identification in three lines": vehicle,
        "elm327/calibration identification": vehicle,
        "elm327/verification number": vehicle,
        "elm327/on a K line, without a count": vehicle,
        "elm327/on a K line, four codes in two messages": vehicle,
        "elm327/on a K line, none": vehicle,
        "elm327/on a K line, one pending": vehicle,
        "elm327/two units, of which the second has a code": vehicle,
        "elm327/two units, of which one needs two frames": vehicle,
        "elm327/two units, of which the second commands the lamp on": vehicle,
        "elm327/two units, of which the second has a catalyst monitor that is incomplete": vehicle,
        "elm327/two units, their numbers": vehicle,
        "elm327/vehicle identification on a K line": vehicle,
        "elm327/300 km, and none in the second unit": vehicle,
        "elm327-j1939/1500.125 r/min at 40 %": vehicle,
        "elm327-j1939/half the pedal": vehicle,
        "elm327-j1939/312.5 ppm": vehicle,
        "elm327-j1939/lamp on for one code": vehicle,
        "elm327-j1939/one that was": vehicle,
        "elm327-j1939/two that concern emissions": vehicle,
        "elm327-j1939/two codes and monitors that have not run": vehicle,
        "elm327-j1939/two units, of which the second commands the lamp on": vehicle,
        "elm327-j1939/two units, and what is incomplete in either": vehicle,
        "fla-502/low flow": faulty,
        "flv-1000/live": unknownHead,
        "flv-1000/warming up": unknownHead,
        "maha-asm-p/16.8 hp at 24.9 mph": unknownCheck,
        "maha-asm-p/values that fill their places": unknownCheck,
        "modbus-dyno/20 % at 25.5 km/h": power,
        "modbus-dyno/a fault": faulty,
        "modbus-dyno-tcp/20 % at 25.5 km/h": power,
        "modbus-dyno-tcp/a fault": faulty,
        "mql-100/over range": faulty,
        "mqw-5101/warming up with a low flow": faulty,
        "mqw-5101/zeroing while it samples": "the simulated bench does one thing at a time",
        "mqw-511/data": unknownCheck,
        "mqw-511/no oil probe": unknownCheck,
        "mqw-5102a/data": "its second opacity is not that of its path",
        "mqy-200/no oil probe": probe,
        "nhf-1/state": faulty,
        "nht-1l/no oil probe": probe,
        "nht-6/no oil probe": probe,
        "nht-6/live state of newer firmware": "the simulated meter has the older firmware",
        "nht-6/measuring unit silent": faulty,
        "nha-503/O2 cell aged": faulty,
        "nha-503/calibrate": "without a bottle it fails",
        "nha-503/low flow": faulty,
        "nha-501a/data": unknownCheck,
        "nha-501a/no oil probe": unknownCheck,
        "nha-506i/low flow": faulty,
        "nha-506i/measuring with newer firmware": "the simulated bench has the older firmware",
        "nha-506/data": unknownCheck,
        "nha-506/no oil probe": unknownCheck,
        "nhc-03/12.5 kW at 40 km/h": power,
        "rz-1/room": "what its fourth register holds is not in the source",
        "vmt-2000/2500 r/min": unknownCheck,
        "zhengde/not connected": vehicle,
        "zhengyuan/diesel on J1939": vehicle,
    ]

    /// Frames of streams that the simulators do not send.
    static let streamExceptions: [String: String] = [:]
}
