#pragma once

#include "trainer/tabular/hosts.h"
#include "trainer/job/job.h"

namespace millrace::random_cut_forest {

/// Samples the train channel in one pass, grows the forest, saves it and measures it on the test
/// channel. Memory is the sample and a few batches, whatever the length of the channels.
///
/// Each host samples its own rows and grows its share of the trees; the first one saves them all.
/// A stop request ends sampling: the forest is that of the rows read by then. Throws
/// Error(Customer) for data it cannot be grown from.
void train_forest(Job& job, Hosts& hosts);

}  // namespace millrace::random_cut_forest
