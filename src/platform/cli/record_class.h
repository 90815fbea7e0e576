#pragma once

#include <cstdint>
#include <string>

#include "core/data/image_record.h"

namespace millrace::cli {

/// The label of a record as the name of a folder. Throws Error(Customer) "<place>: ..." for a
/// record of several labels and for a label that is no whole number from 0 to
/// lists::kMaxClassId.
std::int64_t class_of(const ImageRecord& record, const std::string& place);

}  // namespace millrace::cli
