"""Tidemill: declare an ML system once in one Python file and run its whole closed loop."""
