#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "core/io/progress.h"
#include "trainer/algorithms/image_classification/tensors/network.h"
#include "trainer/vision/image_batches.h"
#include "trainer/vision/image_set.h"

namespace millrace::image_classification {

/// An image of a batch, by its place in it, and its score for each class before softmax or sigmoid.
using UseScores =
    std::function<void(const ImageBatch& batch, std::size_t at, std::span<const float> scores)>;

/// Has the network score every image of the set once, in order, and moves the bar. Broken images
/// are told to options.broken and left out. Throws Error(Customer) naming the image whose scores
/// are not finite: no figure could be made of them.
void score_images(Network& network, const ImageSet& images, const LoaderOptions& options,
                  millrace::Progress& progress, const UseScores& use);

}  // namespace millrace::image_classification
