#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"
#include "trainer/algorithms/image_classification/graph.h"

namespace millrace::image_classification {

/// Throws Error(Customer) naming `model` unless its network ends in a softmax: one whose classes
/// have a probability each (MXNet's LogisticRegressionOutput) is measured by other figures, and its
/// answers would be wrong as a softmax.
inline void require_one_label(const Graph& graph, std::string_view model) {
  if (graph.nodes.back().op == Op::Softmax) return;
  throw Error(Blame::Customer,
              Problem{.where = std::string(model),
                      .given = "a multi-label model",
                      .expected = "a model of one label per image",
                      .fix = "Use a model that was trained without multi_label=1."});
}

}  // namespace millrace::image_classification
