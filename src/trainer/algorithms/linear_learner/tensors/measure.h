#pragma once

#include <stop_token>

#include "trainer/algorithms/linear_learner/hyperparameters.h"
#include "trainer/algorithms/linear_learner/linear_model.h"
#include "trainer/learn/cluster.h"
#include "trainer/tabular/metric_log.h"
#include "trainer/tabular/tabular_channel.h"

namespace millrace::linear_learner {

/// Measures a trained model on a channel, the rows shared among the hosts, and prints its figures;
/// nothing when it is stopped. Throws Error(Customer) for labels that the model cannot have and for
/// an empty channel.
void measure(const LinearModel& model, const Hyperparameters& h, TabularChannel& channel,
             Cluster& cluster, MetricLog& metrics, const std::stop_token& stop);

}  // namespace millrace::linear_learner
