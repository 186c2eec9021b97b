"""Reading tables: in archives or loose, compressed or not, as text or Parquet, in blocks of rows."""
