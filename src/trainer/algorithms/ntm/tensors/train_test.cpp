#include <gtest/gtest.h>
#include <regex.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <sstream>
#include <thread>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/data/recordio_protobuf.h"
#include "trainer/algorithms/ntm/algorithm.h"
#include "trainer/algorithms/ntm/tensors/tensor_algorithm.h"
#include "trainer/algorithms/ntm/topic_model.h"
#include "trainer/algorithms/ntm/topics.h"
#include "trainer/job/job_folder.h"
#include "trainer/job/served_fifos_for_test.h"
#include "trainer/learn/hosts_for_test.h"

namespace millrace::ntm {
namespace {

using Settings = std::map<std::string, std::string>;
using Files = std::map<std::string, std::string>;

constexpr std::int64_t kSubjects = 4;
constexpr std::int64_t kWordsOfSubject = 10;
constexpr std::int64_t kWords = kSubjects * kWordsOfSubject;

const ChannelConfig kCsvTrain{.name = "train", .content_type = "text/csv"};

/// A document of one subject: three in four of its 30 words are that subject's, which are the words
/// from subject * 10 on, and of those the first come more often.
std::vector<float> document(std::int64_t number) {
  std::mt19937_64 random(static_cast<std::uint64_t>(number));
  std::vector<float> counts(kWords);
  const std::int64_t subject = number % kSubjects;
  for (int i = 0; i < 30; ++i) {
    const auto draw = static_cast<std::int64_t>(random() % 1000);
    const std::int64_t word = random() % 4 == 0
                                  ? draw % kWords
                                  : subject * kWordsOfSubject + draw % (1 + draw % kWordsOfSubject);
    ++counts[static_cast<std::size_t>(word)];
  }
  return counts;
}

std::string line(const std::vector<float>& counts) {
  std::string text;
  for (const float count : counts)
    text += (text.empty() ? "" : ",") + number_text(static_cast<double>(count));
  return text + "\n";
}

std::string lines(std::int64_t begin, std::int64_t end) {
  std::string text;
  for (std::int64_t number = begin; number < end; ++number) text += line(document(number));
  return text;
}

std::string protobuf(std::int64_t begin, std::int64_t end, bool sparse, std::int64_t width) {
  StringSink sink;
  RecordIoProtobufWriter writer(sink);
  for (std::int64_t number = begin; number < end; ++number) {
    const std::vector<float> counts = document(number);
    Row row{.sparse = sparse, .columns = width};
    for (std::size_t word = 0; word < counts.size(); ++word) {
      if (sparse && counts[word] == 0) continue;
      if (sparse) row.indices.push_back(static_cast<std::int64_t>(word));
      row.values.push_back(counts[word]);
    }
    writer.write(row);
  }
  return sink.text();
}

const Settings kSettings{{"feature_dim", std::to_string(kWords)},
                         {"num_topics", std::to_string(kSubjects)},
                         {"mini_batch_size", "50"},
                         {"optimizer", "adam"},
                         {"epochs", "20"}};

Settings with(Settings settings, const Settings& changes) {
  for (const auto& [name, value] : changes) settings[name] = value;
  return settings;
}

void run(const JobFolder& folder, std::stop_token stop = {}) {
  Job job(folder.paths(), std::move(stop));
  algorithm().check(job);
  train(job);
}

std::string logged(const JobFolder& folder) {
  testing::internal::CaptureStdout();
  run(folder);
  return testing::internal::GetCapturedStdout();
}

TopicModel model_of(const JobFolder& folder) {
  return read_model(folder.paths().model());
}

std::string bytes_of(const JobFolder& folder) {
  return read_file(folder.paths().model() / kModelFile);
}

/// Of 200 documents that were not trained on, the part whose strongest topic is the one that most
/// documents of their subject have, while no two subjects share it.
double agreement(const TopicModel& model) {
  TabularBatch batch;
  batch.clear(false);
  for (std::int64_t number = 5000; number < 5200; ++number)
    batch.append({.columns = kWords, .values = document(number)});
  const std::vector<float> weights = model.topic_weights(batch);
  std::vector<std::vector<int>> votes(kSubjects, std::vector<int>(kSubjects));
  for (std::int64_t d = 0; d < 200; ++d) {
    const auto begin = weights.begin() + d * kSubjects;
    ++votes[static_cast<std::size_t>(d % kSubjects)]
           [static_cast<std::size_t>(std::max_element(begin, begin + kSubjects) - begin)];
  }
  std::vector<bool> taken(kSubjects);
  int right = 0;
  for (const auto& of : votes) {
    const auto best = static_cast<std::size_t>(std::max_element(of.begin(), of.end()) - of.begin());
    if (!taken[best]) right += of[best];
    taken[best] = true;
  }
  return right / 200.0;
}

double trained_agreement(const Settings& settings) {
  JobFolder folder(settings);
  folder.add_channel(kCsvTrain, {{"a.csv", lines(0, 1000)}});
  run(folder);
  return agreement(model_of(folder));
}

TEST(Training, FindsTheSubjectsAndTheirWords) {
  JobFolder folder(kSettings);
  folder.add_channel(kCsvTrain, {{"a.csv", lines(0, 1000)}});
  run(folder);
  const TopicModel model = model_of(folder);
  EXPECT_GT(agreement(model), 0.95);
  for (const Topic& topic : top_words(model.projection, kSubjects, 5)) {
    for (const std::int64_t word : topic)
      EXPECT_EQ(word / kWordsOfSubject, topic[0] / kWordsOfSubject);
  }
}

TEST(Training, TheDefaultsFindThemToo) {
  Settings settings = with(kSettings, {{"epochs", "50"}, {"mini_batch_size", "25"}});
  settings.erase("optimizer");
  EXPECT_GT(trained_agreement(settings), 0.95);
}

TEST(Training, EveryActivationAndBatchNormFindThem) {
  for (const char* activation : {"sigmoid", "tanh", "relu"}) {
    for (const char* norm : {"false", "true"}) {
      EXPECT_GT(trained_agreement(with(kSettings, {{"encoder_layers_activation", activation},
                                                   {"batch_norm", norm},
                                                   {"encoder_layers", "16"}})),
                0.9)
          << activation << ", batch_norm " << norm;
    }
  }
}

TEST(Training, APartOfTheDocumentsIsEnough) {
  EXPECT_GT(trained_agreement(with(kSettings, {{"sub_sample", "0.5"}, {"epochs", "40"}})), 0.95);
}

TEST(Training, FilesAndFifosGiveTheSameModel) {
  const std::string text = lines(0, 300), held = lines(300, 400);
  const Settings settings = with(kSettings, {{"epochs", "3"}});
  JobFolder files(settings), pipes(settings);
  const std::size_t cut = text.find('\n', 5000) + 1;
  files.add_channel(kCsvTrain, {{"a.csv", text.substr(0, cut)}, {"b.csv", text.substr(cut)}});
  files.add_channel({.name = "validation", .content_type = "text/csv"}, {{"a.csv", held}});
  for (const char* name : {"train", "validation"})
    pipes.add_channel({.name = name, .input_mode = "Pipe", .content_type = "text/csv"}, {});
  const ServedFifos train_fifos(pipes.paths(), "train", std::vector<std::string>(3, text));
  const ServedFifos held_fifos(pipes.paths(), "validation", std::vector<std::string>(4, held));
  run(files);
  run(pipes);
  EXPECT_EQ(bytes_of(files), bytes_of(pipes));
}

TEST(Training, DenseAndSparseRecordsGiveTheModelThatCsvGives) {
  const Settings settings = with(kSettings, {{"epochs", "3"}});
  JobFolder csv(settings), dense(settings), sparse(settings);
  csv.add_channel(kCsvTrain, {{"a", lines(0, 300)}});
  dense.add_channel({.name = "train"}, {{"a", protobuf(0, 300, false, kWords)}});
  sparse.add_channel({.name = "train"}, {{"a", protobuf(0, 300, true, kWords)}});
  for (const JobFolder* folder : {&csv, &dense, &sparse}) run(*folder);
  EXPECT_EQ(bytes_of(csv), bytes_of(dense));
  EXPECT_EQ(bytes_of(csv), bytes_of(sparse));
}

TEST(Training, SparseRecordsOfAMillionWordsAreTrainedOn) {
  JobFolder folder(with(
      kSettings,
      {{"feature_dim", "1000000"}, {"num_topics", "2"}, {"encoder_layers", "2"}, {"epochs", "1"}}));
  folder.add_channel({.name = "train"}, {{"a", protobuf(0, 20, true, 1'000'000)}});
  run(folder);
  EXPECT_EQ(model_of(folder).words, 1'000'000);
}

/// Both hosts of a job, in one process.
void run_two(JobFolder& first, JobFolder& second) {
  run_together({&first, &second}, [](const JobFolder& folder) { run(folder); });
}

TEST(TwoHosts, WithHalfTheBatchGiveTheModelOfOne) {
  const Settings half = with(kSettings, {{"epochs", "3"}, {"mini_batch_size", "25"}});
  JobFolder one(with(kSettings, {{"epochs", "3"}})), a(half), b(half);
  const std::string rows = lines(0, 180) + line(std::vector<float>(kWords)) + lines(180, 209);
  for (JobFolder* folder : {&one, &a, &b}) {
    folder->add_channel(kCsvTrain, {{"a.csv", rows}});
    folder->add_channel({.name = "validation", .content_type = "text/csv"},
                        {{"a.csv", lines(500, 560)}});
  }
  run(one);
  run_two(a, b);
  const TopicModel whole = model_of(one), divided = model_of(a);
  for (std::size_t i = 0; i < whole.projection.size(); ++i)
    EXPECT_NEAR(whole.projection[i], divided.projection[i], 2e-3F) << i;
  EXPECT_TRUE(std::filesystem::is_empty(b.paths().model()));
}

TEST(TwoHosts, TrainOnShardsOfUnequalLength) {
  const Settings settings = with(kSettings, {{"mini_batch_size", "25"}});
  JobFolder a(settings), b(settings);
  ChannelConfig shard = kCsvTrain;
  shard.distribution = "ShardedByS3Key";
  a.add_channel(shard, {{"a.csv", lines(0, 700)}});
  b.add_channel(shard, {{"b.csv", lines(700, 1000)}});
  run_two(a, b);
  EXPECT_GT(agreement(model_of(a)), 0.95);
}

TEST(Training, AStopLeavesAModelThatScores) {
  JobFolder folder(with(kSettings, {{"epochs", "100000"}, {"num_patience_epochs", "1000000"}}));
  folder.add_channel(kCsvTrain, {{"a.csv", lines(0, 300)}});
  std::stop_source stop;
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    stop.request_stop();
  });
  run(folder, stop.get_token());
  later.join();
  EXPECT_EQ(model_of(folder).words, kWords);
}

