import SimulatedInstruments
import Testing

@Suite("A wire that is replayed")
struct ReplayedWireTests {
    private func entry(_ isFromLane: Bool, _ bytes: [UInt8], _ milliseconds: Int64) -> WireScript.Entry {
        WireScript.Entry(isFromLane: isFromLane, bytes: bytes, at: milliseconds * 1_000_000)
    }

    @Test("gives each request its answers in their order, over and over, and others none")
    func answers() throws {
        let script = WireScript([
            entry(true, [1, 2], 0), entry(false, [10], 3), entry(true, [3], 50), entry(false, [30], 51),
            entry(true, [1, 2], 100), entry(false, [11], 102),
        ])
        #expect(script.requestCount == 2)
        let replay = try WireReplay(script)
        let port = try TestPort(replay.path)
        #expect(try port.exchange([1, 2], 1) == [10])
        #expect(try port.exchange([3], 1) == [30])
        #expect(try port.exchange([1, 2], 1) == [11])
        #expect(try port.exchange([1, 2], 1) == [10])
        // Noise before a request does not hide it.
        #expect(try port.exchange([9, 9, 3], 1) == [30])
        port.send([7, 7])
        #expect(port.isSilent(milliseconds: 50))
        replay.stop()
        #expect(port.hangsUp(milliseconds: 1000))
    }

    @Test("sends a stream at its own pace, round after round")
    func stream() throws {
        let script = WireScript([
            entry(false, [1], 0), entry(false, [2], 20), entry(true, [9], 25), entry(false, [3], 40),
        ])
        #expect(script.requestCount == 0)
        let replay = try WireReplay(script)
        let port = try TestPort(replay.path)
        let bytes = try port.read(9)
        let start = try #require(bytes.firstIndex(of: 1))
        #expect(Array(bytes[start..<start + 6]) == [1, 2, 3, 1, 2, 3])
        replay.stop()
    }

    @Test("has nothing to play without frames")
    func empty() { #expect(WireScript([]).isEmpty) }
}
