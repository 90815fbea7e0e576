#pragma once

#include <array>
#include <string_view>

#include "trainer/job/algorithm.h"

namespace millrace::image_classification {

const Algorithm& algorithm();

inline constexpr std::string_view kTrainChannel = "train";
inline constexpr std::string_view kValidationChannel = "validation";
/// An earlier job's model.tar.gz, from which training goes on.
inline constexpr std::string_view kModelChannel = "model";
/// Of the channel that lists the images of another: train_lst, validation_lst.
inline constexpr std::string_view kListSuffix = "_lst";

inline constexpr std::string_view kModelType = "application/x-sagemaker-model";
inline constexpr std::string_view kRecordType = "application/x-recordio";
inline constexpr std::array<std::string_view, 3> kImageTypes{"application/x-image", "image/jpeg",
                                                             "image/png"};

}  // namespace millrace::image_classification
