#include "platform/runner/upload_sink.h"

#include <algorithm>
#include <iostream>

#include "core/base/error.h"

namespace millrace::runner {
namespace {
constexpr std::size_t kPartBytes = 16 << 20;
constexpr std::size_t kPartsOfOneSize = 1000;
}  // namespace

UploadSink::UploadSink(Daemon& daemon, ObjectName object, const Patience& patience,
                       ObjectMetadata metadata)
    : daemon_(daemon),
      object_(std::move(object)),
      patience_(patience),
      metadata_(std::move(metadata)) {}

UploadSink::~UploadSink() {
  if (finished_ || upload_.id.empty()) return;
  try {
    daemon_.abort_upload(upload_);
  } catch (const Error& error) {
    std::cerr << "event=upload_not_aborted object=" << object_.uri() << " reason=\"" << error.what()
              << "\"\n";
  }
}

std::size_t UploadSink::part_bytes() const {
  return kPartBytes * (1 + e_tags_.size() / kPartsOfOneSize);
}

void UploadSink::write(std::span<const char> bytes) {
  while (!bytes.empty()) {
    const std::size_t room = std::min(bytes.size(), part_bytes() - part_.size());
    part_.append(bytes.data(), room);
    bytes = bytes.subspan(room);
    if (part_.size() == part_bytes()) send_part();
  }
}

void UploadSink::send_part() {
  if (upload_.id.empty()) {
    upload_ = with_retry(patience_, {}, [&] { return daemon_.begin_upload(object_, metadata_); });
  }
  const auto number = static_cast<std::int64_t>(e_tags_.size()) + 1;
  e_tags_.push_back(
      with_retry(patience_, {}, [&] { return daemon_.upload_part(upload_, number, part_); }));
  part_.clear();
}

void UploadSink::finish() {
  if (upload_.id.empty()) {
    with_retry(patience_, {}, [&] { daemon_.put(object_, part_, metadata_); });
  } else {
    if (!part_.empty()) send_part();
    with_retry(patience_, {}, [&] { daemon_.complete_upload(upload_, e_tags_); });
  }
  finished_ = true;
}

}  // namespace millrace::runner
