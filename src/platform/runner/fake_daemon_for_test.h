#pragma once

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
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

  void add(const std::string& bucket, const std::string& key, const std::string& content,
           ObjectMetadata metadata = {}) {
    const std::lock_guard lock(mutex_);
    const std::string id = random_hex(8);
    Object object{.file = directory_ / "objects" / id,
                  .e_tag = "\"" + id + "\"",
                  .size = content.size(),
                  .metadata = std::move(metadata)};
    write_all(create_for_writing(object.file).get(), content);
    objects_[bucket + "/" + key] = object;
  }
  /// An object of `size` bytes that takes no room: zeros that the file system need not store.
  void add_sparse(const std::string& bucket, const std::string& key, std::int64_t size) {
    add(bucket, key, "");
    const std::lock_guard lock(mutex_);
    Object& object = objects_.at(bucket + "/" + key);
    std::filesystem::resize_file(object.file, static_cast<std::uintmax_t>(size));
    object.size = static_cast<std::size_t>(size);
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
  std::atomic<int> fail_next = 0;      ///< calls that fail as if nobody listened
  std::function<void()> after_locate;  ///< runs once
  std::int64_t breaks_after = 0;     ///< bytes of each stream before its connection breaks; 0: none
  std::function<void()> after_open;  ///< runs with every stream
  std::function<void()> after_stumble;  ///< runs with every call that fails
  std::atomic<int> opened = 0;          ///< streams
  bool refuse_logs = false;
  std::function<void()> on_logs;  ///< runs with every batch of log lines, before it is kept
  std::string missing_bucket;
  wire::control::GetJobTicketResponse orders;
  std::function<bool(const wire::control::ReportJobRequest&)> on_report;  ///< whether to stop
  std::optional<wire::control::JobOutcome> job_end;  ///< answer to a host that has ended
  std::optional<std::int64_t> interrupt_grace;       ///< of stops; absent: no interruption
  std::vector<wire::control::ReportJobRequest> reports;
  wire::control::GetServerTicketResponse server_orders;
  /// Whether to stop.
  std::function<bool(const wire::control::ReportServerRequest&)> on_server_report;
  std::vector<wire::control::ReportServerRequest> server_reports;
  wire::control::GetTransformTicketResponse transform_orders;
  /// Whether to stop.
  std::function<bool(const wire::control::ReportTransformRequest&)> on_transform_report;
  std::vector<wire::control::ReportTransformRequest> transform_reports;
  bool input_is_pinned = false;
  std::vector<std::string> transform_input;  ///< S3 URIs
  std::string transform_prefix;
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
    ObjectMetadata metadata;
  };

  /// Breaks like a connection where the file is shorter than the range, and after so many bytes.
  class Stream final : public ObjectStream {
   public:
    Stream(Fd file, const ObjectRange& range, std::int64_t breaks_after)
        : file_(std::move(file)),
          offset_(range.offset),
          end_(range.offset + range.length),
          breaks_at_(breaks_after > 0 ? range.offset + breaks_after : end_) {}
    std::size_t read(std::span<char> buffer) override {
      const auto wanted = std::min<std::int64_t>(static_cast<std::int64_t>(buffer.size()),
                                                 std::min(end_, breaks_at_) - offset_);
      const ssize_t got =
          ::pread(file_.get(), buffer.data(), static_cast<std::size_t>(wanted), offset_);
      if (got <= 0 && offset_ < end_)
        throw Error(Blame::Platform, "connection with the daemon: the body ended early");
      offset_ += got;
      return static_cast<std::size_t>(got);
    }
    [[nodiscard]] std::optional<int> raw() const override { return std::nullopt; }
    void took(std::size_t) override {}

   private:
    Fd file_;
    std::int64_t offset_;
    std::int64_t end_;
    std::int64_t breaks_at_;
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
      if (answer.stop_requested) answer.interrupt_grace_in_seconds = store_.interrupt_grace;
      if (request.host_ended) answer.job_end = store_.job_end;
      return answer;
    }

    wire::control::GetServerTicketResponse server_ticket(
        const wire::control::GetServerTicketRequest&) override {
      stumble();
      return store_.server_orders;
    }

    wire::control::ReportServerResponse report_server(
        const wire::control::ReportServerRequest& request) override {
      stumble();
      const std::lock_guard lock(store_.mutex_);
      store_.server_reports.push_back(request);
      return {.stop_requested = store_.on_server_report && store_.on_server_report(request)};
    }

    wire::control::GetTransformTicketResponse transform_ticket(
        const wire::control::GetTransformTicketRequest&) override {
      stumble();
      return store_.transform_orders;
    }

    wire::control::ReportTransformResponse report_transform(
        const wire::control::ReportTransformRequest& request) override {
      stumble();
      const std::lock_guard lock(store_.mutex_);
      store_.transform_reports.push_back(request);
      return {.stop_requested = store_.on_transform_report && store_.on_transform_report(request)};
    }

    wire::control::PinTransformInputResponse pin_transform_input(
        const wire::control::PinTransformInputRequest& request) override {
      stumble();
      const std::lock_guard lock(store_.mutex_);
      if (!store_.input_is_pinned) {
        for (const std::string& uri : request.objects) store_.transform_input.push_back(uri);
        store_.transform_prefix = request.name_prefix;
        store_.input_is_pinned = request.last;
      }
      return {.pinned = store_.input_is_pinned};
    }

    wire::control::GetTransformInputResponse transform_input(
        const wire::control::GetTransformInputRequest& request) override {
      stumble();
      const std::lock_guard lock(store_.mutex_);
      if (!store_.input_is_pinned) return {};
      const auto page = static_cast<std::size_t>(request.page);
      wire::control::GetTransformInputResponse answer{
          .pinned = true,
          .name_prefix = store_.transform_prefix,
          .is_truncated = page + 1 < store_.transform_input.size()};
      // A page of one is enough to find who does not ask for the next.
      if (page < store_.transform_input.size())
        answer.objects.push_back(store_.transform_input[page]);
      return answer;
    }

    void put_log_events(const wire::logs::PutLogEventsRequest& request) override {
      stumble();
      if (store_.on_logs) store_.on_logs();
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
        if (request.keys) {
          for (const std::string& key : std::set(request.keys->begin(), request.keys->end())) {
            const auto at = store_.objects_.find(request.bucket + "/" + key);
            if (at != store_.objects_.end()) page.objects.push_back(located(key, at->second));
          }
          return page;
        }
        const std::string from = request.bucket + "/" + request.prefix;
        for (auto at = store_.objects_.lower_bound(from);
             at != store_.objects_.end() && at->first.starts_with(from); ++at) {
          const std::string key = at->first.substr(request.bucket.size() + 1);
          if (request.start_after && key <= *request.start_after) continue;
          page.is_truncated = page.objects.size() == 1000;
          if (page.is_truncated) break;
          page.objects.push_back(located(key, at->second));
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

    std::unique_ptr<ObjectStream> open(const ObjectRange& range) override {
      stumble();
      Object object;
      std::int64_t breaks_after = 0;
      {
        const std::lock_guard lock(store_.mutex_);
        const auto found = store_.objects_.find(range.object.bucket + "/" + range.object.key);
        if (found == store_.objects_.end())
          throw Error(Blame::Customer, "NoSuchKey", "The specified key does not exist.");
        object = found->second;
        breaks_after = store_.breaks_after;
        ++store_.opened;
      }
      if (object.e_tag != range.e_tag)
        throw Error(Blame::Customer, "PreconditionFailed", "the object has changed");
      if (store_.after_open) store_.after_open();
      return std::make_unique<Stream>(open_for_reading(object.file), range, breaks_after);
    }

    void put(const ObjectName& object, std::string_view content,
             const ObjectMetadata& metadata) override {
      stumble();
      check_bucket(object);
      store_.add(object.bucket, object.key, std::string(content), metadata);
    }

    std::optional<ObjectMetadata> metadata_of(const ObjectName& object) override {
      stumble();
      const std::lock_guard lock(store_.mutex_);
      const auto found = store_.objects_.find(object.bucket + "/" + object.key);
      return found == store_.objects_.end() ? std::nullopt : std::optional(found->second.metadata);
    }

    void remove(const ObjectName& object) override {
      stumble();
      check_bucket(object);
      if (store_.has(object.bucket, object.key)) store_.remove(object.bucket, object.key);
    }

    Upload begin_upload(const ObjectName& object, const ObjectMetadata& metadata) override {
      stumble();
      check_bucket(object);
      Upload upload{.object = object, .id = random_hex(4)};
      const std::lock_guard lock(store_.mutex_);
      store_.upload_metadata_[upload.id] = metadata;
      return upload;
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
      ObjectMetadata metadata;
      {
        const std::lock_guard lock(store_.mutex_);
        metadata = store_.upload_metadata_[upload.id];
      }
      store_.add(upload.object.bucket, upload.object.key, whole, std::move(metadata));
    }

    void abort_upload(const Upload&) override {
      const std::lock_guard lock(store_.mutex_);
      ++store_.uploads_aborted;
    }

   private:
    [[nodiscard]] wire::control::ObjectLocation located(const std::string& key,
                                                        const Object& object) const {
      return {.key = key,
              .size = static_cast<std::int64_t>(object.size),
              .e_tag = object.e_tag,
              .path = store_.elsewhere ? std::nullopt
                                       : std::optional<std::string>(object.file.string())};
    }
    void stumble() {
      const std::lock_guard lock(store_.mutex_);
      if (store_.fail_next > 0) {
        --store_.fail_next;
        if (store_.after_stumble) store_.after_stumble();
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
  std::map<std::string, ObjectMetadata> upload_metadata_;
};

}  // namespace millrace::runner
