enum EvidenceStub {}
