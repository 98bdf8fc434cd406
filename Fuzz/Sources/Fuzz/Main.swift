import CLibFuzzer

/// `fuzz TARGET CORPUS… -max_total_time=10`, with libFuzzer's options; `fuzz list` names the targets.
///
/// A target takes any bytes. It fails by trapping: in the code under test, or where what came out breaks its promise.
@main
struct Main {
    static func main() {
        let name = CommandLine.arguments.dropFirst().first ?? "list"
        guard FuzzTarget.chosen != nil else {
            for target in FuzzTarget.all { print(target.name) }
            return
        }
        guard name != "list" else { return }
        // libFuzzer reads the rest of the command line by itself.
        var arguments = Array(CommandLine.arguments.prefix(1) + CommandLine.arguments.dropFirst(2)).map { strdup($0) }
        arguments.append(nil)
        var count = Int32(arguments.count - 1)
        arguments.withUnsafeMutableBufferPointer { buffer in
            var start = buffer.baseAddress
            _ = LLVMFuzzerRunDriver(&count, &start) { data, size in
                FuzzTarget.chosen?.run(Array(UnsafeBufferPointer(start: data, count: size)))
                return 0
            }
        }
    }
}
