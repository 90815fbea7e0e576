#include "platform/runner/transform/mini_batches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/data/recordio.h"
#include "platform/runner/transform/tfrecord.h"

namespace millrace::runner {
namespace {

using testing::ElementsAre;

struct Case {
  const char* split = "Line";
  bool many = true;
  std::size_t max_payload = 0;
  const DataProcessing* processing = nullptr;
};

/// "payload @ place" of every request, or what was refused.
std::vector<std::string> requests(std::string_view object, const Case& of) {
  MemorySource source(object);
  std::vector<std::string> all;
  try {
    const auto records = split_records(of.split, source, "s3://b/k");
    MiniBatches batches(*records, of.processing, {.many = of.many, .max_payload = of.max_payload},
                        "s3://b/k");
    while (const auto batch = batches.next()) all.push_back(batch->payload + " @ " + batch->place);
  } catch (const Error& error) {
    all.emplace_back(error.what());
  }
  return all;
}

std::string recordio(const std::vector<std::string>& payloads) {
  StringSink sink;
  RecordIoWriter writer(sink);
  for (const std::string& payload : payloads) writer.write(payload);
  return sink.text();
}

TEST(MiniBatches, LinesAreSentOneAtATimeWithoutTheirEnds) {
  EXPECT_THAT(requests("1,2\r\n\n3,4\n", {.many = false}),
              ElementsAre("1,2 @ s3://b/k, line 1", "3,4 @ s3://b/k, line 3"));
}

TEST(MiniBatches, AsManyLinesAsFitAreSentTogether) {
  EXPECT_THAT(requests("aa\nbb\ncc\ndd", {.max_payload = 5}),
              ElementsAre("aa\nbb @ s3://b/k, lines 1 to 2", "cc\ndd @ s3://b/k, lines 3 to 4"));
  EXPECT_THAT(requests("aa\nbb\ncc\ndd", {.max_payload = 7}),
              ElementsAre("aa\nbb @ s3://b/k, lines 1 to 2", "cc\ndd @ s3://b/k, lines 3 to 4"));
  EXPECT_THAT(requests("aa\nbb\ncc\ndd", {.max_payload = 8}),
              ElementsAre("aa\nbb\ncc @ s3://b/k, lines 1 to 3", "dd @ s3://b/k, line 4"));
}

TEST(MiniBatches, ALineLargerThanARequestIsRefusedWithItsNumber) {
  const auto all = requests("aa\nbbbbbb\n", {.max_payload = 5});
  EXPECT_EQ(all.back().find("s3://b/k, line 2: its 6 bytes are more than a request may have"), 0U)
      << all.back();
}

TEST(MiniBatches, AnUnsplitObjectIsOneRequestAndAnEmptyOneIsNone) {
  EXPECT_THAT(requests("a\nb\n", {.split = "None"}), ElementsAre("a\nb\n @ s3://b/k"));
  EXPECT_THAT(requests("", {.split = "None"}), ElementsAre());
  EXPECT_THAT(requests("", {}), ElementsAre());
}

TEST(MiniBatches, RecordIoIsSentBareAloneAndWithItsFramesTogether) {
  const std::string file = recordio({"ab", "cde", "f"});
  EXPECT_THAT(
      requests(file, {.split = "RecordIO", .many = false}),
      ElementsAre("ab @ s3://b/k, record 0", "cde @ s3://b/k, record 1", "f @ s3://b/k, record 2"));
  EXPECT_THAT(requests(file, {.split = "RecordIO", .max_payload = 24}),
              ElementsAre(recordio({"ab", "cde"}) + " @ s3://b/k, records 0 to 1",
                          recordio({"f"}) + " @ s3://b/k, record 2"));
}

TEST(MiniBatches, TfRecordIsSentBareAloneAndWithItsChecksumsTogether) {
  const std::string file = tfrecord_framed("ab") + tfrecord_framed("c");
  EXPECT_THAT(requests(file, {.split = "TFRecord", .many = false}),
              ElementsAre("ab @ s3://b/k, record 0", "c @ s3://b/k, record 1"));
  EXPECT_THAT(requests(file, {.split = "TFRecord"}),
              ElementsAre(file + " @ s3://b/k, records 0 to 1"));
}

TEST(MiniBatches, TheModelIsSentWhatTheInputFilterLeaves) {
  const DataProcessing csv({.format = DataFormat::Csv, .input_filter = "$[1:]"});
  EXPECT_THAT(requests("id1,2,3\nid2,4,5\n", {.processing = &csv}),
              ElementsAre("2,3\n4,5 @ s3://b/k, lines 1 to 2"));
  EXPECT_THAT(requests("id1,2,3\n\nid2,4,5\n", {.split = "None", .processing = &csv}),
              ElementsAre("2,3\n4,5 @ s3://b/k"));
  const DataProcessing json({.format = DataFormat::JsonDocument, .input_filter = "$.x"});
  EXPECT_THAT(requests("{\"x\": [1, 2]}\n{\"y\": 1}", {.many = false, .processing = &json}),
              ElementsAre("[1,2] @ s3://b/k, line 1",
                          "s3://b/k, line 2: there is no member 'x', which $.x selects"));
}

}  // namespace
}  // namespace millrace::runner
