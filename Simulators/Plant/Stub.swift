enum PlantStub {}
