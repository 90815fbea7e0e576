#pragma once

#include <string_view>

#include "core/json/json.h"
#include "trainer/algorithms/image_classification/graph.h"

namespace millrace::image_classification {

/// MXNet's symbol JSON: nodes, arg_nodes, node_row_ptr, heads, attrs. Source: NNVM,
/// src/pass/saveload_json.cc.
Json symbol_json(const Graph& graph);
/// The inverse, for networks of these operations. Throws Error(Customer) naming `origin` and the
/// node it cannot read.
Graph parse_symbol(const Json& symbol, std::string_view origin);

}  // namespace millrace::image_classification
