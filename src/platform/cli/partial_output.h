#pragma once

#include "core/io/partial_output.h"

namespace millrace::cli {

using millrace::PartialOutput;

}  // namespace millrace::cli
