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

/// Whether the weights that the operator supplies are where training begins: use_pretrained_model
/// asks for them, and no channel `model` goes before.
bool starts_pretrained(const Job& job, const Hyperparameters& h);

/// Those weights: the file image-classification/resnet-<num_layers>.params of
/// ContractPaths::pretrained(), an NDArray list with the arrays of ResNet v2 as MXNet's model zoo
/// names them, trained on whatever number of classes. Its last layer fits no job's classes but by
/// chance and is not to be used.
///
/// Throws Error(Customer) saying where the file belongs when there is none, and naming file and
/// place of what is damaged or is not of this network.
SavedModel pretrained_model(const Job& job, const Hyperparameters& h);

}  // namespace millrace::image_classification
