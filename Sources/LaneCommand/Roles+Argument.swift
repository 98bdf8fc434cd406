public import ArgumentParser
public import Assurance
public import Metrology

extension InstrumentRole: ExpressibleByArgument {}

extension PersonRole: ExpressibleByArgument {}
