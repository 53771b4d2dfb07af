"""What `compagnon doctor` looks at: one small check for each part that can be missing, wrong or worn out."""