TEST(Training, GoesOnFromACheckpointToTheModelOfAnUnbrokenRun) {
  for (const char* optimizer : {"adam", "adadelta"}) {
    const Settings settings =
        with(kSettings,
             {{"num_patience_epochs", "99"}, {"optimizer", optimizer}, {"batch_norm", "true"}});
    JobFolder unbroken(with(settings, {{"epochs", "5"}})),
        broken(with(settings, {{"epochs", "3"}}));
    for (JobFolder* folder : {&unbroken, &broken}) {
      folder->add_channel(kCsvTrain, {{"a.csv", lines(0, 300)}});
      folder->add_channel({.name = "validation", .content_type = "text/csv"},
                          {{"a.csv", lines(300, 400)}});
    }
    std::filesystem::create_directories(broken.paths().checkpoints());
    run(unbroken);
    run(broken);
    write_file_durably(broken.paths().hyperparameters(),
                       hyperparameters_json(with(settings, {{"epochs", "5"}})));
    const std::string log = logged(broken);
    EXPECT_NE(log.find("Resuming from a checkpoint after epoch 3"), std::string::npos);
    EXPECT_EQ(log.find("# Starting training for epoch 3"), std::string::npos);
    EXPECT_EQ(bytes_of(unbroken), bytes_of(broken));
  }
}

