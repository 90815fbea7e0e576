#!/usr/bin/python3
"""Fails as user code does: with a failure file and an exit code."""
import sys

open("/opt/ml/output/failure", "w").write("ValueError: fraction must be in (0, 1]")
print("about to fail", flush=True)
sys.exit(3)
