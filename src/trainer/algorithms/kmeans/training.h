#pragma once

#include "trainer/job/job.h"
#include "trainer/tabular/hosts.h"

namespace millrace::kmeans {

/// Runs a job whose settings and channels have been checked; the first host writes the model.
void train_centres(Job& job, Hosts& hosts);

}  // namespace millrace::kmeans
