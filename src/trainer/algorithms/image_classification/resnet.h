#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "trainer/algorithms/image_classification/graph.h"

namespace millrace::image_classification {

/// Images of up to so many rows may take the three-stage networks.
inline constexpr std::int64_t kSmallImageHeight = 28;

/// The depths that an image of `height` rows may use.
std::vector<std::int64_t> depths_for_height(std::int64_t height);

/// ResNet v2 (He et al., "Identity Mappings in Deep Residual Networks", 2016) as MXNet 1.3.1
/// defines it in example/image-classification/symbols/resnet.py, with the same names. `layers` must
/// be one of depths_for_height(height).
///
/// Depths of 20, 32, 44, 56 and 110 are networks of three stages, the others of four. The former are
/// for heights of up to 28, but the small stem is for heights of up to 32: sizes 29 to 32 take a
/// four-stage network with the small stem, as there. So do smaller images whose job asks for a
/// depth of the ImageNet networks; MXNet's program refuses that, and the original's documentation
/// only advises against it.
///
/// It ends in a softmax over the classes, or with `multi_label` in a sigmoid of each.
Graph resnet_graph(std::int64_t layers, std::int64_t height, std::int64_t classes,
                   bool multi_label = false);

/// The depth with which resnet_graph() makes this network for images of `height` rows; nullopt
/// where none does.
std::optional<std::int64_t> depth_of(const Graph& graph, std::int64_t height);

}  // namespace millrace::image_classification
