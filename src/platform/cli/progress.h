#pragma once

#include "core/io/progress.h"

namespace millrace::cli {

using millrace::Progress;
using millrace::ProgressSource;

}  // namespace millrace::cli
