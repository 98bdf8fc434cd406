enum AuthorityStub {}
