public import ArgumentParser
import Messages
public import Standards

/// A method is named on the command line as in packs and orders.
extension TestMethod: ExpressibleByArgument {}

extension TestMethod {
    /// The method's name, with its word on the command line behind it.
    var message: Message {
        switch self {
        case .asm: Message(.planMethodASM)
        case .twoSpeedIdle: Message(.planMethodTwoSpeedIdle)
        case .vmas: Message(.planMethodVMAS)
        case .freeAcceleration: Message(.planMethodFreeAcceleration)
        case .lugDown: Message(.planMethodLugDown)
        case .nonRoad: Message(.planMethodNonRoad)
        }
    }
}
