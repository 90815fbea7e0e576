#pragma once

#include <string>

namespace millrace::aws {

/// Who signed a request and for which region; every operation gets one.
struct Caller {
  std::string account;     ///< twelve digits
  std::string access_key;  ///< empty for an anonymous request
  std::string arn;         ///< arn:aws:sts::<account>:assumed-role/<role>/<session>
  std::string region;      ///< of the credential scope; goes into ARNs
  std::string job;         ///< set for the keys of one job's supervisor or container: the job they are limited to
  std::string user{};      ///< whose policies bind this key, in lower case; empty: none do
  bool supervisor = false; ///< with `job`: its supervisor's key, not its container's
};

}  // namespace millrace::aws