TEST(Training, StopsEarlyAndKeepsTheBestEpoch) {
  JobFolder folder(with(kSettings, {{"epochs", "500"}, {"tolerance", "0.1"}}));
  folder.add_channel(kCsvTrain, {{"a.csv", lines(0, 300)}});
  const std::string log = logged(folder);
  EXPECT_NE(log.find("Bad epoch: loss has not improved (enough). Bad count:4"), std::string::npos);
  EXPECT_NE(log.find("Bad epochs exceeded patience. Stopping training early!"), std::string::npos);
  EXPECT_NE(log.find("Best model based on early stopping at epoch "), std::string::npos);
  EXPECT_EQ(log.find("# Starting training for epoch 100"), std::string::npos);
}

TEST(Training, PublishedPatternsFindTheirFigures) {
  JobFolder folder(with(kSettings, {{"epochs", "2"}}));
  for (const char* name : {"train", "validation", "test"})
    folder.add_channel({.name = name, .content_type = "text/csv"}, {{"a", lines(0, 230)}});
  const std::string log = logged(folder);
  std::vector<std::string> all;
  std::istringstream stream(log);
  for (std::string each; std::getline(stream, each);) {
    if (!each.starts_with("#metrics")) all.push_back(each);
  }
  for (const MetricSpec& metric : algorithm().metrics) {
    regex_t pattern;
    ASSERT_EQ(::regcomp(&pattern, metric.regex.c_str(), REG_EXTENDED), 0) << metric.regex;
    const bool found = std::any_of(all.begin(), all.end(), [&](const std::string& each) {
      regmatch_t match[2];
      if (::regexec(&pattern, each.c_str(), 2, match, 0) != 0) return false;
      const auto begin = static_cast<std::size_t>(match[1].rm_so);
      return parse_double(each.substr(begin, static_cast<std::size_t>(match[1].rm_eo) - begin))
          .has_value();
    });
    ::regfree(&pattern);
    EXPECT_TRUE(found) << metric.name << ": " << metric.regex;
  }
  for (const char* part :
       {"# Starting training for epoch 1",
        "# Finished training epoch 1 on 230 examples from 5 batches, each of size 50.",
        "Metrics for Training:", "Loss (name: value) total: ", "Loss (name: value) kld: ",
        "Loss (name: value) recons: ", "Loss (name: value) logppx: ",
        "Finished scoring on 230 examples from 5 batches, each of size 50.",
        "Metrics for Inference:", "#validation_score (1): ", "Timing: train: ",
        "completed 50 % of epochs", "Topics from epoch:final (num_topics:4) [tu ",
        R"("Algorithm":"AWS/NTM")"})
    EXPECT_NE(log.find(part), std::string::npos) << part;
}

