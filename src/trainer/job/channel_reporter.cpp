#include "trainer/job/channel_reporter.h"

#include <condition_variable>
#include <fstream>
#include <mutex>
#include <system_error>
#include <utility>

namespace millrace {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kInterval{1};

/// Whole at any moment, for a reader at any moment; what a power cut leaves nobody reads.
void replace_file(const fs::path& path, const std::string& text) {
  const fs::path next = path.string() + ".next";
  std::error_code failure;
  fs::create_directories(path.parent_path(), failure);
  {
    std::ofstream file(next, std::ios::binary | std::ios::trunc);
    file << text;
    if (!file.flush()) return;
  }
  fs::rename(next, path, failure);
}

}  // namespace

ChannelReporter::ChannelReporter(const Job& job)
    : job_(job), thread_([this](const std::stop_token& stop) {
        std::mutex mutex;
        std::condition_variable_any stopped;
        std::unique_lock lock(mutex);
        for (bool last = false; !last;) {
          stopped.wait_for(lock, stop, kInterval, [] { return false; });
          last = stop.stop_requested();  // before the counts are read
          write();
        }
      }) {}

ChannelReporter::~ChannelReporter() = default;

void ChannelReporter::write() {
  ChannelReports reports;
  for (const auto& [name, channel] : job_.channels()) {
    ChannelReport report = channel.counts->report();
    if (report != ChannelReport{}) reports.emplace(name, std::move(report));
  }
  if (reports == written_) return;
  replace_file(job_.paths().channel_report(), channel_reports_json(reports));
  written_ = std::move(reports);
}

}  // namespace millrace
