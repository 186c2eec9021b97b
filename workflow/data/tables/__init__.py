"""Tables as people have them: in archives or as they lie, packed or not, as text or Parquet, in blocks of rows."""
