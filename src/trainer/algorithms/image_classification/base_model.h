#pragma once

#include <optional>

#include "trainer/algorithms/image_classification/artifact.h"
#include "trainer/job/job.h"

namespace millrace::image_classification {

/// The model that training goes on from: what channel `model` holds, a model.tar.gz or the files it
/// was made of; nullopt without the channel.
///
/// Throws Error(Customer) where there is no such model, and showing both values where num_layers or
/// image_shape are not the model's, or where `epochs` leaves nothing to a model whose job was
/// stopped. num_classes may differ: then only the last layer does not fit.
std::optional<SavedModel> base_model(const Job& job, const Hyperparameters& h);

}  // namespace millrace::image_classification
