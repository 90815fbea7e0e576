# One read of a CSV file without header by data.table: fread.R FILE. Prints how many numbers were read and the wall and
# CPU seconds it took.
library(data.table)
setDTthreads(1)
path <- commandArgs(trailingOnly = TRUE)[1]
took <- system.time(table <- fread(path, header = FALSE, nThread = 1, showProgress = FALSE))
cat("READ", prod(dim(table)), took[["elapsed"]], took[["user.self"]] + took[["sys.self"]], "\n")