TEST(Training, PrintsTheWordsOfTheVocabularyAndTheirCoherence) {
  JobFolder folder(with(kSettings, {{"epochs", "2"}}));
  folder.add_channel(kCsvTrain, {{"a.csv", lines(0, 100)}});
  std::string words, vectors;
  for (std::int64_t word = 0; word < kWords; ++word) {
    words += "word-" + std::to_string(word) + "\n";
    vectors += "word-" + std::to_string(word) + " 1 0.5\n";
  }
  folder.add_channel({.name = "auxiliary", .content_type = "text/plain"},
                     {{"vocab.txt", words}, {"embeddings.txt", vectors}});
  const std::string log = logged(folder);
  EXPECT_NE(log.find("(num_topics:4) [wetc 1, tu "), std::string::npos) << log;
  EXPECT_NE(log.find("] word-"), std::string::npos);
}

TEST(Training, DocumentsWithoutWordsContributeNothingAndAreCounted) {
  const Settings settings = with(kSettings, {{"epochs", "2"}, {"mini_batch_size", "150"}});
  JobFolder plain(settings), padded(settings);
  const std::string empty = line(std::vector<float>(kWords));
  plain.add_channel(kCsvTrain, {{"a.csv", lines(0, 100)}});
  padded.add_channel(kCsvTrain, {{"a.csv", lines(0, 100) + empty + empty}});
  run(plain);
  EXPECT_NE(logged(padded).find("channel 'train': 2 examples have no words"), std::string::npos);
  EXPECT_EQ(bytes_of(plain), bytes_of(padded));
}

/// What the job is refused with, "accepted" when it is not.
std::string refusal(const Settings& settings, const Files& train_files,
                    const std::string& held = {}) {
  JobFolder folder(settings);
  folder.add_channel(kCsvTrain, train_files);
  if (!held.empty())
    folder.add_channel({.name = "test", .content_type = "text/csv"}, {{"t.csv", held}});
  try {
    run(folder);
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer) << error.what();
    return error.what();
  }
  return "accepted";
}

