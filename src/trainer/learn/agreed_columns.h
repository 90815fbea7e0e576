#pragma once

#include "trainer/learn/cluster.h"
#include "trainer/tabular/tabular_channel.h"

namespace millrace {

/// After the first rows were read: refuses hosts whose rows differ in their number of features. One
/// that had no rows takes the number of the others. Throws Error(Customer).
void agree_on_columns(Cluster& cluster, TabularChannel& channel);

}  // namespace millrace
