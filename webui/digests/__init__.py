"""The weekly digest: told in words, written as mail and as a page of the wiki, sent to who wants it."""