void contains(const std::string& text, std::initializer_list<const char*> parts) {
  for (const char* part : parts) EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST(Training, RefusesWhatItCannotTrainOnAndSaysWhere) {
  const Settings three{{"feature_dim", "3"}, {"num_topics", "2"}, {"epochs", "2"}};
  const std::string good = "1,0,2\n0,3,1\n2,2,0\n";
  contains(refusal(three, {{"a.csv", good}, {"b.csv", "1,1,1\n\n1,-2,1\n"}}),
           {"channel 'train', b.csv, line 3, column 2: got \"-2\"", "word count"});
  contains(refusal(three, {{"a.csv", good + "1,x,2\n"}}),
           {"channel 'train', a.csv, line 4, column 2: got \"x\""});
  contains(refusal(three, {{"a.csv", good + "1,,2\n"}}), {"a.csv, line 4, column 2"});
  contains(refusal(three, {{"a.csv", good + "1,2\n"}}), {"a.csv, line 4", "2 columns"});
  contains(refusal(three, {{"a.csv", good + "1,nan,2\n"}}), {"a.csv, line 4, column 2"});
  contains(refusal(three, {{"a.csv", good + "1,inf,2\n"}}), {"a.csv, line 4, column 2"});
  contains(refusal(three, {{"a.csv", ""}}), {"channel 'train': got \"no rows\""});
  contains(refusal(three, {}), {"channel 'train': got \"no files\""});
  contains(refusal(three, {{"a.csv", "0,0,0\n0,0,0\n"}}), {"documents without words only"});
  contains(refusal(with(three, {{"sub_sample", "0"}}), {{"a.csv", good}}), {"sub_sample"});
  contains(refusal(with(three, {{"feature_dim", "4"}}), {{"a.csv", good}}),
           {"hyperparameter 'feature_dim': got \"4\", expected 3"});
  contains(refusal(three, {{"a.csv", good}}, "1,2\n"),
           {"channel 'test': got \"2 features", "expected 3, as channel 'train' has"});
  contains(refusal(three, {{"a.csv", good}}, "1,2,-1\n"),
           {"channel 'test', t.csv, line 1, column 3"});
  contains(refusal(with(three, {{"optimizer", "sgd"}, {"learning_rate", "1"}, {"epochs", "40"}}),
                   {{"a.csv", "100000000000000000000,0,1\n1,100000000000000000000,0\n"}}),
           {"loss that is not finite", "Lower learning_rate"});
}

TEST(Training, RefusesRecordsThatAreNoDocuments) {
  const auto refused = [](const Row& bad) {
    StringSink sink;
    RecordIoProtobufWriter writer(sink);
    writer.write({.sparse = true, .columns = 9, .indices = {1}, .values = {1}});
    writer.write(bad);
    JobFolder folder({{"feature_dim", "9"}, {"num_topics", "2"}, {"epochs", "1"}});
    folder.add_channel({.name = "train"}, {{"a.pbr", sink.text()}});
    try {
      run(folder);
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::Customer);
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  contains(refused({.sparse = true, .columns = 9, .indices = {9}, .values = {1}}),
           {"channel 'train', a.pbr, record 1"});
  contains(refused({.sparse = true, .columns = 9, .indices = {2, 2}, .values = {1, 1}}), {"twice"});
  contains(refused({.sparse = true, .columns = 9, .indices = {2}, .values = {-1}}),
           {"channel 'train', a.pbr, record 1, feature 2: got \"-1\""});
  contains(refused({.columns = 9, .values = {0, 0, 0, 0, NAN, 0, 0, 0, 0}}), {"a.pbr, record 1"});
  contains(refused({.sparse = true, .columns = 8, .indices = {2}, .values = {1}}),
           {"a.pbr, record 1"});
}

TEST(Training, OneRowMoreTopicsThanRowsAndConstantsAreTrainedOn) {
  const Settings three{{"feature_dim", "3"}, {"num_topics", "20"}, {"epochs", "2"}};
  EXPECT_EQ(refusal(three, {{"a.csv", "1,0,2\n"}}), "accepted");
  EXPECT_EQ(refusal(three, {{"a.csv", "5,5,5\n5,5,5\n"}}), "accepted");
  EXPECT_EQ(refusal(with(three, {{"batch_norm", "true"}}), {{"a.csv", "5,5,5\n"}}), "accepted");
  EXPECT_EQ(
      refusal({{"feature_dim", "1"}, {"num_topics", "2"}, {"epochs", "2"}}, {{"a.csv", "3\n"}}),
      "accepted");
}

}  // namespace
}  // namespace millrace::ntm
