public import ArgumentParser
public import Standards

/// A method is named on the command line as in packs and orders.
extension TestMethod: ExpressibleByArgument {}
