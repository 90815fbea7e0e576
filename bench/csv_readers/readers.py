"""One read of a CSV file without header by pandas or xgboost: readers.py READER FILE COLUMNS. Prints how many
numbers were read and the wall and CPU seconds it took."""

import importlib
import sys
import time

import numpy


def pandas(module, path, columns):
    return module.read_csv(path, header=None, dtype=numpy.float32, engine="c").size


def xgboost(module, path, columns):
    matrix = module.DMatrix(f"{path}?format=csv&label_column=0", nthread=1)
    return matrix.num_row() * (matrix.num_col() + 1)


reader, path, columns = sys.argv[1], sys.argv[2], int(sys.argv[3])
module = importlib.import_module(reader)
wall, cpu = time.perf_counter(), time.process_time()
numbers = globals()[reader](module, path, columns)
print("READ", numbers, time.perf_counter() - wall, time.process_time() - cpu)
