#include "platform/identity/audit_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <stop_token>

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/io/file.h"
#include "core/json/json.h"

namespace millrace::identity {
namespace {

constexpr std::array<std::string_view, 4> kUninteresting{
    "millrace:ReportJob", "millrace:CountFileSystemFetches", "millrace:ReportServer",
    "logs:PutLogEvents"};

bool is_uninteresting(const std::vector<aws::ResourceAccess>& accesses) {
  return accesses.size() == 1 && std::find(kUninteresting.begin(), kUninteresting.end(),
                                           accesses.front().action) != kUninteresting.end();
}

std::string line_of(const aws::AuditEntry& entry) {
  Json line = Json::object();
  line["time"] = iso8601(entry.at);
  line["account"] = entry.caller.account;
  line["arn"] = entry.caller.arn;
  line["access_key"] = entry.caller.access_key;
  if (!entry.caller.user.empty()) line["user"] = entry.caller.user;
  if (!entry.caller.job.empty()) line["job"] = entry.caller.job;
  Json actions = Json::array();
  for (const aws::ResourceAccess& access : entry.accesses)
    actions.push_back(Json{{"action", access.action}, {"resource", access.resource}});
  line["actions"] = std::move(actions);
  line["peer"] = entry.peer;
  line["request_id"] = entry.request_id;
  line["status"] = entry.status;
  if (!entry.error.empty()) line["error"] = entry.error;
  // A name that is no UTF-8 must not keep its line out of the log.
  return line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

AuditLog::AuditLog(std::filesystem::path directory) : directory_(std::move(directory)) {
  std::filesystem::create_directories(directory_);
  std::filesystem::permissions(directory_, std::filesystem::perms::owner_all);
  syncer_ = std::jthread([this](const std::stop_token& end) {
    std::mutex mutex;
    std::condition_variable_any changed;
    while (!end.stop_requested()) {
      std::unique_lock lock(mutex);
      changed.wait_for(lock, end, std::chrono::seconds(1), [] { return false; });
      sync();
    }
  });
}

AuditLog::~AuditLog() {
  syncer_ = {};
  sync();
}

void AuditLog::record(const aws::AuditEntry& entry) noexcept {
  try {
    if (is_uninteresting(entry.accesses)) return;
    // The line is made before the lock: many requests end at once.
    const std::string line = line_of(entry);
    day_.with([&](Day& day) { write(day, entry.at, line); });
  } catch (const std::exception& error) {
    log_event("audit-failed", {{"request_id", entry.request_id}, {"message", error.what()}});
  }
}

void AuditLog::write(Day& day, Time at, std::string_view line) {
  const std::string date = iso8601(at).substr(0, 10);
  if (date != day.date) {
    if (day.written) ::fdatasync(day.file.get());
    const std::filesystem::path path = directory_ / (date + ".jsonl");
    Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!file) throw_errno("opening " + path.string());
    sync_directory(directory_);  // once a day, and then the file is there after a power cut
    day = {.date = date, .file = std::move(file), .written = false};
  }
  write_all(day.file.get(), line);
  day.written = true;
}

void AuditLog::sync() {
  // On a descriptor of its own, so that no request waits for the disk.
  const Fd file = day_.with([](Day& day) {
    if (!day.written) return Fd();
    day.written = false;
    return Fd(::fcntl(day.file.get(), F_DUPFD_CLOEXEC, 0));
  });
  if (file) ::fdatasync(file.get());
}

}  // namespace millrace::identity
