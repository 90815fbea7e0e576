#include "core/base/error.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/base/text.h"

namespace millrace {
namespace {

constexpr std::size_t kMaxGivenBytes = 60;

std::string join_problems(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    if (!text.empty()) text += "; ";
    text += describe(problem);
  }
  return text;
}

}  // namespace

std::string describe(const Problem& problem) {
  // Origins are file names, which come from wherever the files do: a terminal must not obey them.
  std::string text = printable(problem.where, std::string::npos) + ": ";
  if (!problem.given.empty()) text += "got \"" + printable(problem.given, kMaxGivenBytes) + "\", ";
  text += "expected " + problem.expected + ".";
  if (!problem.fix.empty()) text += " " + problem.fix;
  return text;
}

Error::Error(Blame blame, std::string message) : blame_(blame), message_(std::move(message)) {}
Error::Error(Blame blame, const Problem& problem) : Error(blame, describe(problem)) {}
Error::Error(Blame blame, const std::vector<Problem>& problems) : Error(blame, join_problems(problems)) {}
Error::Error(Blame blame, std::string code, std::string message)
    : blame_(blame), code_(std::move(code)), message_(std::move(message)) {}

void throw_errno(std::string_view what) {
  const int number = errno;
  throw Error(Blame::Platform, std::string(what) + ": " + std::strerror(number));
}

std::string message_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "unknown failure";
  }
}

}  // namespace millrace
