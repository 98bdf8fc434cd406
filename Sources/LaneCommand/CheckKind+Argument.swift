public import ArgumentParser
public import Standards

/// A check is named on the command line as in packs and records.
extension CheckKind: ExpressibleByArgument {}
