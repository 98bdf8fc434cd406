import Lane
import Metrology
import Synchronization
import Testing

@Suite("The time of a simulated lane in one process")
struct PacedLaneTimeTests {
    /// Real time that passes when it is told to.
    private final class Life: Sendable {
        private let nanoseconds = Atomic<Int64>(7_000_000_000)

        var now: Int64 { nanoseconds.load(ordering: .relaxed) }

        func pass(_ milliseconds: Int64) { nanoseconds.add(milliseconds * 1_000_000, ordering: .relaxed) }
    }

    private func paced(_ rate: Double) -> (time: PacedLaneTime, life: Life) {
        let life = Life()
        return (PacedLaneTime(rate: rate) { life.now }, life)
    }

    @Test("runs fast until a little past the tick, then as life does until the next is expected")
    func paces() {
        let (time, life) = paced(25)
        life.pass(10)
        #expect(time.now() == .zero + .milliseconds(250))
        time.expectTick(at: .zero + .milliseconds(300), every: .milliseconds(100))
        life.pass(2)
        #expect(time.now() == .zero + .milliseconds(300))
        // 150 ms past the tick after 6 ms more, and 94 ms of life.
        life.pass(100)
        #expect(time.now() == .zero + .milliseconds(544))
        // A tick whose slack is over already.
        time.expectTick(at: .zero + .milliseconds(350), every: .milliseconds(100))
        life.pass(10)
        #expect(time.now() == .zero + .milliseconds(554))
        time.release()
        life.pass(10)
        #expect(time.now() == .zero + .milliseconds(804))
    }

    @Test("stands still with a computer that stands still; at life's pace it cannot be told from a wait")
    func standsStill() {
        let (time, life) = paced(25)
        time.expectTick(at: .zero, every: .milliseconds(100))
        life.pass(6)
        #expect(time.now() == .zero + .milliseconds(150))
        life.pass(5000)
        #expect(time.now() == .zero + .milliseconds(400))
        life.pass(5)
        #expect(time.now() == .zero + .milliseconds(405))

        let (lifelike, sameLife) = paced(1)
        sameLife.pass(5000)
        #expect(lifelike.now() == .zero + .seconds(5))
    }
}
