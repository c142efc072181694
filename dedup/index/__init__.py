"""A corpus on disk: one DuckDB file with its letters, anchors and signatures, in which new texts are looked up.

`columns` says what is kept of a text, `store` how the file is opened, checked and changed, `refresh` brings it up to
date with the files of a corpus, `verify` proves it sound. `lookup` finds what new texts share with it: `standing` knows
where their seeds stand, `held` has the pieces of texts that were asked for, `letters` matches them, `wording` says
which matches are mere lists of names.
"""
