"""The data of a trial as every later stage reads them: participants, flow, scores side by side, analysis sets."""
