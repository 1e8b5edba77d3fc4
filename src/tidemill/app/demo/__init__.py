"""`tidemill demo`: a simulated shop from nothing to a closed loop, on this machine, in minutes."""
