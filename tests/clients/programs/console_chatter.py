#!/usr/bin/env python3
"""Prints 3000 lines with a metric in each, and one with markup."""

print("""<img src=x onerror=alert(1)>&"'""")
for i in range(3000):
    print(f"line {i} loss={i}.5")
with open("/opt/ml/model/model", "w") as model:
    model.write("nothing learnt")
