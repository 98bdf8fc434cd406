enum SimulatedInstrumentsStub {}
