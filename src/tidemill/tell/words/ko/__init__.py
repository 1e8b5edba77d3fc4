"""The words in Korean, one file per family of codes; a family without a file here is said in English."""
