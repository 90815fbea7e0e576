#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

/// Who has to act. Decides the HTTP status, the prefix of a job's FailureReason and whether trying again can help.
enum class Blame {
  Customer,   ///< the request, the hyperparameters or the data: the same input fails again
  Algorithm,  ///< training code failed on input that had been accepted
  Platform,   ///< Millrace itself, the disk or the network: a retry may succeed
};

/// One thing that is wrong, told so that the reader can put it right without opening our source.
struct Problem {
  std::string where;     ///< "hyperparameter 'epochs'", "channel 'train', b.csv, line 812, column 4"
  std::string given;     ///< the offending value as received; empty means it was missing
  std::string expected;  ///< "a whole number from 1 to 1000000"
  std::string fix;       ///< one imperative sentence, or empty
};

/// `where: got "given", expected expected. fix`; `given` is cut at 60 bytes and control characters are escaped.
std::string describe(const Problem& problem);

/// The one exception type of the code base. Where it ends is invariant 5 of ARCHITECTURE.md; elsewhere it is only handed on.
/// Absence is not an error: look-ups return std::optional.
///
/// A message never holds a secret, nor a path outside the job's own directory.
class Error : public std::exception {
 public:
  Error(Blame blame, std::string message);
  Error(Blame blame, const Problem& problem);
  /// Several problems found in one pass, reported together, joined by "; ".
  Error(Blame blame, const std::vector<Problem>& problems);
  /// `code` is the name a wire protocol shows, such as "NoSuchKey" or "ResourceInUse".
  Error(Blame blame, std::string code, std::string message);

  [[nodiscard]] Blame blame() const noexcept { return blame_; }
  /// Empty where the thrower knows no protocol; dispatch then derives one from blame().
  [[nodiscard]] const std::string& code() const noexcept { return code_; }
  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

 private:
  Blame blame_;
  std::string code_;
  std::string message_;
};

/// Error(Platform) "<what>: <strerror(errno)>"; reads errno at the call.
[[noreturn]] void throw_errno(std::string_view what);

/// The failure's text if it is an Error or a std::exception.
std::string message_of(const std::exception_ptr& failure);

}  // namespace millrace
