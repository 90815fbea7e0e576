#include "platform/fleet/fleet.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <optional>
#include <utility>

#include "core/base/error.h"
#include "platform/fleet/fleet_loop.h"
#include "platform/records/instance_queue.h"

namespace millrace::fleet {
namespace {

using records::Connection;
using records::QueueRow;
using records::QueueTable;

}  // namespace

Fleet::Fleet(records::Database& database, Options options)
    : database_(database),
      options_(std::move(options)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!wake_) throw_errno("creating an event descriptor");
}

Fleet::~Fleet() {
  stop();
}

void Fleet::enqueue(Connection& transaction, const InstanceRequest& request) {
  QueueTable(transaction)
      .insert({.account = request.account,
               .job = request.workload,
               .region = request.region,
               .role_arn = request.role_arn,
               .user = request.user,
               .hosts = request.hosts,
               .cpus = request.demand.cpus,
               .memory_bytes = request.demand.memory_bytes,
               .expires_at = request.expires_at});
}

bool Fleet::withdraw(Connection& transaction, const std::string& account,
                     const std::string& workload) {
  return QueueTable(transaction).withdraw(account, workload);
}

bool Fleet::has_instances(Connection& connection, const std::string& account,
                          const std::string& workload) {
  const std::optional<QueueRow> row = QueueTable(connection).find(account, workload);
  return row && row->leased;
}

void Fleet::set_deadline(Connection& transaction, const std::string& account,
                         const std::string& workload, Time at) {
  QueueTable(transaction).set_deadline(account, workload, at);
}

void Fleet::wake() {
  const std::uint64_t one = 1;
  // The counter can only be full when it is already set, which is all that is wanted.
  static_cast<void>(::write(wake_.get(), &one, sizeof one) == sizeof one);
}

std::optional<std::int64_t> Fleet::lease_number(Connection& connection, const std::string& account,
                                                const std::string& job) const {
  const std::optional<QueueRow> row = QueueTable(connection).find(account, job);
  if (!row) return std::nullopt;
  // FNV-1a: the same whatever build of the daemon asks, as a job may outlive one.
  std::uint32_t start = 2166136261U;
  for (const char c : options_.data_dir.native())
    start = (start ^ static_cast<unsigned char>(c)) * 16777619U;
  return std::int64_t{start} + row->id;
}

void Fleet::heard_from(const std::string& workload, const std::string& host,
                       std::optional<std::int64_t> pid) {
  const bool is_new = heard_.with([&](auto& all) {
    Heard& heard = all[Loop::key_of(workload, host)];
    heard.at = std::chrono::steady_clock::now();
    if (!pid || heard.pid == pid) return false;
    heard.pid = pid;
    return true;
  });
  if (is_new) wake();
}

void Fleet::start(HandlersByKind handlers) {
  thread_ =
      std::jthread([this, handlers = std::move(handlers)](const std::stop_token& stop) mutable {
        Loop(*this, std::move(handlers)).run(stop);
      });
}

void Fleet::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  wake();
  thread_.join();
}

}  // namespace millrace::fleet
