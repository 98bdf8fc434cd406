import Plant

/// What a simulated bottle holds; checks have a type of the same name for what its certificate states.
typealias BottledGas = ReferenceGas
