enum LaneStub {}
