enum UplinkStub {}
