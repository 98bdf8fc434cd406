import Foundation
import Glibc
import Testing

extension SimulatedStation {
    /// A test that is broken off as soon as it shows something.
    ///
    /// - Parameter lane: the lane file's name.
    func abortedTest(_ lane: String) async throws -> LaneProgram.Finished {
        let test = try LaneProgram.Running(
            LaneProgram.path,
            ["test", "asm", "--lane", space.file(lane), "--order", space.file("order.yaml")])
        _ = await test.nextLine()
        test.send(SIGINT)
        return await test.finished()
    }

    /// Starts an authority that knows the lane's keys, which its first test makes, and writes `online.yaml`: the same
    /// lane, delivering to it.
    func goOnline() async throws -> LaneProgram.Running {
        let authority = try LaneProgram.Running(
            LaneProgram.path,
            [
                "simulate", "authority", "--listen", "127.0.0.1:0", "--keys", "\(data)/trust.json",
                "--store", space.file("store"),
            ])
        let address = try #require(await authority.nextLine())
        let lane = try String(contentsOfFile: space.file("lane.yaml"), encoding: .utf8)
        try space.write(
            lane.replacing("data: data\n", with: "data: data\nauthority: \(address)\n"), to: "online.yaml")
        return authority
    }
}
