#include "platform/proxy/audit_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/time.h"
#include "core/json/json.h"

namespace millrace::proxy {

AuditLog::AuditLog(const std::filesystem::path& file)
    : file_(::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)) {
  if (!file_) throw_errno("opening " + file.string());
}

void AuditLog::set_process(pid_t pid, std::string command) {
  pid_ = pid;
  command_ = std::move(command);
}

void AuditLog::record(const Attempt& attempt) const {
  Json line{{"Time", iso8601(now())},
            {"Process", {{"Pid", pid_}, {"Command", command_}}},
            {"Host", printable(attempt.host, 255)},
            {"Port", attempt.port},
            {"Verdict", attempt.refusal.empty() ? "served" : "refused"}};
  if (!attempt.refusal.empty()) line["Reason"] = attempt.refusal;
  const std::string text = to_text(line) + "\n";
  // One call, so that lines of several writers never mix.
  const ssize_t written = ::write(file_.get(), text.data(), text.size());
  if (written < 0) throw_errno("the attempt cannot be written to the audit log");
  if (static_cast<std::size_t>(written) != text.size())
    throw Error(Blame::Platform,
                "the attempt cannot be written to the audit log: the disk is full");
}

}  // namespace millrace::proxy
