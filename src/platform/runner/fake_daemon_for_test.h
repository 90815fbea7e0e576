#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/io/file.h"
#include "platform/runner/daemon.h"

namespace millrace::runner {

/// A daemon for the runner's tests: objects are files of a temporary directory, everything said to
/// it is kept. All connections share one state; members may be set before and read after the code
/// under test has run.
class FakeStore {
 public:
  FakeStore() { std::filesystem::create_directories(directory_ / "objects"); }
  FakeStore(const FakeStore&) = delete;
  FakeStore& operator=(const FakeStore&) = delete;
  ~FakeStore() { std::filesystem::remove_all(directory_); }

  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }
  [[nodiscard]] std::filesystem::path path(const std::string& bucket, const std::string& key) {
    const std::lock_guard lock(mutex_);
    return objects_.at(bucket + "/" + key).file;
  }
  [[nodiscard]] bool has(const std::string& bucket, const std::string& key) {
    const std::lock_guard lock(mutex_);
    return objects_.contains(bucket + "/" + key);
  }

  void add(const std::string& bucket, const std::string& key, const std::string& content) {
    const std::lock_guard lock(mutex_);
    const std::string id = random_hex(8);
    Object object{
        .file = directory_ / "objects" / id, .e_tag = "\"" + id + "\"", .size = content.size()};
    write_all(create_for_writing(object.file).get(), content);
    objects_[bucket + "/" + key] = object;
  }
  void remove(const std::string& bucket, const std::string& key) {
    const std::lock_guard lock(mutex_);
    std::filesystem::remove(objects_.at(bucket + "/" + key).file);
    objects_.erase(bucket + "/" + key);
  }

  void recover() {
    const std::lock_guard lock(mutex_);
    fail_next = 0;
  }

  [[nodiscard]] ConnectDaemon connector() {
    return [this] { return std::make_unique<Connection>(*this); };
  }

  bool elsewhere = false;              ///< the store's files cannot be reached as files
  int fail_next = 0;                   ///< calls that fail as if nobody listened
  std::function<void()> after_locate;  ///< runs once
  bool refuse_logs = false;
  std::string missing_bucket;
  wire::control::GetJobTicketResponse orders;
  std::function<bool(const wire::control::ReportJobRequest&)> on_report;  ///< whether to stop
  std::optional<wire::control::JobOutcome> job_end;  ///< answer to a host that has ended
  std::vector<wire::control::ReportJobRequest> reports;
  std::vector<wire::logs::InputLogEvent> events;
  std::vector<wire::control::CountFileSystemFetchesRequest> fetch_counts;
  std::vector<std::size_t> batch_sizes;
  int uploads_aborted = 0;
  int parts_uploaded = 0;

 private:
  struct Object {
    std::filesystem::path file;
    std::string e_tag;
    std::size_t size = 0;
  };

  class Connection final : public Daemon {
   public:
    explicit Connection(FakeStore& store) : store_(store) {}

    wire::control::GetJobTicketResponse ticket(const wire::control::GetJobTicketRequest&) override {
      stumble();
      return store_.orders;
    }

    wire::control::ReportJobResponse report(
        const wire::control::ReportJobRequest& request) override {
      stumble();
      const std::lock_guard lock(store_.mutex_);
      store_.reports.push_back(request);
      wire::control::ReportJobResponse answer{.stop_requested =
                                                  store_.on_report && store_.on_report(request)};
      if (request.host_ended) answer.job_end = store_.job_end;
      return answer;
    }

    void put_log_events(const wire::logs::PutLogEventsRequest& request) override {
      stumble();
      const std::lock_guard lock(store_.mutex_);
      if (store_.refuse_logs) throw Error(Blame::Customer, "InvalidParameterException", "refused");
      store_.batch_sizes.push_back(request.log_events.size());
      store_.events.insert(store_.events.end(), request.log_events.begin(),
                           request.log_events.end());
    }

    wire::control::LocateObjectsResponse locate(
        const wire::control::LocateObjectsRequest& request) override {
      stumble();
      wire::control::LocateObjectsResponse page;
      {
        const std::lock_guard lock(store_.mutex_);
        const std::string from = request.bucket + "/" + request.prefix;
        for (auto at = store_.objects_.lower_bound(from);
             at != store_.objects_.end() && at->first.starts_with(from); ++at) {
          const std::string key = at->first.substr(request.bucket.size() + 1);
          if (request.start_after && key <= *request.start_after) continue;
          page.is_truncated = page.objects.size() == 1000;
          if (page.is_truncated) break;
          page.objects.push_back(
              {.key = key,
               .size = static_cast<std::int64_t>(at->second.size),
               .e_tag = at->second.e_tag,
               .path = store_.elsewhere ? std::nullopt
                                        : std::optional<std::string>(at->second.file.string())});
        }
      }
      if (store_.after_locate) std::exchange(store_.after_locate, nullptr)();
      return page;
    }

    void count_fetches(const wire::control::CountFileSystemFetchesRequest& request) override {
      stumble();
      const std::lock_guard lock(store_.mutex_);
      store_.fetch_counts.push_back(request);
    }

    void get(const ObjectRange& range, ByteSink& sink) override {
      stumble();
      Object object;
      {
        const std::lock_guard lock(store_.mutex_);
        const auto found = store_.objects_.find(range.object.bucket + "/" + range.object.key);
        if (found == store_.objects_.end())
          throw Error(Blame::Customer, "NoSuchKey", "The specified key does not exist.");
        object = found->second;
      }
      if (object.e_tag != range.e_tag)
        throw Error(Blame::Customer, "PreconditionFailed", "the object has changed");
      const std::string content = read_file(object.file);
      sink.write({content.data() + range.offset, static_cast<std::size_t>(range.length)});
    }

    void put(const ObjectName& object, std::string_view content) override {
      stumble();
      check_bucket(object);
      store_.add(object.bucket, object.key, std::string(content));
    }

    Upload begin_upload(const ObjectName& object) override {
      stumble();
      check_bucket(object);
      return {.object = object, .id = random_hex(4)};
    }

    std::string upload_part(const Upload& upload, std::int64_t number,
                            std::string_view content) override {
      stumble();
      const std::lock_guard lock(store_.mutex_);
      ++store_.parts_uploaded;
      store_.parts_[upload.id + "/" + std::to_string(number)] = content;
      return "etag-" + std::to_string(number);
    }

    void complete_upload(const Upload& upload, const std::vector<std::string>& e_tags) override {
      stumble();
      std::string whole;
      {
        const std::lock_guard lock(store_.mutex_);
        for (std::size_t number = 1; number <= e_tags.size(); ++number) {
          whole += store_.parts_.at(upload.id + "/" + std::to_string(number));
        }
      }
      store_.add(upload.object.bucket, upload.object.key, whole);
    }

    void abort_upload(const Upload&) override {
      const std::lock_guard lock(store_.mutex_);
      ++store_.uploads_aborted;
    }

   private:
    void stumble() {
      const std::lock_guard lock(store_.mutex_);
      if (store_.fail_next > 0) {
        --store_.fail_next;
        throw Error(Blame::Platform, "connecting to the daemon: Connection refused");
      }
    }
    void check_bucket(const ObjectName& object) {
      if (object.bucket == store_.missing_bucket) {
        throw Error(Blame::Customer, "NoSuchBucket", "The specified bucket does not exist");
      }
    }

    FakeStore& store_;
  };

  const std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("fake_store_" + random_hex(6));
  std::mutex mutex_;
  std::map<std::string, Object> objects_;
  std::map<std::string, std::string> parts_;
};

}  // namespace millrace::runner
