"""The parts of scripts/bench; see README.md."""
