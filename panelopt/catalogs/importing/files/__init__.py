"""Foreign lists of antibodies as plain tables of text: separated text, spreadsheets, JSON, Feather, Parquet."""
