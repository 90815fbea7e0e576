#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace millrace {

/// DescribeTrainingJob's FailureReason and the failure file have this limit, in bytes of UTF-8.
constexpr std::size_t kMaxFailureReasonBytes = 1024;

/// "AlgorithmError: <text of /opt/ml/output/failure>, exit code: N", at most kMaxFailureReasonBytes
/// in all, cut in the text on a character boundary; bytes that are not UTF-8 become U+FFFD. An
/// empty text leaves "AlgorithmError: exit code: N". A text that itself begins with "ClientError:"
/// keeps that word instead: the program blames its input.
std::string failure_reason(std::string_view failure_file, int exit_code);

/// The reason of a job that `error` has ended: its message behind "ClientError: ",
/// "AlgorithmError: " or "InternalServerError: ", by who has to act, cut to the limit.
std::string failure_reason(const Error& error);

/// `reason` cut to the limit on a character boundary.
std::string cut_failure_reason(std::string_view reason);

}  // namespace millrace
