enum ProceduresStub {}
