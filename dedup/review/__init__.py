"""A merged folder and what reviewers decide about it: the page, the server behind it, the next merge."""
