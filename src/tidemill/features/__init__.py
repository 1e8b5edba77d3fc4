"""One feature definition, two uses: training sets offline and answers online."""
