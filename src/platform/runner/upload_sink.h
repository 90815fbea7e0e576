#pragma once

#include <string>
#include <vector>

#include "core/io/byte_source.h"
#include "platform/runner/daemon.h"
#include "platform/runner/retry.h"

namespace millrace::runner {

/// Streams into one object of unknown size: a single PutObject when everything fits one part, else
/// a multipart upload. Parts are 16 MiB and grow, so that the 10,000 that S3 allows are enough for
/// 880 GB; one part is in memory at a time and is sent again while the daemon cannot be reached.
/// finish() makes the object appear; without it, nothing does.
class UploadSink final : public ByteSink {
 public:
  /// References must outlive the sink.
  UploadSink(Daemon& daemon, ObjectName object, const Patience& patience,
             ObjectMetadata metadata = {});
  UploadSink(const UploadSink&) = delete;
  UploadSink& operator=(const UploadSink&) = delete;
  /// Aborts a multipart upload that was not finished.
  ~UploadSink() override;

  void write(std::span<const char> bytes) override;
  void finish();

 private:
  [[nodiscard]] std::size_t part_bytes() const;
  void send_part();

  Daemon& daemon_;
  const ObjectName object_;
  const Patience& patience_;
  const ObjectMetadata metadata_;
  std::string part_;
  Upload upload_;
  std::vector<std::string> e_tags_;
  bool finished_ = false;
};

}  // namespace millrace::runner
