#include "trainer/tabular/tabular_channel.h"

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/data/recordio_protobuf.h"
#include "trainer/job/job.h"
#include "trainer/job/job_folder.h"
#include "trainer/job/served_fifos_for_test.h"

namespace millrace {
namespace {

const ChannelConfig kCsv{.name = "train", .content_type = "text/csv; label_size = 1"};

/// All labels of a pass, batch by batch.
std::vector<std::vector<float>> labels(TabularChannel& channel) {
  std::vector<std::vector<float>> batches;
  const auto pass = channel.open();
  while (const TabularBatch* batch = pass->next()) batches.push_back(batch->labels());
  return batches;
}

using Batches = std::vector<std::vector<float>>;

TEST(TabularChannel, BatchesRunOverTheEndsOfFiles) {
  JobFolder folder({});
  folder.add_channel(kCsv, {{"a", "1,0\n2,0\n3,0\n"}, {"b", "4,0\n5,0"}});
  Job job(folder.paths(), {});
  TabularChannel channel(*job.find_channel("train"), {.label_size = 1, .batch_rows = 2}, {});
  EXPECT_EQ(labels(channel), (Batches{{1, 2}, {3, 4}, {5}}));
  EXPECT_EQ(labels(channel), (Batches{{1, 2}, {3, 4}, {5}})) << "again";
}

TEST(TabularChannel, CountsTheRecordsOfEveryPassAndNotThoseThatAreGivenAgain) {
  JobFolder folder({});
  folder.add_channel(kCsv, {{"a", "1,0\n2,0\n3,0\n"}, {"b", "4,0\n5,0"}});
  Job job(folder.paths(), {});
  const Channel& train = *job.find_channel("train");
  EXPECT_EQ(peek_columns(train, 1), 1);
  EXPECT_EQ(train.counts->report(), ChannelReport{}) << "a look is no reading";
  TabularChannel channel(train, {.label_size = 1, .batch_rows = 2}, {});
  labels(channel);
  {
    const auto left_early = channel.open();
    left_early->keep();
    left_early->next();
    ASSERT_TRUE(left_early->rewind());
    left_early->next();
  }
  const ChannelReport report = train.counts->report();
  EXPECT_EQ(report.records, 7);
  EXPECT_EQ(report.passes, 1);
  EXPECT_EQ(report.records_per_pass, 5);
  EXPECT_GE(report.seconds_waited, 0);
  EXPECT_LE(report.seconds_waited, report.seconds);
}

TEST(TabularChannel, AHostCountsAllThatItReadsOfASharedChannel) {
  JobFolder folder({});
  folder.add_channel(kCsv, {{"a", "1,0\n2,0\n3,0\n4,0\n"}});
  Job job(folder.paths(), {});
  const Channel& train = *job.find_channel("train");
  TabularChannel channel(train, {.label_size = 1, .batch_rows = 1, .share = {.rank = 0, .size = 2}},
                         {});
  EXPECT_EQ(labels(channel), (Batches{{1}, {3}}));
  EXPECT_EQ(train.counts->report().records_per_pass, 4);
}

TEST(TabularChannel, EachPassOverAPipeIsAnEpoch) {
  JobFolder folder({});
  folder.add_channel({.name = "train", .input_mode = "Pipe", .content_type = "text/csv"}, {});
  const ServedFifos fifos(folder.paths(), "train", {"1,0\n2,0\n", "3,0\n4,0\n"});
  Job job(folder.paths(), {});
  TabularChannel channel(*job.find_channel("train"), {.label_size = 1, .batch_rows = 9}, {});
  {
    const auto left_early = channel.open();
    EXPECT_EQ(left_early->next()->labels()[0], 1);
  }
  EXPECT_EQ(labels(channel), (Batches{{3, 4}}));
}

TEST(TabularChannel, KeptBatchesComeOnceMoreBeforeTheOthers) {
  JobFolder folder({});
  folder.add_channel(kCsv, {{"a", "1,0\n2,0\n3,0\n4,0\n5,0\n6,0\n7,0\n"}});
  Job job(folder.paths(), {});
  TabularChannel channel(*job.find_channel("train"), {.label_size = 1, .batch_rows = 1}, {});
  for (const int looked_at : {0, 1, 5, 8}) {
    const auto pass = channel.open();
    pass->keep();
    for (int i = 0; i < looked_at; ++i) pass->next();
    ASSERT_TRUE(pass->rewind());
    std::vector<float> all;
    while (const TabularBatch* batch = pass->next()) all.push_back(batch->labels()[0]);
    EXPECT_EQ(all, (std::vector<float>{1, 2, 3, 4, 5, 6, 7})) << looked_at;
  }
}

TEST(TabularChannel, MoreThanMayBeKeptIsReadAnew) {
  JobFolder folder({});
  const std::string row = "1" + [] {
    std::string zeros;
    for (int i = 0; i < 1'000'000; ++i) zeros += ",0";
    return zeros;
  }() + "\n";
  std::string rows;
  for (int i = 0; i < 70; ++i) rows += row;
  folder.add_channel(kCsv, {{"a", rows}});
  Job job(folder.paths(), {});
  TabularChannel channel(*job.find_channel("train"), {.label_size = 1, .batch_rows = 1}, {});
  const auto pass = channel.open();
  pass->keep();
  std::int64_t read = 0;
  while (pass->next() != nullptr) ++read;
  EXPECT_EQ(read, 70) << "it goes on without keeping";
  EXPECT_FALSE(pass->rewind());
}

TEST(TabularChannel, TheHostsBatchesTogetherAreOneBatchOfASingleHost) {
  JobFolder folder({});
  folder.add_channel(kCsv, {{"a", "1,0\n2,0\n3,0\n4,0\n5,0\n6,0\n7,0\n"}});
  Job job(folder.paths(), {});
  const auto of_host = [&](std::int64_t rank) {
    TabularChannel channel(*job.find_channel("train"),
                           {.label_size = 1, .batch_rows = 2, .share = {.rank = rank, .size = 2}},
                           {});
    return labels(channel);
  };
  EXPECT_EQ(of_host(0), (Batches{{1, 2}, {5}}));
  EXPECT_EQ(of_host(1), (Batches{{3, 4}, {6, 7}}));
}

TEST(TabularChannel, AShardIsNotSharedAgain) {
  JobFolder folder({});
  ChannelConfig sharded = kCsv;
  sharded.distribution = "ShardedByS3Key";
  folder.add_channel(sharded, {{"a", "1,0\n2,0\n"}});
  Job job(folder.paths(), {});
  TabularChannel channel(*job.find_channel("train"),
                         {.label_size = 1, .batch_rows = 2, .share = {.rank = 1, .size = 2}}, {});
  EXPECT_EQ(labels(channel), (Batches{{1, 2}}));
}

std::string protobuf(std::int64_t width, bool sparse) {
  StringSink sink;
  RecordIoProtobufWriter writer(sink);
  for (int i = 0; i < 5; ++i) {
    Row row{.labels = {static_cast<float>(i)}, .sparse = sparse, .columns = width};
    if (sparse) {
      row.indices = {i, width - 1};
      row.values = {1, 2};
    } else {
      row.values.assign(static_cast<std::size_t>(width), 1);
    }
    writer.write(row);
  }
  return sink.text();
}

TEST(TabularChannel, WideSparseRecordsStaySparseAndNarrowOnesBecomeDense) {
  for (const std::int64_t width : {20L, 3'000'000L}) {
    JobFolder folder({});
    folder.add_channel({.name = "train"}, {{"a", protobuf(width, true)}});
    Job job(folder.paths(), {});
    TabularChannel channel(*job.find_channel("train"), {.label_size = 1, .batch_rows = 3}, {});
    const auto pass = channel.open();
    const TabularBatch* const first = pass->next();
    ASSERT_NE(first, nullptr);
    EXPECT_EQ(first->is_sparse, width > 20);
    EXPECT_EQ(first->columns(), width);
    EXPECT_EQ(first->rows(), 3);
    EXPECT_EQ(first->row(2).labels, std::vector<float>{2});
    if (first->is_sparse) {
      EXPECT_EQ(first->row(2).indices, (std::vector<std::int64_t>{2, width - 1}));
    }
    const TabularBatch* const second = pass->next();
    ASSERT_NE(second, nullptr);
    EXPECT_EQ(second->rows(), 2);
    EXPECT_EQ(second->first_row, 3);
  }
}

TEST(TabularChannel, ARowIsFoundInItsFileAndLine) {
  JobFolder folder({});
  folder.add_channel(kCsv, {{"a.csv", "1,0\n\n2,0\n"}, {"b.csv", "\n3,0\r\n \n4,0"}});
  Job job(folder.paths(), {});
  TabularChannel channel(*job.find_channel("train"), {.label_size = 1, .batch_rows = 3}, {});
  EXPECT_EQ(labels(channel), (Batches{{1, 2, 3}, {4}}));
  EXPECT_EQ(channel.place_of(0), "channel 'train', a.csv, line 1");
  EXPECT_EQ(channel.place_of(1), "channel 'train', a.csv, line 3");
  EXPECT_EQ(channel.place_of(2), "channel 'train', b.csv, line 2");
  EXPECT_EQ(channel.place_of(3), "channel 'train', b.csv, line 4");
}

TEST(TabularChannel, ARowOfAPipeIsFoundInItsEpochAndLine) {
  JobFolder folder({});
  folder.add_channel({.name = "train", .input_mode = "Pipe", .content_type = "text/csv"}, {});
  const ServedFifos fifos(folder.paths(), "train", {"9,0\n", "1,0\n\n \n2,0\n3,0\n"});
  Job job(folder.paths(), {});
  TabularChannel channel(*job.find_channel("train"), {.label_size = 1, .batch_rows = 2}, {});
  EXPECT_EQ(labels(channel), (Batches{{9}}));
  EXPECT_EQ(labels(channel), (Batches{{1, 2}, {3}}));
  EXPECT_EQ(channel.place_of(0), "channel 'train', epoch 1, line 1");
  EXPECT_EQ(channel.place_of(1), "channel 'train', epoch 1, line 4");
  EXPECT_EQ(channel.place_of(2), "channel 'train', epoch 1, line 5");
}

TEST(TabularChannel, ARowOfAShareIsFoundWhereTheWholeChannelHasIt) {
  JobFolder folder({});
  folder.add_channel(kCsv, {{"a.csv", "1,0\n2,0\n3,0\n"}, {"b.csv", "4,0\n5,0\n6,0\n"}});
  Job job(folder.paths(), {});
  TabularChannel channel(*job.find_channel("train"),
                         {.label_size = 1, .batch_rows = 2, .share = {.rank = 1, .size = 2}}, {});
  const auto pass = channel.open();
  const TabularBatch* batch = pass->next();
  ASSERT_EQ(batch->labels(), (std::vector<float>{3, 4}));
  EXPECT_EQ(channel.place_of(batch->first_row), "channel 'train', a.csv, line 3");
  EXPECT_EQ(channel.place_of(batch->first_row + 1), "channel 'train', b.csv, line 1");
  batch = pass->next();
  ASSERT_EQ(batch->labels(), (std::vector<float>{6}));
  EXPECT_EQ(channel.place_of(batch->first_row), "channel 'train', b.csv, line 3");
}

TEST(TabularChannel, ARecordIsFoundInItsFile) {
  for (const std::int64_t width : {20L, 3'000'000L}) {
    JobFolder folder({});
    folder.add_channel({.name = "train"},
                       {{"a", protobuf(width, true)}, {"b", protobuf(width, true)}});
    Job job(folder.paths(), {});
    TabularChannel channel(*job.find_channel("train"), {.label_size = 1, .batch_rows = 4}, {});
    EXPECT_EQ(labels(channel).size(), 3U);
    EXPECT_EQ(channel.place_of(0), "channel 'train', a, record 0");
    EXPECT_EQ(channel.place_of(4), "channel 'train', a, record 4");
    EXPECT_EQ(channel.place_of(5), "channel 'train', b, record 0");
    EXPECT_EQ(channel.place_of(9), "channel 'train', b, record 4");
  }
}

TEST(TabularChannel, FailuresComeInTheirPlaceBehindTheBatchesBeforeThem) {
  JobFolder folder({});
  folder.add_channel(kCsv, {{"a.csv", "1,0\n2,0\n3,x\n"}});
  Job job(folder.paths(), {});
  TabularChannel channel(*job.find_channel("train"), {.label_size = 1, .batch_rows = 1}, {});
  const auto pass = channel.open();
  EXPECT_NE(pass->next(), nullptr);
  EXPECT_NE(pass->next(), nullptr);
  EXPECT_THROW(pass->next(), Error);
}

TEST(TabularChannel, AStopEndsAPassEvenWhereNobodyWrites) {
  JobFolder folder({});
  folder.add_channel({.name = "train", .input_mode = "Pipe", .content_type = "text/csv"}, {});
  Job job(folder.paths(), {});
  std::stop_source stop;
  TabularChannel channel(*job.find_channel("train"), {.label_size = 1}, stop.get_token());
  const auto pass = channel.open();
  std::thread later([&] { stop.request_stop(); });
  EXPECT_EQ(pass->next(), nullptr);
  later.join();
}

std::string refusal(const std::string& content_type, std::int64_t label_size) {
  JobFolder folder({});
  folder.add_channel({.name = "train", .content_type = content_type}, {{"a", "1,0\n"}});
  Job job(folder.paths(), {});
  try {
    const TabularChannel channel(*job.find_channel("train"), {.label_size = label_size}, {});
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    return error.what();
  }
  return "accepted";
}

TEST(TabularChannel, ContentTypesOfOtherDataAreRefused) {
  EXPECT_EQ(refusal("text/csv", 1), "accepted");
  EXPECT_EQ(refusal("text/csv;label_size=0", 0), "accepted");
  EXPECT_NE(refusal("text/csv;label_size=0", 1).find("label_size=1"), std::string::npos);
  EXPECT_NE(refusal("text/csv;label_size=1", 0).find("label_size=0"), std::string::npos);
  EXPECT_NE(
      refusal("application/x-recordio", 1).find("text/csv or application/x-recordio-protobuf"),
      std::string::npos);
}

}  // namespace
}  // namespace millrace
