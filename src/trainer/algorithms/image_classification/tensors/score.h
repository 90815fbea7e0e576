#pragma once

#include <filesystem>
#include <memory>

#include "trainer/job/scorer.h"

namespace millrace::image_classification {

/// A model that answers requests of one image each: a JPEG or PNG file as image/jpeg, image/png or
/// application/x-image, resized to the network's input as a whole, whatever its proportions. The
/// answer is
///
///     application/json        [0.1,0.7,0.2], the probability of each class; the default
///     application/jsonlines   {"prediction":[0.1,0.7,0.2]}
///
/// Source: Amazon SageMaker Developer Guide, "Input/Output Interface for the Image Classification
/// Algorithm". Throws what read_model() throws.
std::unique_ptr<Scorer> load(const std::filesystem::path& model);

}  // namespace millrace::image_classification
