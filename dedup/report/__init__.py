"""What a merge found, for people and for programs: one file a format."""
