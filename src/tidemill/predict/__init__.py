"""A model version as a bundle: signature, opening, packing and predicting."""
