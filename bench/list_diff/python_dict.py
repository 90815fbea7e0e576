"""What one would write by hand to compare two list files: a dict of paths each; prints the numbers."""

import sys


def read(path):
    rows = {}
    with open(path) as file:
        for line in file:
            index, *labels, image = line.rstrip("\n").split("\t")
            rows[image] = (int(index), [float(label) for label in labels])
    return rows


before, after = read(sys.argv[1]), read(sys.argv[2])
added = sum(image not in before for image in after)
removed = sum(image not in after for image in before)
relabelled = sum(image in before and before[image][1] != row[1] for image, row in after.items())
print(f"{added} added, {removed} removed, {relabelled} relabelled")
