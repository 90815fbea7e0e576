#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/byte_source.h"
#include "generated/aws/control/types.h"
#include "generated/aws/logs/types.h"

namespace millrace::runner {

/// An object's place in the store.
struct ObjectName {
  std::string bucket;
  std::string key;

  [[nodiscard]] std::string uri() const { return "s3://" + bucket + "/" + key; }
};

/// "s3://bucket/a/b" is {"bucket", "a/b"}. Throws Error(Customer) naming `what` when the text is no
/// such URI.
ObjectName parse_s3_uri(std::string_view uri, std::string_view what);

/// Part of one version of an object.
struct ObjectRange {
  ObjectName object;
  std::string e_tag;  ///< the version; another one is refused
  std::int64_t offset = 0;
  std::int64_t length = 0;
};

/// The bytes of a range on their way.
class ObjectStream : public ByteSource {
 public:
  /// The socket whose next bytes are the stream's, so that the kernel can move them; nullopt when
  /// they have to be read(). took() must be told what was moved.
  [[nodiscard]] virtual std::optional<int> raw() const = 0;
  virtual void took(std::size_t bytes) = 0;
};

/// What an object's owner stores beside it, by name.
using ObjectMetadata = std::map<std::string, std::string>;

/// A multipart upload that has begun.
struct Upload {
  ObjectName object;
  std::string id;
};

/// All that a supervisor asks of the daemon, over one connection; one thread at a time. What the
/// daemon refuses is Error(Customer) with its code; a daemon that cannot be reached or fails is
/// Error(Platform), and trying again may help.
class Daemon {
 public:
  virtual ~Daemon() = default;

  virtual wire::control::GetJobTicketResponse ticket(
      const wire::control::GetJobTicketRequest& request) = 0;
  virtual wire::control::ReportJobResponse report(
      const wire::control::ReportJobRequest& request) = 0;
  virtual void put_log_events(const wire::logs::PutLogEventsRequest& request) = 0;

  virtual wire::control::LocateObjectsResponse locate(
      const wire::control::LocateObjectsRequest& request) = 0;
  /// Adds to the counters of a file system, once for each CountId.
  virtual void count_fetches(const wire::control::CountFileSystemFetchesRequest& request) = 0;
  /// Asks for a range of at least one byte. The stream lives until the next call at most.
  virtual std::unique_ptr<ObjectStream> open(const ObjectRange& range) = 0;
  /// Writes exactly range.length bytes.
  void get(const ObjectRange& range, ByteSink& sink);
  virtual void put(const ObjectName& object, std::string_view content,
                   const ObjectMetadata& metadata) = 0;
  /// Of an object; nullopt when it is not there.
  virtual std::optional<ObjectMetadata> metadata_of(const ObjectName& object) = 0;
  /// An object that is not there is no failure.
  virtual void remove(const ObjectName& object) = 0;
  virtual Upload begin_upload(const ObjectName& object, const ObjectMetadata& metadata) = 0;
  /// Parts are numbered from 1; returns the part's ETag.
  virtual std::string upload_part(const Upload& upload, std::int64_t number,
                                  std::string_view content) = 0;
  virtual void complete_upload(const Upload& upload, const std::vector<std::string>& e_tags) = 0;
  virtual void abort_upload(const Upload& upload) = 0;

  virtual wire::control::GetServerTicketResponse server_ticket(
      const wire::control::GetServerTicketRequest& request) = 0;
  virtual wire::control::ReportServerResponse report_server(
      const wire::control::ReportServerRequest& request) = 0;

  virtual wire::control::GetTransformTicketResponse transform_ticket(
      const wire::control::GetTransformTicketRequest& request) = 0;
  virtual wire::control::ReportTransformResponse report_transform(
      const wire::control::ReportTransformRequest& request) = 0;
  virtual wire::control::PinTransformInputResponse pin_transform_input(
      const wire::control::PinTransformInputRequest& request) = 0;
  virtual wire::control::GetTransformInputResponse transform_input(
      const wire::control::GetTransformInputRequest& request) = 0;
};

/// Makes one more connection; threads that work at the same time have one each.
using ConnectDaemon = std::function<std::unique_ptr<Daemon>()>;

}  // namespace millrace::runner
