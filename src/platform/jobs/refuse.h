#pragma once

#include "platform/aws/refuse.h"

namespace millrace::jobs {

using aws::refuse;
using aws::unsupported;

}  // namespace millrace::jobs
