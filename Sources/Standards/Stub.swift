enum StandardsStub {}
