#include "core/data/recordio_protobuf.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <limits>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/data/little_endian.h"
#include "core/data/protobuf_wire.h"
#include "core/io/file.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;

std::string bytes_field(std::uint32_t number, std::string_view content) {
  std::string out;
  append_bytes_field(out, number, content);
  return out;
}

std::string packed(const std::vector<std::uint64_t>& varints) {
  std::string out;
  for (const std::uint64_t value : varints) append_varint(out, value);
  return out;
}

std::string floats(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

/// features["values"] or label["values"] (field 1 or 2) with a tensor message of the given type.
std::string entry(std::uint32_t field, std::uint32_t type, std::string_view tensor,
                  std::string_view name = "values") {
  return bytes_field(field, bytes_field(1, name) + bytes_field(2, bytes_field(type, tensor)));
}

constexpr std::uint32_t kFeatures = 1, kLabel = 2, kFloat32 = 2, kFloat64 = 3, kInt32 = 7,
                        kBytes = 9;

std::string dense(const std::vector<float>& values) {
  return entry(kFeatures, kFloat32, bytes_field(1, floats(values)));
}

std::string sparse(const std::vector<float>& values, const std::vector<std::uint64_t>& keys,
                   const std::vector<std::uint64_t>& shape) {
  std::string tensor = bytes_field(1, floats(values)) + bytes_field(2, packed(keys));
  if (!shape.empty()) tensor += bytes_field(3, packed(shape));
  return entry(kFeatures, kFloat32, tensor);
}

std::string label(float value) {
  return entry(kLabel, kFloat32, bytes_field(1, floats({value})));
}

std::string file_of(const std::vector<std::string>& messages) {
  StringSink sink;
  RecordIoWriter writer(sink);
  for (const std::string& message : messages) writer.write(message);
  return sink.text();
}

std::vector<Row> rows_of(std::string_view file, RecordIoProtobufOptions options = {}) {
  MemorySource source(file);
  RecordIoProtobufReader reader(source, "a.pbr", options);
  std::vector<Row> rows;
  for (Row row; reader.read(row);) rows.push_back(row);
  return rows;
}

std::string refusal(const std::vector<std::string>& messages,
                    RecordIoProtobufOptions options = {}) {
  try {
    (void)rows_of(file_of(messages), options);
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    return error.what();
  }
  return "accepted";
}

TEST(RecordIoProtobuf, DenseRecordsBecomeADenseBatch) {
  const std::string file =
      file_of({dense({1, 2}) + label(7), label(8) + dense({3, 4}), dense({5, 6}) + label(9)});
  MemorySource source(file);
  RecordIoProtobufReader reader(source, "a.pbr", {});
  DenseBatch batch;
  ASSERT_TRUE(reader.read(batch, 2));
  EXPECT_EQ(batch.rows, 2);
  EXPECT_EQ(batch.columns, 2);
  EXPECT_EQ(batch.label_columns, 1);
  EXPECT_EQ(batch.features, (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(batch.labels, (std::vector<float>{7, 8}));
  ASSERT_TRUE(reader.read(batch, 2));
  EXPECT_EQ(batch.features, (std::vector<float>{5, 6}));
  EXPECT_FALSE(reader.read(batch, 2));
  EXPECT_EQ(reader.records(), 3);
}

TEST(RecordIoProtobuf, SparseAndDenseRecordsMixInABatchOfEitherForm) {
  // "keys[i] is the flat position of values[i], row-major over shape"
  const std::string file = file_of(
      {sparse({5, 6}, {7, 2}, {2, 4}), dense({0, 1, 0, 0, 0, 0, 0, 2}), sparse({}, {}, {8})});
  MemorySource source(file);
  SparseBatch batch;
  ASSERT_TRUE(RecordIoProtobufReader(source, "a.pbr", {}).read(batch, 10));
  EXPECT_EQ(batch.columns, 8);
  EXPECT_EQ(batch.row_starts, (std::vector<std::int64_t>{0, 2, 4, 4}));
  EXPECT_EQ(batch.indices, (std::vector<std::int64_t>{2, 7, 1, 7}));
  EXPECT_EQ(batch.values, (std::vector<float>{6, 5, 1, 2}));

  MemorySource again(file);
  DenseBatch whole;
  ASSERT_TRUE(RecordIoProtobufReader(again, "a.pbr", {}).read(whole, 10));
  EXPECT_EQ(whole.features, (std::vector<float>{0, 0, 6, 0, 0, 0, 0, 5,  //
                                                0, 1, 0, 0, 0, 0, 0, 2,  //
                                                0, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(RecordIoProtobuf, AllThreeNumberTypesReadAndRoundingIsCounted) {
  const double numbers[] = {0.5, 0.1, 1e300 * 0};
  const std::string doubles(reinterpret_cast<const char*>(numbers), sizeof numbers);
  const std::string file =
      file_of({entry(kFeatures, kFloat64, bytes_field(1, doubles)),
               entry(kFeatures, kInt32,
                     bytes_field(1, packed({static_cast<std::uint64_t>(-3), 4, 16'777'217})))});
  MemorySource source(file);
  RecordIoProtobufReader reader(source, "a.pbr", {});
  DenseBatch batch;
  ASSERT_TRUE(reader.read(batch, 10));
  EXPECT_EQ(batch.features, (std::vector<float>{0.5f, 0.1f, 0, -3, 4, 16'777'216}));
  EXPECT_EQ(reader.narrowed(), 2);  // 0.1 and 16,777,217
}

TEST(RecordIoProtobuf, UnpackedAndPackedElementsMixAndUnknownFieldsArePassedOver) {
  // "Parsers must accept unpacked encoding of the packed fields, unknown fields, and entries in any
  // order"
  const std::string tensor = "\x0d" + floats({1}) + bytes_field(1, floats({2, 3})) + "\x0d" +
                             floats({4}) + bytes_field(99, "x");
  const std::string unknown =
      std::string("\x78\x05") + "\xa3\x06\x08\x01\xa4\x06";  // a number, and a group
  const auto rows = rows_of(file_of({unknown + label(1) + entry(kFeatures, kFloat32, tensor)}));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].values, (std::vector<float>{1, 2, 3, 4}));
}

TEST(RecordIoProtobuf, TheLastOfSeveralEntriesOfOneNameWins) {
  EXPECT_EQ(rows_of(file_of({dense({1}) + dense({2, 3})})).at(0).values,
            (std::vector<float>{2, 3}));
}

TEST(RecordIoProtobuf, MessagesTellUidMetadataConfigurationAndBytes) {
  const std::string picture = bytes_field(1, "jpeg") + bytes_field(2, "image/jpeg");
  const std::string file =
      file_of({entry(kFeatures, kBytes, picture, "image") + bytes_field(3, "u") +
               bytes_field(4, "m") + bytes_field(5, "{}")});
  MemorySource source(file);
  RecordIoProtobufReader reader(source, "a.pbr", {});
  const RecordMessage* message = reader.next();
  ASSERT_NE(message, nullptr);
  EXPECT_EQ(message->uid, "u");
  EXPECT_EQ(message->metadata, "m");
  EXPECT_EQ(message->configuration, "{}");
  const Tensor* image = find_tensor(message->features, "image");
  ASSERT_NE(image, nullptr);
  EXPECT_EQ(image->strings, std::vector<std::string_view>{"jpeg"});
  EXPECT_EQ(image->content_type, "image/jpeg");
}

TEST(RecordIoProtobuf, ARecordWithTheMagicInItReadsSplitAndUnsplit) {
  float magic;
  std::memcpy(&magic, &kRecordMagic, sizeof magic);
  const std::string message = dense({1, magic, 2});
  const std::string split = file_of({message});
  std::string unsplit;
  append_little(unsplit, kRecordMagic);
  append_little(unsplit, static_cast<std::uint32_t>(message.size()));
  unsplit += message + std::string((4 - message.size() % 4) % 4, '\0');
  ASSERT_NE(split, unsplit);
  for (const std::string& file : {split, unsplit})
    EXPECT_EQ(rows_of(file).at(0).values, (std::vector<float>{1, magic, 2}));
}

TEST(RecordIoProtobuf, ARecordThatAWriterCutAnywhereReadsWithoutTheMagicsBetween) {
  const std::string message = dense({1, 2, 3});
  std::string file;
  const auto chunk = [&](std::uint32_t flag, std::string_view part) {
    append_little(file, kRecordMagic);
    append_little(file, flag << 29 | static_cast<std::uint32_t>(part.size()));
    file += part;
    file.append((4 - part.size() % 4) % 4, '\0');
  };
  chunk(1, message.substr(0, 5));
  chunk(2, message.substr(5, 8));
  chunk(3, message.substr(13));
  EXPECT_EQ(rows_of(file).at(0).values, (std::vector<float>{1, 2, 3}));
}

TEST(RecordIoProtobuf, WhatIsWrittenHasTheBytesThatTheSageMakerSdkWrites) {
  StringSink sink;
  RecordIoProtobufWriter writer(sink);
  writer.write({.labels = {2}, .sparse = false, .columns = 1, .indices = {}, .values = {1}});
  EXPECT_EQ(to_hex(sink.text()),
            "0a23d7ce28000000"
            "0a120a0676616c756573120812060a040000803f"
            "12120a0676616c756573120812060a0400000040");
}

TEST(RecordIoProtobuf, RowsSurviveBeingWritten) {
  const std::vector<Row> rows{
      {.labels = {1, 2}, .sparse = false, .columns = 3, .indices = {}, .values = {1, 0, 3}},
      {.labels = {3, 4}, .sparse = true, .columns = 3, .indices = {0, 2}, .values = {7, 8}},
      {.labels = {5, 6}, .sparse = true, .columns = 3, .indices = {}, .values = {}}};
  StringSink sink;
  RecordIoProtobufWriter writer(sink);
  for (const Row& row : rows) writer.write(row);
  const auto back = rows_of(sink.text());
  ASSERT_EQ(back.size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(back[i].labels, rows[i].labels);
    EXPECT_EQ(back[i].sparse, rows[i].sparse);
    EXPECT_EQ(back[i].columns, rows[i].columns);
    EXPECT_EQ(back[i].indices, rows[i].indices);
    EXPECT_EQ(back[i].values, rows[i].values);
  }
}

TEST(RecordIoProtobuf, SeveralFilesAreOneStreamAndMessagesNameTheFile) {
  const std::vector<std::string> files{file_of({dense({1, 2})}), "", file_of({dense({3})})};
  std::size_t at = 0;
  RecordIoProtobufReader reader(
      [&]() -> std::optional<NamedSource> {
        if (at == files.size()) return std::nullopt;
        const std::string name = "part-" + std::to_string(at);
        return NamedSource{.name = name, .source = std::make_unique<MemorySource>(files[at++])};
      },
      {});
  Row row;
  ASSERT_TRUE(reader.read(row));
  try {
    reader.read(row);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(
        error.what(),
        "part-2, record 0, byte 0: got \"1 features\", expected 2. Give every record the same "
        "features; a sparse one says their number in its shape.");
  }
}

TEST(RecordIoProtobuf, RefusalsNameRecordAndByteAndSayWhatToDo) {
  EXPECT_EQ(refusal({dense({1}), "\x0a\x05xy"}),
            "a.pbr, record 1, byte 38: got \"a field that runs past the end\", expected a protobuf "
            "message aialgs.data.Record. Write the records with the SageMaker Python SDK or "
            "'millrace data convert'.");
  EXPECT_EQ(refusal({entry(kFeatures, kFloat32, bytes_field(1, floats({1})), "value")}),
            "a.pbr, record 0, byte 0: got \"value\", expected a feature named 'values'. Write the "
            "records with the SageMaker Python SDK or 'millrace data convert'.");
  EXPECT_EQ(
      refusal({sparse({1}, {3}, {})}),
      "a.pbr, record 0, byte 0: got \"keys without a shape\", expected a shape: sparse records "
      "must say their width. Set the shape to the number of features, in every record.");
  EXPECT_EQ(refusal({dense({1, std::numeric_limits<float>::quiet_NaN()})}),
            "a.pbr, record 0, byte 0: got \"nan\", expected a finite float32 as number 1 of the "
            "features. Leave the record out or put a number in its place.");
}

TEST(RecordIoProtobuf, WhatNoRowCanHoldIsRefused) {
  EXPECT_NE(refusal({sparse({1}, {3}, {3})}), "accepted");        // key beyond the shape
  EXPECT_NE(refusal({sparse({1, 2}, {1, 1}, {3})}), "accepted");  // key twice
  EXPECT_NE(refusal({sparse({1, 2}, {1}, {3})}), "accepted");     // more values than keys
  EXPECT_NE(refusal({sparse({}, {}, {std::uint64_t{1} << 63})}), "accepted");
  EXPECT_NE(refusal({sparse({}, {}, {1ull << 40, 1ull << 40})}), "accepted");
  EXPECT_NE(refusal({""}), "accepted");  // no features
  EXPECT_NE(refusal({entry(kFeatures, kBytes, bytes_field(1, "x"))}), "accepted");
  EXPECT_NE(refusal({dense({1}) + label(1), dense({1})}),
            "accepted");  // the second lacks its label
  EXPECT_NE(refusal({dense({1})}, {.label_size = 1, .columns = {}}), "accepted");
  EXPECT_EQ(refusal({dense({1}), dense({2}) + label(1)}, {.label_size = 0, .columns = {}}),
            "accepted");
}

TEST(RecordIoProtobuf, AShapeOfBillionsIsNotMadeDense) {
  const std::string file = file_of({sparse({1}, {3}, {1ull << 40})});
  MemorySource source(file);
  RecordIoProtobufReader reader(source, "a.pbr", {});
  DenseBatch batch;
  EXPECT_THROW(reader.read(batch, 1), Error);
}

TEST(RecordIoProtobuf, AKnownWidthReplacesTheShape) {
  const auto rows = rows_of(file_of({sparse({1}, {3}, {})}), {.label_size = {}, .columns = 5});
  EXPECT_EQ(rows.at(0).columns, 5);
}

/// The folder of files that other tools wrote; it lies beside the repository and not in it.
fs::path foreign(const char* name) {
  for (fs::path at = fs::current_path(); at.has_relative_path(); at = at.parent_path()) {
    if (fs::exists(at / "ARCHITECTURE.md")) return at.parent_path() / "shared/data/recordio" / name;
  }
  return {};
}

TEST(RecordIoProtobuf, FilesOfXgboostAndMlIoHoldWhatTheirMakersSay) {
  if (!fs::exists(foreign("xgb-train.pb"))) GTEST_SKIP() << "../shared/data is absent";
  const auto dense_rows = rows_of(read_file(foreign("xgb-train.pb")));
  ASSERT_EQ(dense_rows.size(), 5u);
  EXPECT_EQ(dense_rows[0].values, (std::vector<float>{1, 0, 0, 0, 0}));
  const auto diagonal = rows_of(read_file(foreign("xgb-sparse_edge_cases-diagonal.pbr")));
  ASSERT_EQ(diagonal.size(), 3u);
  for (std::int64_t i = 0; i < 3; ++i) {
    EXPECT_EQ(diagonal[static_cast<std::size_t>(i)].indices, std::vector<std::int64_t>{i});
    EXPECT_EQ(diagonal[static_cast<std::size_t>(i)].columns, 3);
  }
  const auto split = rows_of(read_file(foreign("mlio-split_records.pr")));
  const auto whole = rows_of(read_file(foreign("mlio-complete_records.pr")));
  ASSERT_EQ(split.size(), whole.size());
  for (std::size_t i = 0; i < whole.size(); ++i) EXPECT_EQ(split[i].values, whole[i].values);
  EXPECT_THROW((void)rows_of(read_file(foreign("mlio-corrupted_split_records.pr"))), Error);
}

}  // namespace
}  // namespace millrace
