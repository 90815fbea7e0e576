#pragma once

#include <string_view>

#include "platform/aws/shape.h"

namespace millrace::aws {

/// Whether a header of this name is the checksum of the object that the operation is about, not of the document that it
/// sends: of CompleteMultipartUpload.
bool names_object_checksum(const Operation& operation, std::string_view header);

}  // namespace millrace::aws
