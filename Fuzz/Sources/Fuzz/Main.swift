import Glibc

/// What libFuzzer, whose own main runs, calls with every input; `FUZZ_TARGET` names the target, `list` tells the names.
///
/// A target takes any bytes. It fails by trapping: in the code under test, or where what came out breaks its promise.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    guard let target = FuzzTarget.chosen else {
        for target in FuzzTarget.all { print(target.name) }
        // libFuzzer takes an orderly exit for a finding.
        fflush(nil)
        _exit(0)
    }
    target.run(Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
}
