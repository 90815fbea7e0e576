#include "platform/runner/transform/data_log.h"

#include <utility>

#include "core/base/time.h"

namespace millrace::runner {

DataLog::DataLog(std::unique_ptr<Daemon> daemon, const std::string& group,
                 const std::string& stream, const Patience& patience)
    : daemon_(std::move(daemon)), lines_(group, stream), delivery_(patience) {}

DataLog::~DataLog() {
  while (delivery_.busy() || !lines_.empty()) {
    if (delivery_.busy()) wait_until(delivery_.next(), {});
    send();
  }
}

void DataLog::note(std::string_view line) {
  while (lines_.full()) {
    wait_until(delivery_.next(), {});
    send();
  }
  lines_.push(now(), line);
  if (LogDelivery::Clock::now() >= delivery_.next()) send();
}

void DataLog::send() {
  if (!delivery_.busy()) delivery_.begin(lines_.take_batch());
  delivery_.attempt(*daemon_);
}

}  // namespace millrace::runner
