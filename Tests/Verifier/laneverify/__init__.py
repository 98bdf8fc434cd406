"""An independent verifier of LaneAgent's records, written from Docs/RecordFormat.md and its vectors alone."""
