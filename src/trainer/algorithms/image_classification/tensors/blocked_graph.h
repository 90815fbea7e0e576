#pragma once

#include <cstddef>
#include <vector>

#include "trainer/algorithms/image_classification/graph.h"

namespace millrace::image_classification {

/// Whether a BlockedPlan can be made of this graph: a norm of the input, then convolutions to whole
/// blocks of channels, sums of a convolution's output with another value, norms that a rectifier
/// follows, pools, and at the end a flattened average. Of ResNets all.
bool fits_blocked_plan(const Graph& graph);

/// The nodes that read each node's output.
std::vector<std::vector<std::size_t>> readers_of(const Graph& graph);

/// Of a graph that fits: the norms that are computed together with the rectifier behind them, which
/// are all but the input's.
bool is_rectified_norm(const Graph& graph, std::size_t node);

}  // namespace millrace::image_classification
