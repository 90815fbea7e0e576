#include "core/contract/failure_reason.h"

#include "core/base/text.h"

namespace millrace {

std::string failure_reason(std::string_view failure_file, int exit_code) {
  constexpr std::string_view kCustomer = "ClientError:";
  const std::string code = "exit code: " + std::to_string(exit_code);
  // What lies behind the limit cannot show, and replacing bytes only makes a text longer.
  const std::string readable = valid_utf8(failure_file.substr(0, 2 * kMaxFailureReasonBytes));
  std::string_view text = trim(readable);
  std::string reason = "AlgorithmError: ";
  if (text.starts_with(kCustomer)) {
    reason = "ClientError: ";
    text = trim(text.substr(kCustomer.size()));
  }
  if (text.empty()) return reason + code;
  reason += cut_utf8(text, kMaxFailureReasonBytes - reason.size() - code.size() - 2);
  return reason + ", " + code;
}

std::string failure_reason(const Error& error) {
  const auto prefix = [&] {
    switch (error.blame()) {
      case Blame::Customer:
        return "ClientError: ";
      case Blame::Algorithm:
        return "AlgorithmError: ";
      case Blame::Platform:
        break;
    }
    return "InternalServerError: ";
  };
  return cut_failure_reason(prefix() + std::string(error.what()));
}

std::string cut_failure_reason(std::string_view reason) {
  return std::string(cut_utf8(reason, kMaxFailureReasonBytes));
}

}  // namespace millrace
