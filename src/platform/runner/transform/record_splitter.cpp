#include "platform/runner/transform/record_splitter.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/data/csv_line.h"
#include "core/data/line_reader.h"
#include "core/data/recordio.h"
#include "generated/aws/sagemaker/types.h"
#include "platform/runner/transform/tfrecord.h"

namespace millrace::runner {
namespace {

using wire::sagemaker::SplitType;

class WholeObject final : public RecordSplitter {
 public:
  WholeObject(ByteSource& source, std::string origin, std::size_t max_record_bytes)
      : source_(source), origin_(std::move(origin)), max_record_bytes_(max_record_bytes) {}

  const InputRecord* next() override {
    if (delivered_) return nullptr;
    delivered_ = true;
    content_ = beginning();
    if (content_.size() > max_record_bytes_) {
      throw Error(Blame::Customer,
                  origin_ + ": it has more than the " + human_bytes(max_record_bytes_) +
                      " of one request. Split it into records with SplitType, or raise "
                      "MaxPayloadInMB.");
    }
    record_ = {.bare = content_, .framed = content_};
    return content_.empty() ? nullptr : &record_;
  }
  [[nodiscard]] std::int64_t number() const override { return 0; }
  [[nodiscard]] const char* noun() const override { return ""; }

 private:
  /// One byte more than allowed tells that there are more.
  std::string beginning() {
    constexpr std::size_t kBlockBytes = std::size_t{256} * 1024;
    std::string text;
    for (;;) {
      const std::size_t before = text.size();
      text.resize(std::min(max_record_bytes_ + 1, before + kBlockBytes));
      const std::size_t got = read_full(source_, std::span(text).subspan(before));
      text.resize(before + got);
      if (got == 0 || text.size() > max_record_bytes_) return text;
    }
  }

  ByteSource& source_;
  const std::string origin_;
  const std::size_t max_record_bytes_;
  std::string content_;
  InputRecord record_;
  bool delivered_ = false;
};

class Lines final : public RecordSplitter {
 public:
  Lines(ByteSource& source, std::string origin, std::size_t max_record_bytes)
      : lines_(source, std::move(origin), max_record_bytes) {}

  const InputRecord* next() override {
    while (const std::string_view* line = lines_.next()) {
      if (is_blank(*line)) continue;
      record_ = {.bare = *line, .framed = *line};
      return &record_;
    }
    return nullptr;
  }
  [[nodiscard]] std::int64_t number() const override { return lines_.line(); }
  [[nodiscard]] const char* noun() const override { return "line"; }
  [[nodiscard]] std::string_view separator() const override { return "\n"; }

 private:
  LineReader lines_;
  InputRecord record_;
};

class RecordIoRecords final : public RecordSplitter {
 public:
  RecordIoRecords(ByteSource& source, std::string origin, std::size_t max_record_bytes)
      : reader_(source, std::move(origin), max_record_bytes) {}

  const InputRecord* next() override {
    const std::string_view* payload = reader_.next();
    if (payload == nullptr) return nullptr;
    StringSink framed;
    RecordIoWriter(framed).write(*payload);
    framed_ = framed.text();
    record_ = {.bare = *payload, .framed = framed_};
    return &record_;
  }
  [[nodiscard]] std::int64_t number() const override { return reader_.records() - 1; }
  [[nodiscard]] const char* noun() const override { return "record"; }

 private:
  RecordIoReader reader_;
  std::string framed_;
  InputRecord record_;
};

class TfRecords final : public RecordSplitter {
 public:
  TfRecords(ByteSource& source, std::string origin, std::size_t max_record_bytes)
      : reader_(source, std::move(origin), max_record_bytes) {}

  const InputRecord* next() override {
    const TfRecordReader::Found* found = reader_.next();
    if (found == nullptr) return nullptr;
    record_ = {.bare = found->data, .framed = found->framed};
    return &record_;
  }
  [[nodiscard]] std::int64_t number() const override { return reader_.records() - 1; }
  [[nodiscard]] const char* noun() const override { return "record"; }

 private:
  TfRecordReader reader_;
  InputRecord record_;
};

}  // namespace

std::unique_ptr<RecordSplitter> split_records(std::string_view split_type, ByteSource& source,
                                              const std::string& origin,
                                              std::size_t max_record_bytes) {
  if (split_type == SplitType::None)
    return std::make_unique<WholeObject>(source, origin, max_record_bytes);
  if (split_type == SplitType::Line)
    return std::make_unique<Lines>(source, origin, max_record_bytes);
  if (split_type == SplitType::RecordIO)
    return std::make_unique<RecordIoRecords>(source, origin, max_record_bytes);
  if (split_type == SplitType::TFRecord)
    return std::make_unique<TfRecords>(source, origin, max_record_bytes);
  throw Error(Blame::Platform, "there is no splitter for SplitType " + std::string(split_type));
}

}  // namespace millrace::runner
