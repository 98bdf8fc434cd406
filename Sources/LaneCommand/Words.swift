public import ArgumentParser
public import Evidence

// Words of the record format that are words of the command line, too.
extension SignatureAlgorithm: ExpressibleByArgument {}
extension RecordOrigin: ExpressibleByArgument {}
